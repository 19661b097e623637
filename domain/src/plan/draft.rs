//! An item while the rules are still at work on it, and how it becomes part of the plan.

use super::facts::Facts;
use super::item::{Item, ItemChannel, ItemKind, Route, Verdict};
use super::reason::Reason;
use crate::clock::Instant;
use std::collections::BTreeSet;

/// The recipient of what concerns the candidate alone.
pub(super) const SELF: &str = "self";
/// Whoever speaks for the employer.
pub(super) const EMPLOYER: &str = "employer";
/// The agency's recruiter.
pub(super) const RECRUITER: &str = "recruiter";
/// Whoever arranged an interview, when not known by name.
pub(super) const SCHEDULER: &str = "scheduler";

/// What the rules propose, and when they would propose something else although nothing happened.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) items: Vec<Draft>,
    pub(super) changes: Vec<Instant>,
}

impl Drafts {
    pub(super) fn push(&mut self, draft: Draft) {
        self.items.push(draft);
    }

    pub(super) fn extend(&mut self, drafts: impl IntoIterator<Item = Draft>) {
        self.items.extend(drafts);
    }

    /// Notes a moment at or right after which the proposals change, besides those in the items.
    pub(super) fn changes_at(&mut self, at: Instant) {
        self.changes.push(at);
    }
}

/// First tactful, best and last timely moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) earliest: Instant,
    pub(super) ideal: Instant,
    pub(super) latest: Instant,
}

/// An item in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) kind: ItemKind,
    /// The ordinal, interview, commitment or offer in the key.
    pub(super) subject: String,
    pub(super) to: String,
    pub(super) channel: ItemChannel,
    pub(super) route: Route,
    pub(super) interview_id: Option<String>,
    pub(super) n: Option<i64>,
    pub(super) times: Times,
    pub(super) expires: Option<Instant>,
    /// What exactly, in the candidate's words.
    pub(super) title: Option<String>,
    /// A verdict that does not follow from the times.
    pub(super) verdict: Option<Verdict>,
    /// Whether it may be done outside the office's hours.
    pub(super) any_hour: bool,
    pub(super) reasons: Vec<Reason>,
    pub(super) flags: BTreeSet<String>,
}

impl Draft {
    /// A direct e-mail of `kind` about `subject` to `to`.
    pub(super) fn new(kind: ItemKind, subject: &str, to: &str, times: Times) -> Self {
        Self {
            kind,
            subject: subject.to_owned(),
            to: to.to_owned(),
            channel: ItemChannel::Email,
            route: if to == RECRUITER { Route::ViaRecruiter } else { Route::Direct },
            interview_id: None,
            n: None,
            times,
            expires: None,
            title: None,
            verdict: None,
            any_hour: false,
            reasons: Vec::new(),
            flags: BTreeSet::new(),
        }
    }

    /// Something for the candidate alone, at any hour.
    pub(super) fn private(kind: ItemKind, subject: &str, times: Times) -> Self {
        let draft = Self::new(kind, subject, SELF, times);
        draft.by(ItemChannel::None).at_any_hour()
    }

    pub(super) fn by(self, channel: ItemChannel) -> Self {
        Self { channel, ..self }
    }

    pub(super) fn at_any_hour(self) -> Self {
        Self { any_hour: true, ..self }
    }

    pub(super) fn about_interview(self, id: &str) -> Self {
        Self { interview_id: Some(id.to_owned()), ..self }
    }

    pub(super) fn nth(self, n: usize) -> Self {
        Self { n: i64::try_from(n).ok(), ..self }
    }

    pub(super) fn because(mut self, reason: Reason) -> Self {
        self.reasons.push(reason);
        self
    }

    pub(super) fn flagged(mut self, flag: impl Into<String>) -> Self {
        self.flags.insert(flag.into());
        self
    }

    pub(super) fn judged(self, verdict: Verdict) -> Self {
        Self { verdict: Some(verdict), ..self }
    }

    pub(super) fn blocked(self, reason: Reason) -> Self {
        self.because(reason).judged(Verdict::Blocked)
    }

    /// The key of the finished item.
    pub(super) fn key(&self, facts: &Facts<'_>) -> String {
        let opportunity = &facts.snapshot.opportunity.id;
        format!("{opportunity}/{}/{}/{}", self.kind.as_str(), self.subject, self.to)
    }

    /// The finished item, without reminder and tact.
    pub(super) fn finish(self, facts: &Facts<'_>) -> Item {
        let key = self.key(facts);
        let verdict = self.verdict.unwrap_or_else(|| self.times.verdict(facts.now));
        Item {
            occurrence: facts.next_occurrence(&key),
            key,
            do_at: (verdict != Verdict::Blocked).then(|| self.do_at(facts)),
            kind: self.kind,
            to: self.to,
            contact_id: None,
            channel: self.channel,
            route: self.route,
            interview_id: self.interview_id,
            n: self.n,
            earliest: self.times.earliest,
            ideal: self.times.ideal,
            latest: self.times.latest,
            expires: self.expires,
            verdict,
            remind_at: None,
            snoozed_until: None,
            tact_now: None,
            tact_at_do: None,
            reasons: self.reasons,
            routing: Vec::new(),
            bundle_with: None,
            alternatives: Vec::new(),
            flags: self.flags,
            record_id: None,
            title: self.title,
        }
    }

    /// The best moment, or once it has passed the next one that is allowed.
    fn do_at(&self, facts: &Facts<'_>) -> Instant {
        if facts.now <= self.times.ideal {
            self.times.ideal
        } else if self.any_hour {
            facts.now
        } else {
            facts.office.next_send(facts.now)
        }
    }
}

impl Times {
    /// A window that is one moment.
    pub(super) const fn moment(at: Instant) -> Self {
        Self { earliest: at, ideal: at, latest: at }
    }

    /// Where `now` stands in the window.
    pub(super) fn verdict(self, now: Instant) -> Verdict {
        if now < self.earliest {
            Verdict::TooSoon
        } else if now <= self.latest {
            Verdict::GoodTime
        } else {
            Verdict::Overdue
        }
    }
}
