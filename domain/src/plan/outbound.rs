//! What the candidate sent so far.
//!
//! Several devices may report the same act; it counts once, with its earliest time.

use super::people::is_outsider;
use crate::clock::Instant;
use crate::entities::follow_up::{FollowUpKind, FollowUpStatus, OutboundChannel};
use crate::entities::{Contact, FollowUp};
use std::collections::BTreeMap;

/// One message or call that went out, with its key in parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent<'a> {
    /// When.
    pub(super) at: Instant,
    subject: &'a str,
    recipient: &'a str,
    record: &'a FollowUp,
}

impl<'a> Sent<'a> {
    fn new(at: Instant, record: &'a FollowUp) -> Self {
        let mut parts = record.action_key.split('/');
        let subject = parts.nth(2).unwrap_or_default();
        let last = parts.next_back().unwrap_or(subject);
        let recipient = last.split_once('#').map_or(last, |(recipient, _)| recipient);
        Self { at, subject, recipient, record }
    }

    /// What it was.
    pub(super) const fn kind(&self) -> FollowUpKind {
        self.record.kind
    }

    /// The key under which it is recorded.
    pub(super) fn action_key(&self) -> &'a str {
        &self.record.action_key
    }

    /// By which way it went out.
    pub(super) const fn channel(&self) -> Option<OutboundChannel> {
        self.record.channel
    }

    /// Whether it asked when to expect an answer.
    pub(super) const fn asked_timeline(&self) -> bool {
        self.record.asked_timeline
    }

    /// Whether it carried `what` besides.
    pub(super) fn included(&self, what: &str) -> bool {
        self.record.included.iter().any(|item| item == what)
    }

    /// The interview, commitment, offer or ordinal that it was about: the third part of the key.
    pub(super) const fn subject(&self) -> &'a str {
        self.subject
    }

    /// The recipient in the key, without the mark of a later occurrence.
    pub(super) const fn recipient(&self) -> &'a str {
        self.recipient
    }

    /// The contact to whom it went, as recorded.
    pub(super) fn to(&self) -> Option<&'a str> {
        self.record.to.as_deref()
    }

    /// The interview that it was about, if it was about one.
    pub(super) fn interview(&self) -> &'a str {
        self.record.interview_id.as_deref().unwrap_or(self.subject)
    }

    /// Whether it was about the interview `id`.
    pub(super) fn is_about_interview(&self, id: &str) -> bool {
        self.interview() == id
    }

    /// Whether it went to the contact `id`.
    pub(super) fn is_to(&self, id: &str) -> bool {
        self.recipient == id || self.to() == Some(id)
    }

    /// Whether it counts for the distance between messages. Referees and referrers are not the
    /// employer.
    pub(super) fn counts_for_spacing(&self, contacts: &[Contact]) -> bool {
        match self.kind() {
            FollowUpKind::ThankYou
            | FollowUpKind::FollowUp
            | FollowUpKind::ValueAdd
            | FollowUpKind::Fulfil
            | FollowUpKind::OfferNudge => true,
            FollowUpKind::Custom => {
                self.recipient != "self"
                    && !contacts.iter().any(|known| self.is_to(&known.id) && is_outsider(known))
            }
            _ => false,
        }
    }
}

/// Everything sent up to `now`, the earliest first, each action once.
pub(super) fn sent(follow_ups: &[FollowUp], now: Instant) -> Vec<Sent<'_>> {
    let mut by_key: BTreeMap<&str, Sent<'_>> = BTreeMap::new();
    for record in follow_ups.iter().filter(|record| record.status == FollowUpStatus::Sent) {
        let Some(at) = record.sent_at.filter(|at| *at <= now) else { continue };
        let known = by_key.entry(&record.action_key).or_insert(Sent::new(at, record));
        if (at, &record.id) < (known.at, &known.record.id) {
            *known = Sent::new(at, record);
        }
    }
    let mut all: Vec<_> = by_key.into_values().collect();
    all.sort_by_key(|sent| sent.at);
    all
}

/// Which of the acts under the key `key` of an item `action_key` names, from 1; `None` if it names none
/// of them.
pub(super) fn occurrence_in(action_key: &str, key: &str) -> Option<usize> {
    let rest = action_key.strip_prefix(key)?;
    if rest.is_empty() {
        return Some(1);
    }
    rest.strip_prefix('#').map(|ordinal| ordinal.parse().unwrap_or(1))
}
