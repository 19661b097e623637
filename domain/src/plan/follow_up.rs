//! Asking where things stand: one message at a time, at a growing distance, and an end to it.

use super::added_value::Showing;
use super::draft::{Draft, Drafts, Times};
use super::facts::Facts;
use super::follow_up_window::{Window, window};
use super::item::{ItemKind, Verdict};
use super::policy::Offsets;
use super::reason::Reason;
use super::{added_value, blocks, offers, routing, say, thank_you};
use crate::clock::Instant;

/// F1 to F7, G1 and G2, with the added value (V1, V2) that depends on them.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    let Some(last_event) = facts.last_event().filter(|_| facts.is_active()) else { return };
    let unanswered = facts.unanswered();
    let n = unanswered.len() + 1;
    if let Some(last) = unanswered.last()
        && unanswered.len() >= facts.max_unanswered()
    {
        drafts.push(close_out(facts, n, last.at));
        return;
    }
    let window = window(facts, &unanswered, last_event);
    let stale_bd = if n == 1 { facts.policy.stale_first_bd } else { facts.policy.stale_next_bd };
    let stale_from = facts.office.closing(facts.add(window.days.latest, stale_bd));
    drafts.changes_at(stale_from);
    let is_stale = facts.now > stale_from;
    if is_stale && n > 1 {
        drafts.push(let_go(facts, n));
        return;
    }
    let message = message(facts, n, window, is_stale);
    match added_value::propose(facts, n, last_event) {
        Showing::Separate(separate) => drafts.extend([message, *separate]),
        Showing::WithFollowUp => drafts.push(added_value::carry(message)),
        Showing::NotNow => drafts.push(message),
    }
}

/// The message itself, allowed or blocked.
fn message(facts: &Facts<'_>, n: usize, window: Window, is_stale: bool) -> Draft {
    let times = window.days.times(facts);
    let recipient = routing::main_recipient(facts);
    let mut draft = Draft::new(ItemKind::FollowUp, &n.to_string(), recipient, times)
        .by(routing::main_channel(facts))
        .nth(n);
    draft.interview_id = facts.last_held().map(|held| held.id.clone());
    draft.reasons = window.reasons;
    if window.confirm_date {
        draft = draft.flagged("confirm_date");
    }
    draft = with_extras(facts, draft);
    if is_stale {
        draft = draft.because(Reason::new("F7-STALE-SINGLE"));
    }
    if is_stale || n == facts.max_unanswered() {
        draft = draft.because(Reason::new("F5-LAST-CALL")).flagged("last_call");
        if facts.now >= times.earliest {
            draft = draft.judged(Verdict::LastCall);
        }
    }
    match block(facts) {
        Some(reason) => draft.blocked(reason),
        None => draft,
    }
}

/// T10 and the flags about what the message may carry or ask.
fn with_extras(facts: &Facts<'_>, mut draft: Draft) -> Draft {
    if thank_you::lapsed(facts) {
        draft = draft.flagged("include_thanks").because(Reason::new("T10-LATE-THANKS"));
    }
    if added_value::is_available(facts) {
        draft = draft.flagged("supplement_available");
    }
    if facts.promise.is_none() && !facts.sent.iter().any(super::outbound::Sent::asked_timeline) {
        draft = draft.flagged("ask_timeline");
    }
    draft
}

/// Why asking must wait, the strongest reason first.
fn block(facts: &Facts<'_>) -> Option<Reason> {
    if blocks::forbids_status(facts) {
        Some(Reason::new("B1-DNC"))
    } else if !facts.duties.is_empty() {
        Some(Reason::new("C3-BALL-IN-MY-COURT"))
    } else if facts.next_step_is_mine() {
        Some(Reason::new("C3-NEXT-STEP-MINE"))
    } else if facts.next_round_booked {
        Some(Reason::new("N3-NEXT-ROUND-BOOKED"))
    } else if offers::is_telling(facts) {
        Some(Reason::new("O3-MERGED-INTO-NUDGE"))
    } else if facts.on_hold {
        Some(Reason::new("N4-ON-HOLD"))
    } else {
        None
    }
}

/// G1: enough went unanswered; close it for oneself.
fn close_out(facts: &Facts<'_>, n: usize, last: Instant) -> Draft {
    let Offsets { earliest_bd, ideal_bd, latest_bd } = facts.policy.close_out;
    let (office, day, hour) = (&facts.office, facts.day(last), facts.policy.follow_up_time);
    let times = Times {
        earliest: office.at_hour(facts.add(day, earliest_bd), hour),
        ideal: office.at_hour(facts.add(day, ideal_bd), hour),
        latest: office.closing(facts.add(day, latest_bd)),
    };
    let too_soon = facts.now < times.earliest;
    let verdict = if too_soon { Verdict::TooSoon } else { Verdict::LetItGo };
    let count = i64::try_from(n - 1).unwrap_or(i64::MAX);
    let count = say::counted(count, "polite message", "polite messages");
    Draft::private(ItemKind::CloseOut, &n.to_string(), times)
        .nth(n)
        .because(Reason::new("G1-MAX-UNANSWERED").with("count", count))
        .judged(verdict)
}

/// G2: too late for another message.
fn let_go(facts: &Facts<'_>, n: usize) -> Draft {
    Draft::private(ItemKind::CloseOut, &n.to_string(), Times::moment(facts.now))
        .nth(n)
        .because(Reason::new("G2-STALE"))
        .judged(Verdict::LetItGo)
}
