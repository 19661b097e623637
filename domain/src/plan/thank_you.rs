//! Thanks: one note to every interviewer who was there.

use super::draft::{Draft, Drafts, Times};
use super::facts::Facts;
use super::item::{ItemChannel, ItemKind, Route};
use super::reason::Reason;
use super::{blocks, post, say};
use crate::calendar::{shift, shift_days};
use crate::clock::Instant;
use crate::entities::Interview;
use crate::entities::contact::ChannelKind;
use crate::entities::follow_up::FollowUpKind;
use crate::entities::interview::{InterviewKind, NextStepOwner};

/// The window for thanks after a conversation, why it lies there, and when it is over.
pub(super) struct ThankWindow {
    pub(super) times: Times,
    expires: Instant,
    reason: Reason,
}

/// T1 to T9 for every interviewer not thanked yet.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    for interview in &facts.held {
        let window = window(facts, interview.ends_at);
        if facts.now > window.expires {
            continue;
        }
        drafts.extend(open_notes(facts, interview).map(|to| note(facts, interview, to, &window)));
    }
}

/// T10: whether somebody was not thanked in time, and no later message made up for it.
pub(super) fn lapsed(facts: &Facts<'_>) -> bool {
    facts.held.iter().any(|interview| {
        facts.now > window(facts, interview.ends_at).expires
            && open_notes(facts, interview).next().is_some()
            && !facts.sent.iter().any(|sent| sent.at > interview.ends_at && sent.included("thanks"))
    })
}

/// T2 to T5: when to thank after a conversation that ended at `end`.
pub(super) fn window(facts: &Facts<'_>, end: Instant) -> ThankWindow {
    let (office, policy, day) = (&facts.office, facts.policy, facts.day(end));
    let tomorrow = facts.add(day, 1);
    let earliest = shift(end, policy.thank_after);
    let (ideal, reason) = ideal(facts, end, earliest);
    let next_morning = office.at_hour(tomorrow, policy.follow_up_time);
    ThankWindow {
        times: Times {
            earliest,
            ideal,
            latest: shift(end, policy.thank_latest_after).max(next_morning),
        },
        expires: office.closing(facts.add(day, policy.thank_expires_bd)),
        reason,
    }
}

fn ideal(facts: &Facts<'_>, end: Instant, earliest: Instant) -> (Instant, Reason) {
    let (office, policy, day) = (&facts.office, facts.policy, facts.day(end));
    let tomorrow = facts.add(day, 1);
    if let Some(promise) = facts.promise.filter(|promise| promise.by <= tomorrow) {
        let reason = Reason::new("T5-DECISION-IMMINENT").with("by", say::day(promise.by));
        return (office.next_send(earliest), reason);
    }
    if office.is_business_day(day) {
        let (opening, closing) = (office.opening(day), office.closing(day));
        let later = shift(end, policy.thank_ideal_after);
        if later < opening {
            return (office.at_hour(day, policy.morning_time), Reason::new("T2-BEFORE-HOURS"));
        }
        if later <= closing {
            return (later, Reason::new("T2-SAME-DAY"));
        }
        let gap = !office.is_business_day(shift_days(day, 1));
        if gap && (opening..=closing).contains(&earliest) {
            return (earliest, Reason::new("T3-BEFORE-THE-GAP"));
        }
    }
    (office.at_hour(tomorrow, policy.morning_time), Reason::new("T4-NEXT-MORNING"))
}

/// Who of the interview is still to be thanked.
fn open_notes<'f>(facts: &'f Facts<'_>, interview: &'f Interview) -> impl Iterator<Item = &'f str> {
    let is_thanked = |contact: &str| facts.is_thanked(&interview.id, contact);
    let is_skipped = |contact: &str| {
        let opportunity = &facts.snapshot.opportunity.id;
        facts.is_skipped(&format!("{opportunity}/thank_you/{}/{contact}", interview.id))
    };
    let nobody = facts.is_rejected() || blocks::forbids_thanks(facts);
    present(interview)
        .filter(move |_| !nobody)
        .filter(|contact| !facts.contact(contact).is_some_and(|known| known.no_thanks))
        .filter(move |contact| !is_thanked(contact) && !is_skipped(contact))
}

/// Who was there. An interview without any attendee recorded had somebody nobody has named yet: one
/// note to the employer, so that advice needs no contact data.
fn present(interview: &Interview) -> impl Iterator<Item = &str> {
    let named = interview.attendees.iter().filter(|who| who.present);
    let unnamed = interview.attendees.is_empty().then_some("employer");
    named.map(|who| who.contact_id.as_str()).chain(unnamed)
}

fn note(facts: &Facts<'_>, interview: &Interview, to: &str, window: &ThankWindow) -> Draft {
    let mut draft = Draft::new(ItemKind::ThankYou, &interview.id, to, window.times)
        .about_interview(&interview.id)
        .because(Reason::new("T1"))
        .because(window.reason.clone());
    draft.expires = Some(window.expires);
    let people = present(interview).count();
    if people > 1 || interview.kind == InterviewKind::Panel {
        let people = i64::try_from(people).unwrap_or(i64::MAX);
        let people = say::counted(people, "person", "people");
        let reason = Reason::new("T7-UNIQUE-EACH").with("people", people);
        draft = draft.because(reason).flagged("unique_text");
    }
    if may_ask_timeline(facts, interview) {
        draft = draft.because(Reason::new("T8-LIMBO-ASK")).flagged("ask_timeline");
    }
    draft = post::choose(facts, interview, draft);
    route(facts, draft)
}

/// T8: nothing with a date was promised after the last interview, and nobody has asked yet.
fn may_ask_timeline(facts: &Facts<'_>, interview: &Interview) -> bool {
    let mut thanks = facts.sent.iter().filter(|sent| sent.kind() == FollowUpKind::ThankYou);
    facts.promise.is_none()
        && interview.next_step_owner != NextStepOwner::Me
        && !facts.next_round_booked
        && facts.last_held().is_some_and(|last| last.id == interview.id)
        && !thanks.any(super::outbound::Sent::asked_timeline)
}

/// R1 and T9: through the recruiter, or through the coordinator for lack of an address.
fn route(facts: &Facts<'_>, draft: Draft) -> Draft {
    if facts.via_agency() && !facts.is_agency_recruiter(&draft.to) {
        let draft = Draft { route: Route::ViaRecruiter, ..draft };
        return draft.flagged("via_recruiter").because(Reason::new("R1"));
    }
    let reachable = post::can_reach(facts, &draft.to, ChannelKind::Email);
    if draft.channel == ItemChannel::Email && !reachable {
        let draft = Draft { route: Route::ViaCoordinator, ..draft };
        return draft.flagged("via_coordinator").because(Reason::new("T9-NO-ADDRESS"));
    }
    draft
}
