//! The registry of rules: every reason that a plan can give, with its sentence in English, what it
//! does, why, with which numbers, and what is known about it from elsewhere.
//!
//! A plan names rules and their parameters; the words live here alone, so that they can be read,
//! tested and translated in one place. One file per family; the evidence, which several rules
//! share, has files of its own.
//!
//! **Must never** lose an id: clients link to them. **Must never** quote evidence as more than it
//! is: its kind, grade and dissent stand beside it, and [`LIMITS`] beside all of it.

mod agency;
mod alternatives;
mod blocks;
mod capture;
mod changes;
mod commitments;
mod custom;
mod decision;
mod evidence;
mod exceptions;
mod expectations;
mod follow_up;
mod headline;
mod offers;
mod parameter;
mod routing;
mod statutory;
mod tact;
mod thank_you;
mod value;

pub use evidence::{Evidence, EvidenceKind, Grade};
pub use parameter::Parameter;

use std::sync::LazyLock;

/// What all of the evidence has in common and must be said wherever it is shown.
pub const LIMITS: &str = "What is known about timing is the opinion of experienced people, not the \
    result of experiments. The surveys are mostly from the United States and from 2005 to 2018.";

/// One rule of the advice.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, stable for ever, such as `F1-PROMISE`.
    pub id: &'static str,
    /// The group that it belongs to, such as `follow_up`.
    pub family: &'static str,
    /// A few words that name it.
    pub title: &'static str,
    /// Its sentence; `{name}` stands for a parameter of the reason.
    pub template: &'static str,
    /// What it does, in plain words.
    pub about: &'static str,
    /// Why it does so, in plain words.
    pub why: &'static str,
    /// In groups that belong together.
    numbers: &'static [&'static [Parameter]],
    /// In groups that speak about the same thing.
    sources: &'static [&'static [Evidence]],
}

impl Rule {
    /// The numbers of the policy that it reads; none where it reads none.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        self.numbers.iter().copied().flatten()
    }

    /// What is known about it from elsewhere, dissent included; nothing where it rests on common
    /// sense or on a decision of this project.
    pub fn evidence(&self) -> impl Iterator<Item = &'static Evidence> {
        self.sources.iter().copied().flatten()
    }
}

/// Rules that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its name, such as `follow_up`.
    pub name: &'static str,
    /// Its rules, in the order in which they are told.
    pub rules: &'static [Rule],
}

/// Every family, from the interview itself to what is said about a plan.
pub const FAMILIES: &[Family] = &[
    Family { name: "capture", rules: capture::RULES },
    Family { name: "expectations", rules: expectations::RULES },
    Family { name: "thank_you", rules: thank_you::RULES },
    Family { name: "commitments", rules: commitments::RULES },
    Family { name: "follow_up", rules: follow_up::RULES },
    Family { name: "value", rules: value::RULES },
    Family { name: "routing", rules: routing::RULES },
    Family { name: "blocks", rules: blocks::RULES },
    Family { name: "agency", rules: agency::RULES },
    Family { name: "offers", rules: offers::RULES },
    Family { name: "decision", rules: decision::RULES },
    Family { name: "exceptions", rules: exceptions::RULES },
    Family { name: "statutory", rules: statutory::RULES },
    Family { name: "custom", rules: custom::RULES },
    Family { name: "headline", rules: headline::RULES },
    Family { name: "tact", rules: tact::RULES },
    Family { name: "alternatives", rules: alternatives::RULES },
    Family { name: "changes", rules: changes::RULES },
];

/// Every rule by its id, so that finding one, which happens for every reason that is put into
/// words, takes a few comparisons.
static BY_ID: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules: Vec<&'static Rule> = all().collect();
    rules.sort_unstable_by_key(|rule| rule.id);
    rules
});

/// Every rule, family by family.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.rules)
}

/// The rule called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    let place = BY_ID.binary_search_by_key(&id, |rule| rule.id).ok()?;
    BY_ID.get(place).copied()
}

#[cfg(test)]
mod tests;
