//! A server, a Firebase and many candidates in the time of one clock.

use crate::acts::{Act, OFTEN, PASSWORD, Scene, device};
use crate::candidate::{Candidate, ZONES};
use crate::invariants::{Auditor, Round, Tally};
use crate::ledger;
use afterview_domain::clock::{Instant, format_instant};
use afterview_tests::firebase::FirebaseDouble;
use afterview_tests::simulation::Random;
use afterview_tests::{Databases, START, TestApp, at};
use chrono::{NaiveTime, TimeDelta};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How far the clock goes from one round of the dispatcher to the next.
pub(crate) const STEP: TimeDelta = TimeDelta::minutes(15);

/// For how many of these steps nothing runs at most, now and then: a night, say.
const LONGEST_NAP: i64 = 40;

/// How much a candidate does in a fortnight besides an interview.
const ACTS: usize = 12;

/// Some days.
pub(crate) struct Fortnight {
    /// When it begins.
    pub(crate) begin: &'static str,
    /// How long it lasts.
    pub(crate) days: i64,
}

/// Everything.
pub(crate) struct World {
    app: TestApp,
    firebase: FirebaseDouble,
    databases: Databases,
    seed: u64,
    /// By account.
    candidates: BTreeMap<String, Candidate>,
    /// In the order of their names.
    accounts: Vec<String>,
    auditor: Auditor,
    /// How many messages were looked at.
    seen: usize,
    /// When the dispatcher last looked.
    last_round: Instant,
}

impl World {
    /// One without anybody in it.
    pub(crate) fn new(app: TestApp, firebase: FirebaseDouble, seed: u64) -> Self {
        let databases = app.databases();
        Self {
            app,
            firebase,
            databases,
            seed,
            candidates: BTreeMap::new(),
            accounts: Vec::new(),
            auditor: Auditor::default(),
            seen: 0,
            last_round: at(START),
        }
    }

    /// Has so many new candidates, and all from before, live through a fortnight.
    pub(crate) async fn live(&mut self, fortnight: &Fortnight, accounts: usize) {
        let begin = at(fortnight.begin);
        self.round(begin).await;
        let mut todo = BTreeSet::new();
        for _ in 0..accounts {
            let number = self.accounts.len();
            let account = self.move_in(number).await;
            let random = &mut self.candidates.get_mut(&account).unwrap().random;
            for (minute, act) in story(random, fortnight.days * 24 * 60) {
                todo.insert((minute, number, act));
            }
            self.accounts.push(account);
        }
        let mut todo = todo.into_iter().peekable();
        let mut random = Random::new(self.seed);
        let mut now = begin;
        while now < begin + TimeDelta::days(fortnight.days) {
            // Sometimes nothing is sent for hours.
            let steps = if random.chance(2) { random.between(1, LONGEST_NAP) } else { 1 };
            now += STEP * i32::try_from(steps).unwrap();
            while let Some((minute, number, act)) =
                todo.next_if(|(minute, ..)| begin + TimeDelta::minutes(*minute) < now)
            {
                self.perform(begin + TimeDelta::minutes(minute), number, act).await;
            }
            self.round(now).await;
        }
    }

    /// A new account with a phone that is registered, as most are.
    async fn move_in(&mut self, number: usize) -> String {
        let (name, zone) = (format!("c{number}"), ZONES[number % ZONES.len()]);
        let register = json!({
            "email": format!("{name}@example.org"), "password": PASSWORD,
            "time_zone": zone, "device": {"platform": "android"},
        });
        let tokens = self.app.anonymous().post("/v1/auth/register", register).await.expect(201);
        let (account, mut phone) = device(&self.app, &tokens);
        if !number.is_multiple_of(10) {
            let address = format!("{name}-phone");
            let push = json!({"push": {"kind": "fcm_fid", "value": address}});
            phone.client.put("/v1/devices/me", push).await.expect(200);
            phone.address = Some(address);
        }
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let candidate = Candidate {
            account: account.clone(),
            name,
            zone: zone.parse().unwrap(),
            quiet: (hour(22), hour(8)),
            muted: BTreeSet::new(),
            finished: BTreeSet::new(),
            put_off: BTreeMap::new(),
            is_closed: false,
            is_rejected: false,
            devices: vec![phone],
            random: Random::new(self.seed.wrapping_mul(1_000_003) + u64::try_from(number).unwrap()),
            diary: Vec::new(),
        };
        self.candidates.insert(account.clone(), candidate);
        account
    }

    async fn perform(&mut self, now: Instant, number: usize, act: Act) {
        self.app.clock.set(&format_instant(now));
        self.auditor.tally.acts += 1;
        let serial = self.auditor.tally.acts;
        let mut scene = Scene { app: &self.app, databases: &mut self.databases, now, serial };
        let candidate = self.candidates.get_mut(&self.accounts[number]).unwrap();
        candidate.diary.push(format!("{} {act:?}", format_instant(now)));
        scene.perform(candidate, act).await;
        if act == Act::Register && serial.is_multiple_of(3) {
            self.sell_phone(number).await;
        }
    }

    /// The first phone of a candidate goes to the next one, who registers it without a word.
    async fn sell_phone(&mut self, number: usize) {
        let seller = self.candidates.get_mut(&self.accounts[number]).unwrap();
        let Some(address) = seller.devices[0].address.take() else { return };
        let buyer = &self.accounts[(number + 1) % self.accounts.len()];
        let buyer = &mut self.candidates.get_mut(buyer).unwrap().devices[0];
        buyer.client.refresh().await;
        let push = json!({"push": {"kind": "fcm_fid", "value": address}});
        buyer.client.put("/v1/devices/me", push).await.expect(200);
        buyer.address = Some(address);
    }

    /// Lets the server do what is due, and checks it.
    async fn round(&mut self, now: Instant) {
        let before = ledger::due(&mut self.databases, now);
        let before = before.into_iter().filter(|row| row.outcome == "open").collect();
        self.app.let_time_pass_until(&format_instant(now)).await;
        let mut messages = self.firebase.messages_after(self.seen);
        self.seen += messages.len();
        messages.retain(|message| message.message["data"]["type"] == "reminder");
        let mut round = Round {
            now,
            last_round: std::mem::replace(&mut self.last_round, now),
            before,
            after: ledger::due(&mut self.databases, now),
            attempts: ledger::attempts(&mut self.databases, now),
            messages,
            candidates: &self.candidates,
            databases: &mut self.databases,
        };
        self.auditor.audit(&mut round);
    }

    /// What happened, and what was sent.
    pub(crate) fn end(mut self) -> (Tally, Vec<String>) {
        assert_eq!(self.firebase.faults(), [""; 0]);
        (self.auditor.tally.clone(), std::mem::take(&mut self.auditor.transcript))
    }
}

/// When a check has failed, the diary of the candidate whom it was about.
impl Drop for World {
    fn drop(&mut self) {
        let about = self.candidates.get(&self.auditor.about).filter(|_| std::thread::panicking());
        if let Some(candidate) = about {
            eprintln!("{}, {}:\n{}", candidate.name, candidate.zone, candidate.diary.join("\n"));
        }
    }
}

/// What a candidate does in so many minutes, and in which of them: an interview in the first days, how it
/// ended, and anything.
fn story(random: &mut Random, minutes: i64) -> Vec<(i64, Act)> {
    let noted = random.between(0, 2 * 24 * 60);
    let ahead = random.between(30, 4 * 24 * 60);
    let debriefed = noted + ahead + random.between(61, 20 * 60);
    let mut story = vec![(noted, Act::Record { minutes: ahead }), (debriefed, Act::Debrief)];
    for _ in 0..ACTS {
        story.push((random.between(noted + 1, minutes - 1), *random.pick(&OFTEN)));
    }
    story
}
