//! The planner: from the facts of one opportunity to what to do, when, and why.
//!
//! A pure function. The same facts, moment, policy and calendar data give the same plan on every
//! device, in whatever order the facts arrive. A plan is derived whenever it is asked for and
//! never stored as truth.
//!
//! Two clocks: the *windows* of an item live in the employer's office, its *reminder* lives in
//! the candidate's zone and quiet hours.
//!
//! The way through: [`Snapshot`] → facts (sorted, merged, counted once) → drafts, one file per
//! family of rules → items with verdict → reminders → tact → order.
//! **Must never** fail for want of data: what is not known has a rule of its own.

mod added_value;
mod agency;
mod alternatives;
mod blocks;
mod capture;
mod changes;
mod check;
mod commitments;
mod custom;
mod decision;
mod diff;
mod draft;
mod exceptions;
mod expectation;
mod facts;
mod follow_up;
mod follow_up_window;
mod headline;
mod item;
mod kept;
mod manager;
mod occurrences;
mod offers;
mod order;
mod outbound;
mod outcome;
mod people;
mod policy;
mod post;
mod reason;
mod reminders;
mod routing;
pub mod rules;
mod say;
mod snapshot;
mod state;
mod statutory;
mod tact;
mod thank_you;
mod withdrawal;

pub use check::{Proposal, TactCheck, tact_check};
pub use diff::{ChangeKind, Outline, OutlineItem, PlanChange, diff, outline};
pub use item::{Alternative, Ball, Item, ItemChannel, ItemKind, Plan, Route, Verdict, Waiting};
pub use manager::{ManagerView, Received};
pub use occurrences::{Reminder, reminders};
pub use order::compare;
pub use policy::{Cadence, Offsets, Policy};
pub use reason::{Reason, Value};
pub use reminders::waits_until;
pub use snapshot::Snapshot;
pub use state::OpportunityState;
pub use tact::{TactBand, TactPoint};

use crate::calendar::holidays;
use crate::clock::Instant;
use draft::Drafts;
use facts::Facts;
use std::collections::BTreeSet;

/// The families of rules. Their order means nothing: the plan is sorted at the end.
const FAMILIES: &[fn(&Facts<'_>, &mut Drafts)] = &[
    capture::propose,
    thank_you::propose,
    commitments::propose,
    exceptions::propose,
    decision::propose,
    agency::propose,
    statutory::propose,
    offers::propose,
    follow_up::propose,
];

/// What is left when the candidate is not interested any more.
const WITHDRAWN: &[fn(&Facts<'_>, &mut Drafts)] = &[withdrawal::propose, decision::propose];

/// What to do about the opportunity of `snapshot`, as of `now`. Pure and total; the order of the
/// lists in `snapshot` changes nothing. A closed opportunity has no items.
///
/// An item that the candidate skipped is left out as long as it keeps its
/// [action key](Item::action_key).
#[must_use]
pub fn plan(snapshot: &Snapshot, policy: &Policy, now: Instant) -> Plan {
    let facts = Facts::new(snapshot, policy, now);
    let mut drafts = Drafts::default();
    let mut items = Vec::new();
    if facts.closed().is_none() {
        let withdrawn = facts.withdrawn_at().is_some();
        for propose in if withdrawn { WITHDRAWN } else { FAMILIES } {
            propose(&facts, &mut drafts);
        }
        items = finish(&facts, std::mem::take(&mut drafts.items));
    }
    Plan {
        opportunity_id: snapshot.opportunity.id.clone(),
        now,
        policy_version: policy.version,
        calendar_version: holidays::VERSION,
        state: state::of(&facts),
        waiting: headline::waiting(&facts, &items),
        ball: headline::ball(&facts, &items),
        headline: headline::headline(&facts, &items),
        next_change_at: changes::next(&facts, &items, &drafts.changes),
        promises: kept::states(&facts),
        items,
    }
}

/// Makes items of the drafts: routed, reminded, scored and in order.
fn finish(facts: &Facts<'_>, drafts: Vec<draft::Draft>) -> Vec<Item> {
    let routed = drafts.into_iter().map(|draft| routing::without_forbidden_calls(facts, draft));
    let mut items: Vec<Item> = routed.map(|draft| draft.finish(facts)).collect();
    items.extend(custom::items(facts));
    items.retain(|item| !facts.is_skipped(&item.action_key()));
    for item in &mut items {
        if facts.office.assumed_zone() {
            item.flags.insert("assumed_tz".to_owned());
        }
        if facts.office.unknown_calendar() {
            item.flags.insert("no_holidays".to_owned());
        }
        reminders::set(facts, item);
        routing::address(facts, item);
        alternatives::add(facts, item);
        item.tact_now = tact::score(facts, item, facts.now);
        item.tact_at_do = tact::score(facts, item, item.do_at.unwrap_or(item.ideal));
    }
    items.sort_by(order::compare);
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(item.key.clone()));
    routing::bundle(facts, &mut items);
    items
}
