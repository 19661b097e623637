//! Why something is in a plan: the name of a rule and the values that it applied to.
//!
//! **Must never** hold words; the sentences are in the registry of [rules](super::rules).

use super::rules;
use std::collections::BTreeMap;

/// Why something is in the plan as it is: a rule and the values that it applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule's id.
    pub rule: &'static str,
    /// Values for the sentence, ready to be read by people.
    pub params: BTreeMap<&'static str, String>,
}

impl Reason {
    /// The rule `rule` without parameters.
    #[must_use]
    pub const fn new(rule: &'static str) -> Self {
        Self { rule, params: BTreeMap::new() }
    }

    /// The same reason with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.insert(name, value.into());
        self
    }

    /// The reason as an English sentence. A parameter that is missing leaves its name standing.
    #[must_use]
    pub fn text(&self) -> String {
        let template = rules::find(self.rule).map_or(self.rule, |rule| rule.template);
        let mut text = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(self.params.get(name).map_or(name, String::as_str));
            rest = after;
        }
        text.push_str(rest);
        text
    }
}
