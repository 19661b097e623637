//! What must hold for every round of the dispatcher, and for every message that came of it.

use crate::candidate::Candidate;
use crate::ledger::{self, Attempt, Occurrence, Row};
use crate::world::STEP;
use afterview_domain::clock::{Instant, format_instant};
use afterview_tests::firebase::Received;
use afterview_tests::{Databases, at};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What one round did, and what was due before.
pub(crate) struct Round<'r> {
    pub(crate) now: Instant,
    /// When the one before was: nothing is later than the time since, unless the candidate slept.
    pub(crate) last_round: Instant,
    /// What was due and open just before.
    pub(crate) before: Vec<Row>,
    /// What is due and open now, or was done with in this round.
    pub(crate) after: Vec<Row>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) messages: Vec<Received>,
    pub(crate) candidates: &'r BTreeMap<String, Candidate>,
    /// For what concerns one reminder only.
    pub(crate) databases: &'r mut Databases,
}

/// What happened how often.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) rounds: usize,
    pub(crate) acts: usize,
    messages: usize,
    on_device: usize,
    logged: usize,
    expired: usize,
    held: usize,
    moved: usize,
    again: usize,
    latest_s: i64,
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} acts, {} rounds; {} messages, {} for devices that had scheduled them, {} logged, {} expired; \
             {} waited for a morning, {} moved while due, {} came again because they were put off or new; \
             the others came {} s late at most",
            self.acts,
            self.rounds,
            self.messages,
            self.on_device,
            self.logged,
            self.expired,
            self.held,
            self.moved,
            self.again,
            self.latest_s,
        )
    }
}

impl Tally {
    /// A run in which something never happened proves nothing about it.
    pub(crate) fn assert_that_everything_happened(&self) {
        let all = [self.messages, self.on_device, self.logged, self.held, self.again];
        assert!(all.iter().all(|count| *count > 0), "{self}");
    }
}

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Auditor {
    pub(crate) tally: Tally,
    /// Reminders that waited because the candidate slept, and the last round at which they did.
    held: BTreeMap<Occurrence, Instant>,
    /// Which session got what.
    got: BTreeSet<(String, Occurrence)>,
    /// Of what an account was last reminded, by action; and when.
    told: BTreeMap<(String, String), (Row, Instant)>,
    /// Which sessions were tried for what, with what came of it.
    tried: BTreeMap<Occurrence, BTreeMap<String, String>>,
    /// What was sent, in an order that does not depend on the database.
    pub(crate) transcript: Vec<String>,
    /// The account that is looked at.
    pub(crate) about: String,
}

impl Auditor {
    /// Checks everything.
    pub(crate) fn audit(&mut self, round: &mut Round<'_>) {
        self.tally.rounds += 1;
        for attempt in &round.attempts {
            let sessions = self.tried.entry(attempt.occurrence.clone()).or_default();
            sessions.insert(attempt.session.clone(), attempt.outcome.clone());
            match attempt.outcome.as_str() {
                "on_device" => self.tally.on_device += 1,
                "logged" => self.tally.logged += 1,
                "expired" => self.tally.expired += 1,
                "delivered" => {}
                other => panic!("{other}: {attempt:?}"),
            }
        }
        let mut sent: Vec<String> = Vec::new();
        for message in &round.messages {
            sent.push(self.message(round, message));
        }
        sent.sort();
        self.transcript.append(&mut sent);
        for row in std::mem::take(&mut round.before) {
            self.was_due(round, &row);
        }
        for row in &round.after {
            self.about.clone_from(&row.account);
            let quiet = round.candidates[&row.account].holds_back(&row.kind, round.now);
            assert!(row.outcome != "open" || quiet, "{} left undone: {row:?}", round.now);
        }
    }

    /// A message came to somebody: it had to.
    fn message(&mut self, round: &Round<'_>, message: &Received) -> String {
        let (now, data) = (round.now, &message.message["data"]);
        assert_eq!(message.at, now);
        let address = message.message["fid"].as_str().unwrap();
        let owners = round
            .candidates
            .values()
            .flat_map(|candidate| candidate.reachable().map(move |device| (candidate, device)));
        let mut owners = owners.filter(|(_, device)| device.address.as_deref() == Some(address));
        let Some((candidate, device)) = owners.next() else {
            panic!("{now}: a message went to {address}, which nobody has: {data}");
        };
        self.about.clone_from(&candidate.account);
        let due = at(data["occurrence"].as_str().unwrap());
        let follow_up = data["follow_up_id"].as_str().unwrap();
        let of = |row: &&Row| row.account == candidate.account && row.follow_up == follow_up;
        let Some(row) = round.after.iter().find(|row| of(row) && row.remind_at == due) else {
            panic!("{now}: nothing of that kind was due: {data}");
        };
        assert!(due <= now, "{now}: too early: {row:?}");
        assert!(now < row.useful_until, "{now}: of no use any more: {row:?}");
        assert!(!candidate.holds_back(&row.kind, now), "{now}: in the quiet hours: {row:?}");
        let done = candidate.is_done_with(follow_up, &row.kind);
        assert!(done.is_none(), "{now}: {done:?}, and yet: {row:?}");
        let version: i64 = data["v"].as_str().unwrap().parse().unwrap();
        assert_eq!(version, row.version);
        assert!(version > device.scheduled_through, "{now}: the device has it itself: {row:?}");
        let first = self.got.insert((device.session.clone(), row.occurrence()));
        assert!(first, "{now}: a second time to the same device: {row:?}");
        self.in_time(round, row);
        self.not_the_same_advice_again(candidate, row, now);
        self.tally.messages += 1;
        format!("{} {address} {follow_up} {}", format_instant(now), format_instant(due))
    }

    /// In the first round after it was due, unless the candidate slept until now.
    fn in_time(&mut self, round: &Round<'_>, row: &Row) {
        let (now, late) = (round.now, round.now - row.remind_at);
        if late <= now - round.last_round {
            if now - round.last_round == STEP {
                self.tally.latest_s = self.tally.latest_s.max(late.num_seconds());
            }
            return;
        }
        let slept_until = self.held.get(&row.occurrence());
        assert_eq!(slept_until, Some(&round.last_round), "{now}: {late} late: {row:?}");
    }

    /// Who was reminded is reminded again only of what has changed since, or was put off.
    fn not_the_same_advice_again(&mut self, candidate: &Candidate, row: &Row, now: Instant) {
        let action = (row.account.clone(), row.action.clone());
        let Some((told, when)) = self.told.insert(action, (row.clone(), now)) else { return };
        if told.remind_at == row.remind_at {
            return;
        }
        self.tally.again += 1;
        if candidate.put_off.get(&row.follow_up).is_some_and(|put_off| *put_off >= when) {
            return;
        }
        assert_ne!(told.advice, row.advice, "{now}: the same advice again: {told:?} {row:?}");
        let clearly_ahead = row.remind_at - told.remind_at >= TimeDelta::hours(2);
        assert!(clearly_ahead, "{now}: too soon again: {told:?} {row:?}");
    }

    /// What was due came to everybody, or is listed, or waits for the morning, or is something else now.
    fn was_due(&mut self, round: &mut Round<'_>, row: &Row) {
        let (now, candidate) = (round.now, &round.candidates[&row.account]);
        self.about.clone_from(&row.account);
        let tried = self.tried.get(&row.occurrence());
        let Some(tried) = tried else {
            let is_now = round.after.iter().find(|new| new.occurrence() == row.occurrence());
            if is_now.is_some_and(|new| new.outcome == "open") {
                // That the candidate sleeps is checked for all that is open.
                self.tally.held += usize::from(self.held.insert(row.occurrence(), now).is_none());
                return;
            }
            let new = ledger::of_action(round.databases, &row.account, &row.action);
            let Some(new) = new else { panic!("{now}: lost: {row:?}") };
            assert_ne!(new.remind_at, row.remind_at, "{now}: done with and nobody knows: {new:?}");
            assert_ne!(new.advice, row.advice, "{now}: moved without a reason: {row:?} {new:?}");
            self.tally.moved += 1;
            return;
        };
        if tried.values().any(|outcome| outcome == "expired") {
            return;
        }
        let mut reachable = candidate.reachable().peekable();
        if reachable.peek().is_none() {
            assert_eq!(
                tried.get("").map(String::as_str),
                Some("logged"),
                "{now}: {row:?} {tried:?}"
            );
        }
        for device in reachable {
            let outcome = tried.get(&device.session).map(String::as_str);
            let expected =
                if device.scheduled_through >= row.version { "on_device" } else { "delivered" };
            assert_eq!(outcome, Some(expected), "{now}: {}: {row:?}", device.session);
        }
    }
}
