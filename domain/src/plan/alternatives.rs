//! What could be done instead: the other reading of ambiguous words.
//!
//! Other people and other ways come from [routing](super::routing).
//!
//! **Must never** change the item itself.

use super::facts::Facts;
use super::follow_up_window::after_promise;
use super::item::{Alternative, Item, ItemKind};
use super::reason::Reason;
use super::say;

/// A1: when a follow-up rests on words with a second reading, its best moment by that one.
pub(super) fn add(facts: &Facts<'_>, item: &mut Item) {
    let rests_on_words =
        item.kind == ItemKind::FollowUp && item.reasons.iter().any(|r| r.rule == "E3-AMBIGUOUS");
    let promise = facts.promise.filter(|_| rests_on_words);
    let Some(mut promise) = promise else { return };
    let Some(other) = promise.alternative else { return };
    promise.by = other;
    promise.from = promise.from.min(other);
    let ideal = after_promise(facts, &promise).days.times(facts).ideal;
    item.alternatives.push(Alternative {
        reason: Reason::new("A1-OTHER-READING")
            .with("alternative", say::day(other))
            .with("when", say::moment(&facts.office, ideal)),
        contact_id: None,
        channel: None,
        do_at: Some(ideal.max(facts.now)),
    });
}
