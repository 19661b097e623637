//! What changed between two plans of one opportunity, and the rule that changed it.
//!
//! Compares outlines, which are what is worth keeping of a plan: small, and readable by every later
//! version. **Must never** report what time alone brings; a window that opens is no change.

use super::item::{Item, ItemKind, Plan, Verdict};
use super::reason::{Reason, Value};
use crate::clock::Instant;
use crate::entities::field::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is kept of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Its items by action key.
    pub items: BTreeMap<String, OutlineItem>,
}

/// What is kept of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineItem {
    /// The follow-up record that belongs to it.
    pub follow_up_id: String,
    /// What.
    pub kind: ItemKind,
    /// First tactful moment.
    pub earliest: Instant,
    /// Best moment.
    pub ideal: Instant,
    /// Last timely moment.
    pub latest: Instant,
    /// Whether something else had to happen first.
    pub blocked: bool,
    /// The rules that made it so.
    pub rules: Vec<String>,
}

words! {
    /// How an item changed.
    ChangeKind {
        /// It was not in the plan before.
        Added = "added",
        /// It is not in the plan any more.
        Removed = "removed",
        /// Its window lies elsewhere.
        Moved = "moved",
        /// It has to wait for something else now.
        Blocked = "blocked",
        /// It need not wait any more.
        Unblocked = "unblocked",
    }
}

/// One change of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// How.
    pub change: ChangeKind,
    /// The follow-up record that belongs to the item.
    pub follow_up_id: String,
    /// What.
    pub kind: ItemKind,
    /// Its best moment before.
    pub before: Option<Instant>,
    /// Its best moment now.
    pub after: Option<Instant>,
    /// The rule that changed it: the first that was not at work before, else the one that decides
    /// now. `None` for what left the plan.
    pub because: Option<Reason>,
}

impl PlanChange {
    /// The change as a rule with its values.
    #[must_use]
    pub fn reason(&self, office: &crate::calendar::BusinessOffice) -> Reason {
        let what = Value::Act(self.kind);
        let rule = match self.change {
            ChangeKind::Added => "CH-ADDED",
            ChangeKind::Removed => "CH-REMOVED",
            ChangeKind::Moved => "CH-MOVED",
            ChangeKind::Blocked => "CH-BLOCKED",
            ChangeKind::Unblocked => "CH-UNBLOCKED",
        };
        let reason = Reason::new(rule).with("what", what);
        match self.after {
            Some(at) => reason.with("when", Value::Moment(office.civil(at))),
            None => reason,
        }
    }
}

/// The outline of `plan`.
#[must_use]
pub fn outline(plan: &Plan) -> Outline {
    let items = plan.items.iter().map(|item| (item.action_key(), of_item(item)));
    Outline { items: items.collect() }
}

fn of_item(item: &Item) -> OutlineItem {
    OutlineItem {
        follow_up_id: item.follow_up_id(),
        kind: item.kind,
        earliest: item.earliest,
        ideal: item.ideal,
        latest: item.latest,
        blocked: item.verdict == Verdict::Blocked,
        rules: item.reasons.iter().map(|reason| reason.rule.to_owned()).collect(),
    }
}

/// What is different in `after`: in the order of its items, then what left, by key.
///
/// `after` should be planned for the moment of the change. An item that left only because its time was
/// over at that moment is not reported.
#[must_use]
pub fn diff(before: &Outline, after: &Plan) -> Vec<PlanChange> {
    let mut left = before.items.clone();
    let mut changes: Vec<PlanChange> = Vec::new();
    for item in &after.items {
        let action_key = item.action_key();
        let known = left.remove(&action_key);
        let Some(change) = change(known.as_ref(), item) else { continue };
        changes.push(PlanChange {
            change,
            follow_up_id: item.follow_up_id(),
            kind: item.kind,
            before: known.as_ref().map(|known| known.ideal),
            after: Some(item.ideal),
            because: because(known.as_ref(), item),
        });
    }
    let gone = left.into_iter().filter(|(_, item)| item.latest >= after.now);
    changes.extend(gone.map(|(_, item)| PlanChange {
        change: ChangeKind::Removed,
        follow_up_id: item.follow_up_id,
        kind: item.kind,
        before: Some(item.ideal),
        after: None,
        because: None,
    }));
    changes
}

fn change(known: Option<&OutlineItem>, item: &Item) -> Option<ChangeKind> {
    let Some(known) = known else { return Some(ChangeKind::Added) };
    let blocked = item.verdict == Verdict::Blocked;
    let same_window =
        (known.earliest, known.ideal, known.latest) == (item.earliest, item.ideal, item.latest);
    // Letting go has no window: its moment is always now.
    let moves = !same_window && item.verdict != Verdict::LetItGo;
    match (known.blocked, blocked) {
        (false, true) => Some(ChangeKind::Blocked),
        (true, false) => Some(ChangeKind::Unblocked),
        (true, true) => None,
        (false, false) => moves.then_some(ChangeKind::Moved),
    }
}

/// Rules about what a message says; they never move it.
const MOVE_NOTHING: &[&str] = &[
    "E3-AMBIGUOUS",
    "F5-LAST-CALL",
    "T10-LATE-THANKS",
    "T7-UNIQUE-EACH",
    "T8-LIMBO-ASK",
    "V2-CARRY",
];

fn because(known: Option<&OutlineItem>, item: &Item) -> Option<Reason> {
    let is_new = |reason: &&Reason| {
        !MOVE_NOTHING.contains(&reason.rule)
            && known.is_none_or(|known| !known.rules.iter().any(|rule| rule == reason.rule))
    };
    let deciding = if item.verdict == Verdict::Blocked {
        item.reasons.last()
    } else {
        item.reasons.iter().find(is_new).or(item.reasons.first())
    };
    deciding.cloned()
}
