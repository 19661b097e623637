//! Brings a reminder to every device of its account, and to the server's log where there is none.
//!
//! **Must never** log what a reminder says or where it goes.

use super::due::{DueReminder, Recipient};
use super::{Attempt, Deliver, Delivery, Next};
use crate::notifications::retry::{self, Retry};
use crate::notifications::senders::{OPERATOR_WAIT, Senders};
use crate::notifications::{Notification, Reminder, Verdict, log};
use crate::store::deliveries;
use crate::store::devices::Word;
use crate::store::dispatch::Outcome;
use afterview_domain::clock::{Clock, Instant, from_millis};
use afterview_domain::ids::IdSource;
use chrono::TimeDelta;
use futures_util::future::join_all;
use std::sync::Arc;

/// It will be tried again.
pub(super) const WAITING: &str = "waiting";

/// The provider will not take it.
pub(super) const FAILED: &str = "failed";

/// Whatever can send, and what it needs to decide when to try again.
pub struct FanOut {
    senders: Arc<Senders>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// What became of one device: an attempt, a time after which to try, or both.
#[derive(Default)]
pub(in crate::jobs) struct Tried {
    pub(in crate::jobs) attempt: Option<Attempt>,
    wait: Option<TimeDelta>,
}

impl FanOut {
    /// One that sends through `senders`.
    #[must_use]
    pub fn new(senders: Arc<Senders>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { senders, clock, ids }
    }

    async fn try_one(&self, due: &DueReminder, device: &Recipient) -> Tried {
        let session_id = Some(device.session_id.clone());
        if device.scheduled_through >= due.claimed.version {
            let outcome = "on_device";
            return Tried {
                attempt: Some(Attempt { session_id, outcome, ..Attempt::default() }),
                wait: None,
            };
        }
        let now = self.clock.now();
        if let Some(until) = device.parked_until.map(from_millis).filter(|until| *until > now) {
            return Tried { wait: Some(until - now), attempt: None };
        }
        let reminder = reminder(due, device);
        let sent = self.senders.send(&device.address, Notification::Reminder(&reminder)).await;
        let Some(verdict) = sent else { return Tried::default() };
        let attempts = u32::try_from(due.claimed.attempts.saturating_sub(1)).unwrap_or_default();
        let mut tried = judge(&verdict, attempts, self.share(), self.clock.now());
        if let Some(attempt) = &mut tried.attempt {
            attempt.session_id = session_id;
            attempt.way = Some(device.address.way());
            if let Some((push_hash, _)) = &mut attempt.word {
                push_hash.clone_from(&device.push_hash);
            }
        }
        tried
    }

    /// A number between 0 and 1.
    fn share(&self) -> f64 {
        let mut bytes = [0_u8; 4];
        self.ids.fill(&mut bytes);
        f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
    }
}

impl Deliver for FanOut {
    async fn deliver(&self, due: &DueReminder) -> Delivery {
        let tried = join_all(due.to.iter().map(|device| self.try_one(due, device))).await;
        let wait = tried.iter().filter_map(|one| one.wait).min();
        let mut attempts: Vec<Attempt> = tried.into_iter().filter_map(|one| one.attempt).collect();
        if let Some(wait) = wait {
            return Delivery { next: Next::Later(wait), attempts };
        }
        let arrived = |attempt: &Attempt| deliveries::ARRIVED.contains(&attempt.outcome);
        let outcome = if due.has_arrived || attempts.iter().any(arrived) {
            Outcome::Sent
        } else if attempts.is_empty() {
            // Nobody to send to: whoever runs the server sees that it works, the candidate finds it in
            // the list.
            log::reminder(&due.claimed.follow_up_id, from_millis(due.claimed.remind_at));
            attempts.push(Attempt { way: Some("log"), outcome: "logged", ..Attempt::default() });
            Outcome::Sent
        } else {
            Outcome::Failed
        };
        Delivery { next: Next::Done(outcome), attempts }
    }
}

fn reminder(due: &DueReminder, device: &Recipient) -> Reminder {
    let text = due.text(device.locale.as_deref());
    Reminder {
        title: text.title,
        body: text.body,
        follow_up_id: due.claimed.follow_up_id.clone(),
        occurrence: from_millis(due.claimed.remind_at),
        version: due.claimed.version,
        useful_until: from_millis(due.claimed.useful_until),
    }
}

/// THE table from a verdict to what is noted, what happens to the address, and when to try again.
/// `attempts` were made before; `share` is random between 0 and 1.
pub(in crate::jobs) fn judge(verdict: &Verdict, attempts: u32, share: f64, now: Instant) -> Tried {
    let last = |outcome, detail: Option<&str>, word: Option<Word>| Tried {
        attempt: Some(Attempt {
            outcome,
            detail: detail.map(str::to_owned),
            word: word.map(|word| (String::new(), word)),
            ..Attempt::default()
        }),
        wait: None,
    };
    let waiting =
        |detail: &str, wait| Tried { wait: Some(wait), ..last(WAITING, Some(detail), None) };
    match verdict {
        Verdict::Delivered { name } => last("delivered", Some(name), None),
        Verdict::Unregistered => last("unregistered", None, Some(Word::Gone)),
        Verdict::Invalid { names_registration: true, detail } => {
            last("unregistered", Some(detail), Some(Word::Gone))
        }
        Verdict::Invalid { names_registration: false, detail } => last(FAILED, Some(detail), None),
        Verdict::SenderMismatch => {
            last("refused", Some("SENDER_ID_MISMATCH"), Some(Word::Refused(now.timestamp_millis())))
        }
        Verdict::WrongProject { detail }
        | Verdict::Unauthenticated { detail }
        | Verdict::Forbidden { detail }
        | Verdict::CredentialsRefused { detail } => waiting(detail, OPERATOR_WAIT),
        Verdict::ProviderAuth => waiting("THIRD_PARTY_AUTH_ERROR", OPERATOR_WAIT),
        Verdict::Retry(retry) => again(*retry, attempts, share, now),
    }
}

fn again(retry: Retry, attempts: u32, share: f64, now: Instant) -> Tried {
    let wait = TimeDelta::from_std(retry.wait(attempts, share)).unwrap_or(OPERATOR_WAIT);
    if retry.cause == retry::Cause::Paused {
        // Nothing was sent.
        return Tried { wait: Some(wait), attempt: None };
    }
    let until = (now + wait).timestamp_millis();
    let parked = (retry.scope == retry::Scope::Device).then_some(Word::Parked(until));
    let attempt = Attempt {
        outcome: WAITING,
        detail: Some(retry.cause.as_str().to_owned()),
        word: parked.map(|word| (String::new(), word)),
        ..Attempt::default()
    };
    Tried { wait: Some(wait), attempt: Some(attempt) }
}
