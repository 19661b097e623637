//! Why something is in a plan: the name of a rule and the values that it applied to.
//!
//! Values stay values until somebody reads them: a plan is made far more often than it is read.
//!
//! **Must never** hold sentences; those are in the registry of [rules](super::rules).

use super::item::ItemKind;
use super::rules;
use crate::clock::CivilDate;
use crate::text::{act_of, counted, day, moment_of};
use chrono::NaiveDateTime;

/// What a rule applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A day in the office.
    Day(CivilDate),
    /// A moment as a clock in the office shows it.
    Moment(NaiveDateTime),
    /// The same, far enough ahead that its year should be said.
    FarMoment(NaiveDateTime),
    /// A number of business days.
    BusinessDays(i32),
    /// A number of something, with its singular and plural.
    Count(i64, &'static str, &'static str),
    /// A number as it is.
    Number(i64),
    /// A kind of item, as something to do.
    Act(ItemKind),
    /// A fixed phrase.
    Phrase(&'static str),
    /// Words of the candidate's own, such as a name.
    Words(String),
}

impl Value {
    /// The value in English.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Day(date) => day(*date),
            Self::Moment(civil) => moment_of(*civil),
            Self::FarMoment(civil) => civil.format("%A %-d %B %Y at %H:%M").to_string(),
            Self::BusinessDays(n) => counted(i64::from(*n), "business day", "business days"),
            Self::Count(n, one, many) => counted(*n, one, many),
            Self::Number(n) => n.to_string(),
            Self::Act(kind) => act_of(*kind).to_owned(),
            Self::Phrase(phrase) => (*phrase).to_owned(),
            Self::Words(words) => words.clone(),
        }
    }
}

impl From<CivilDate> for Value {
    fn from(date: CivilDate) -> Self {
        Self::Day(date)
    }
}

impl From<&'static str> for Value {
    fn from(phrase: &'static str) -> Self {
        Self::Phrase(phrase)
    }
}

/// Why something is in the plan as it is: a rule and the values that it applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule's id.
    pub rule: &'static str,
    /// The values by the names that stand in the rule's sentence.
    pub params: Vec<(&'static str, Value)>,
}

impl Reason {
    /// The rule `rule` without parameters.
    #[must_use]
    pub const fn new(rule: &'static str) -> Self {
        Self { rule, params: Vec::new() }
    }

    /// The same reason with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    /// The value called `name`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Value> {
        self.params.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
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
            let value = self.param(name).map_or_else(|| name.to_owned(), Value::text);
            text.push_str(&if text.is_empty() { capitalised(&value) } else { value });
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

/// `words` as a sentence begins: "two messages" becomes "Two messages".
fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
