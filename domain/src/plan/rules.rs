//! The registry of rules: every reason that a plan can give, with its sentence in English.
//!
//! A plan names rules and their parameters; the words live here alone, so that they can be read,
//! tested and translated in one place. **Must never** lose an id: clients link to them.

mod table;

use std::collections::BTreeMap;

/// One rule of the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, stable for ever, such as `F1-PROMISE`.
    pub id: &'static str,
    /// The group that it belongs to, such as `follow_up`.
    pub family: &'static str,
    /// Its sentence; `{name}` stands for a parameter of the reason.
    pub template: &'static str,
}

/// Every rule, in the order of the families.
#[must_use]
pub const fn all() -> &'static [Rule] {
    table::RULES
}

/// The rule called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    table::RULES.iter().find(|rule| rule.id == id)
}

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
        let template = find(self.rule).map_or(self.rule, |rule| rule.template);
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

#[cfg(test)]
mod tests;
