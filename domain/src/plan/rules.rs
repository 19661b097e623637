//! The registry of rules: every reason that a plan can give, with its sentence in English.
//!
//! A plan names rules and their parameters; the words live here alone, so that they can be read,
//! tested and translated in one place. **Must never** lose an id: clients link to them.

mod table;

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

#[cfg(test)]
mod tests;
