//! What the rules read: the snapshot as of one moment, sorted, merged and counted once.
//!
//! **Must never** decide anything about timing; that is what the rules are for.

use super::expectation::{self, Promise};
use super::outbound::{Sent, occurrence_in, sent};
use super::outcome::{Outcome, outcome};
use super::policy::{Cadence, Policy};
use super::snapshot::Snapshot;
use crate::calendar::BusinessOffice;
use crate::clock::{CivilDate, Instant};
use crate::entities::commitment::CommitmentStatus;
use crate::entities::contact::ContactRole;
use crate::entities::follow_up::{FollowUpKind, FollowUpStatus, OutboundChannel};
use crate::entities::interview::{InterviewStatus, NextStepOwner};
use crate::entities::opportunity::{Closed, ContactPolicy, Interest};
use crate::entities::reply::ReplyKind;
use crate::entities::{Commitment, Contact, FollowUp, Interview, Reply};
use std::collections::{BTreeMap, BTreeSet};

/// The facts of one opportunity as of `now`. Whatever carries a later time is left out.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// Where they come from.
    pub(super) snapshot: &'a Snapshot,
    /// The numbers.
    pub(super) policy: &'a Policy,
    /// The moment.
    pub(super) now: Instant,
    /// The employer's office.
    pub(super) office: BusinessOffice,
    /// All interviews, the earliest first.
    pub(super) interviews: Vec<&'a Interview>,
    /// Those that took place, the earliest first.
    pub(super) held: Vec<&'a Interview>,
    /// Whether another interview is still to come.
    pub(super) next_round_booked: bool,
    /// Whether the hiring is paused, nobody knows until when.
    pub(super) on_hold: bool,
    /// What went out, the earliest first.
    pub(super) sent: Vec<Sent<'a>>,
    /// Who was thanked for which interview, as (interview, contact).
    thanked: BTreeSet<(&'a str, &'a str)>,
    /// What came back, the earliest first.
    pub(super) replies: Vec<&'a Reply>,
    /// When a person last answered.
    pub(super) last_human_reply: Option<Instant>,
    /// Their decision.
    pub(super) outcome: Option<Outcome>,
    /// The promise that counts.
    pub(super) promise: Option<Promise<'a>>,
    /// What the candidate still owes them, the oldest first.
    pub(super) duties: Vec<&'a Commitment>,
    /// When the candidate delivered what was owed.
    pub(super) deliveries: Vec<Instant>,
    /// Stored follow-ups that have not gone out, by action key.
    unsent: BTreeMap<&'a str, &'a FollowUp>,
}

impl<'a> Facts<'a> {
    /// Reads `snapshot` as of `now`.
    pub(super) fn new(snapshot: &'a Snapshot, policy: &'a Policy, now: Instant) -> Self {
        let candidate_zone = snapshot.preferences.time_zone;
        let office = BusinessOffice::new(&snapshot.opportunity.office, candidate_zone);
        let mut interviews: Vec<_> = snapshot.interviews.iter().collect();
        interviews.sort_by_key(|interview| (interview.starts_at, &interview.id));
        let held = interviews.iter().copied().filter(|i| is_held(i, now)).collect::<Vec<_>>();
        let mut replies: Vec<_> = snapshot.replies.iter().filter(|r| r.at <= now).collect();
        replies.sort_by_key(|reply| (reply.at, &reply.id));
        let sent = sent(&snapshot.follow_ups, now);
        let (duties, deliveries) = commitments(&snapshot.commitments, &sent, now);
        let last_held = held.last().copied();
        let promise =
            expectation::active(&office, &snapshot.expectations, &replies, last_held, now);
        Self {
            next_round_booked: interviews.iter().any(|i| is_scheduled(i) && i.starts_at > now),
            on_hold: is_on_hold(&replies, promise.as_ref()),
            last_human_reply: replies.iter().rev().find(|r| r.kind.is_human()).map(|r| r.at),
            outcome: outcome(snapshot, &replies, now),
            unsent: unsent(&snapshot.follow_ups),
            snapshot,
            policy,
            now,
            office,
            interviews,
            held,
            thanked: thanked(&sent),
            sent,
            replies,
            promise,
            duties,
            deliveries,
        }
    }

    /// Whether an agency stands between the candidate and the employer.
    pub(super) const fn via_agency(&self) -> bool {
        self.snapshot.opportunity.via_agency
    }

    /// How often and how soon one may ask here.
    pub(super) const fn cadence(&self) -> &'a Cadence {
        if self.via_agency() { &self.policy.agency } else { &self.policy.direct }
    }

    /// After how many unanswered messages it is time to let go.
    pub(super) fn max_unanswered(&self) -> usize {
        let chosen = self.snapshot.preferences.max_unanswered;
        chosen.and_then(|max| usize::try_from(max).ok()).unwrap_or(self.cadence().max_unanswered)
    }

    /// The interview that took place last.
    pub(super) fn last_held(&self) -> Option<&'a Interview> {
        self.held.last().copied()
    }

    /// Whether an answer is being waited for: something was held and nothing is decided.
    pub(super) fn is_active(&self) -> bool {
        !self.held.is_empty() && self.outcome.is_none()
    }

    /// How the candidate closed it. What was presumed closed is open again once somebody writes.
    pub(super) fn closed(&self) -> Option<Closed> {
        let opportunity = &self.snapshot.opportunity;
        let reopened = |closed_at: Instant| {
            opportunity.closed == Some(Closed::PresumedClosed)
                && self.last_human_reply.is_some_and(|reply| reply > closed_at)
        };
        let holds = |at: Instant| at <= self.now && !reopened(at);
        opportunity.closed.filter(|_| opportunity.closed_at.is_none_or(holds))
    }

    /// Since when the candidate is not interested any more.
    pub(super) fn withdrawn_at(&self) -> Option<Instant> {
        let opportunity = &self.snapshot.opportunity;
        let since = opportunity.withdrawn_at.or_else(|| self.last_event());
        // Every record has the moment; for facts from elsewhere any time ago will do.
        let since = since.unwrap_or(Instant::UNIX_EPOCH);
        (opportunity.interest == Interest::Withdrawn && since <= self.now).then_some(since)
    }

    /// Whether the candidate said to take the next step, and has not taken it: since that interview
    /// nothing was delivered and nobody wrote.
    pub(super) fn next_step_is_mine(&self) -> bool {
        self.last_held().is_some_and(|held| {
            let since = |at: &Instant| *at > held.ends_at;
            held.next_step_owner == NextStepOwner::Me
                && !self.deliveries.iter().any(since)
                && !self.last_human_reply.as_ref().is_some_and(since)
                && !self.sent.iter().any(|sent| {
                    sent.kind() == FollowUpKind::Custom
                        && since(&sent.at)
                        && sent.counts_for_spacing(&self.snapshot.contacts)
                })
        })
    }

    /// Whether they said no.
    pub(super) const fn is_rejected(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Rejected { .. }))
    }

    /// Follow-ups since the last human reply or held interview, the earliest first.
    pub(super) fn unanswered(&self) -> Vec<Sent<'a>> {
        let since = self.counting_since();
        let follow_ups = self.sent.iter().filter(|sent| sent.kind() == FollowUpKind::FollowUp);
        follow_ups.filter(|sent| since.is_none_or(|since| sent.at > since)).copied().collect()
    }

    /// The last event from which waiting is counted when nothing was promised.
    pub(super) fn last_event(&self) -> Option<Instant> {
        let held = self.last_held().map(|held| held.ends_at);
        held.max(self.last_human_reply).max(self.deliveries.iter().copied().max())
    }

    /// When anything last went out to the employer.
    pub(super) fn last_outbound(&self) -> Option<Instant> {
        let contacts = &self.snapshot.contacts;
        let sent = self.sent.iter().filter(|sent| sent.counts_for_spacing(contacts));
        sent.map(|sent| sent.at).chain(self.deliveries.iter().copied()).max()
    }

    /// Whether something of `kind` about the interview `id` went out.
    pub(super) fn sent_about_interview(&self, kind: FollowUpKind, id: &str) -> bool {
        self.sent.iter().any(|sent| sent.kind() == kind && sent.is_about_interview(id))
    }

    /// Whether something of `kind` went out.
    pub(super) fn has_sent(&self, kind: FollowUpKind) -> bool {
        self.sent.iter().any(|sent| sent.kind() == kind)
    }

    /// Whether the candidate wrote to `contact` by `channel` before.
    pub(super) fn has_used(&self, contact: &Contact, channel: OutboundChannel) -> bool {
        self.sent.iter().any(|sent| sent.channel() == Some(channel) && sent.is_to(&contact.id))
    }

    /// Whether something went out under the key of an item, as whichever occurrence.
    pub(super) fn has_sent_key(&self, key: &str) -> bool {
        self.sent.iter().any(|sent| occurrence_in(sent.action_key(), key).is_some())
    }

    /// Which of the acts under `key` the next one is: one more than the last on record, sent or decided
    /// against before the last answer or interview. What was decided then does not bind now that the
    /// counting begins anew.
    pub(super) fn next_occurrence(&self, key: &str) -> usize {
        let sent = self.sent.iter().map(Sent::action_key);
        let since = self.counting_since();
        let skipped = self.snapshot.follow_ups.iter().filter(|record| {
            record.status == FollowUpStatus::Skipped
                && record.kind == FollowUpKind::FollowUp
                && record.skipped_at.is_some_and(|at| since.is_some_and(|since| at <= since))
        });
        let skipped = skipped.map(|record| record.action_key.as_str());
        sent.chain(skipped).filter_map(|known| occurrence_in(known, key)).max().unwrap_or(0) + 1
    }

    /// Whether `contact` was thanked for the interview `id`.
    pub(super) fn is_thanked(&self, id: &str, contact: &str) -> bool {
        self.thanked.contains(&(id, contact))
    }

    /// The answer or interview from which unanswered messages are counted.
    fn counting_since(&self) -> Option<Instant> {
        self.last_held().map(|held| held.ends_at).max(self.last_human_reply)
    }

    /// The stored follow-up of `action_key` that has not gone out.
    pub(super) fn unsent(&self, action_key: &str) -> Option<&'a FollowUp> {
        self.unsent.get(action_key).copied()
    }

    /// Whether the candidate decided against the action.
    pub(super) fn is_skipped(&self, action_key: &str) -> bool {
        self.unsent(action_key).is_some_and(|record| record.status == FollowUpStatus::Skipped)
    }

    /// The contact called `id`, if known.
    pub(super) fn contact(&self, id: &str) -> Option<&'a Contact> {
        self.snapshot.contacts.iter().find(|contact| contact.id == id)
    }

    /// Whether `id` is a recruiter of the agency.
    pub(super) fn is_agency_recruiter(&self, id: &str) -> bool {
        self.contact(id).is_some_and(|contact| contact.role == ContactRole::AgencyRecruiter)
    }

    /// What they asked not to do, as the opportunity says.
    pub(super) const fn contact_policy(&self) -> ContactPolicy {
        self.snapshot.opportunity.contact_policy
    }

    /// When those who are away come back, as announced since a person last answered.
    pub(super) fn returns(&self) -> impl Iterator<Item = CivilDate> {
        let since = self.last_human_reply;
        let absences = self.replies.iter().filter(move |reply| {
            reply.kind == ReplyKind::OutOfOffice && since.is_none_or(|since| reply.at > since)
        });
        absences.filter_map(|reply| reply.returns)
    }

    /// Whether they wrote that they do not want to be contacted.
    pub(super) fn asked_to_stop(&self) -> bool {
        self.replies.iter().any(|reply| reply.kind == ReplyKind::DoNotContact)
    }

    /// The day in the office at `at`.
    pub(super) fn day(&self, at: Instant) -> CivilDate {
        self.office.date_of(at)
    }

    /// The `n`-th business day after `date`.
    pub(super) fn add(&self, date: CivilDate, n: i32) -> CivilDate {
        self.office.add_business_days(date, n)
    }
}

/// Whether the last word is that the hiring is paused, and no date came with it or after it.
fn is_on_hold(replies: &[&Reply], promise: Option<&Promise<'_>>) -> bool {
    // A hold takes the place of every promise before it, so one that counts came with it or later.
    let last = replies.iter().rev().find(|reply| reply.kind.is_human());
    promise.is_none() && last.is_some_and(|last| last.kind == ReplyKind::OnHold)
}

fn thanked<'a>(sent: &[Sent<'a>]) -> BTreeSet<(&'a str, &'a str)> {
    let thanks = sent.iter().filter(|sent| sent.kind() == FollowUpKind::ThankYou);
    let pairs = thanks.flat_map(|sent| {
        let people = [Some(sent.recipient()), sent.to()].into_iter().flatten();
        people.map(|contact| (sent.interview(), contact))
    });
    pairs.collect()
}

fn is_held(interview: &Interview, now: Instant) -> bool {
    interview.status == InterviewStatus::Held && interview.ends_at <= now
}

/// Whether the interview is still planned, or was and nobody has said what became of it.
pub(super) fn is_scheduled(interview: &Interview) -> bool {
    interview.status == InterviewStatus::Scheduled
}

/// What is still owed, the oldest first, and when the rest was delivered. A duty counts as
/// delivered when it is recorded so or when its message went out, whichever came first.
fn commitments<'a>(
    commitments: &'a [Commitment],
    sent: &[Sent<'_>],
    now: Instant,
) -> (Vec<&'a Commitment>, Vec<Instant>) {
    let mut open = Vec::new();
    let mut delivered = Vec::new();
    for commitment in commitments.iter().filter(|c| c.status != CommitmentStatus::Waived) {
        let is_its_message = |sent: &&Sent<'_>| {
            sent.kind() == FollowUpKind::Fulfil && sent.subject() == commitment.id
        };
        let sent_at = sent.iter().find(is_its_message).map(|sent| sent.at);
        let recorded_at = commitment.fulfilled_at.filter(|at| *at <= now);
        match sent_at.into_iter().chain(recorded_at).min() {
            Some(at) => delivered.push(at),
            None if commitment.spoken_at <= now => open.push(commitment),
            None => {}
        }
    }
    open.sort_by_key(|commitment| (commitment.spoken_at, &commitment.id));
    delivered.sort();
    (open, delivered)
}

/// What has not gone out, by action key; of two records one that was skipped counts, then the one
/// put off longest.
fn unsent(follow_ups: &[FollowUp]) -> BTreeMap<&str, &FollowUp> {
    let unsent = follow_ups.iter().filter(|record| record.status != FollowUpStatus::Sent);
    let mut unsent: Vec<_> = unsent.collect();
    unsent.sort_by_key(|one| (one.status, one.snoozed_until, one.due_at, &one.id));
    unsent.into_iter().map(|record| (record.action_key.as_str(), record)).collect()
}
