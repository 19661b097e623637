//! What candidates do, and what the test then knows about them.

use crate::candidate::{Candidate, Device, ZONES};
use crate::ledger::{self, Row};
use crate::settings;
use afterview_domain::clock::{Instant, format_instant};
use afterview_tests::{Answer, Databases, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// What somebody does at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// Notes an opportunity with an interview so many minutes ahead.
    Record { minutes: i64 },
    /// Says how the interview ended.
    Debrief,
    /// Puts a reminder off, one that came already or one that is to come.
    Snooze,
    /// Writes to somebody and says so.
    Send,
    /// Decides against something.
    Skip,
    /// Hears from the employer.
    Hear,
    /// Plans something of their own.
    Plan,
    /// Changes something else, on whichever device.
    Edit,
    /// Wants no reminders of some kinds, or wants them all.
    Mute,
    /// Sleeps at other hours.
    SleepAtOtherHours,
    /// Flies somewhere else with the phone.
    Fly,
    /// A device schedules everything that it knows itself.
    Schedule,
    /// A device gets another address.
    Register,
    /// A device wants no notifications.
    Unregister,
    /// Signs in on a new device.
    SignIn,
    /// Signs out.
    SignOut,
    /// Closes the opportunity.
    Close,
}

/// Those that are drawn again and again, the frequent ones more than once.
pub(crate) const OFTEN: [Act; 27] = [
    Act::Snooze,
    Act::Snooze,
    Act::Snooze,
    Act::Snooze,
    Act::Send,
    Act::Send,
    Act::Skip,
    Act::Hear,
    Act::Hear,
    Act::Plan,
    Act::Plan,
    Act::Plan,
    Act::Edit,
    Act::Edit,
    Act::Mute,
    Act::SleepAtOtherHours,
    Act::Fly,
    Act::Fly,
    Act::Schedule,
    Act::Schedule,
    Act::Schedule,
    Act::Register,
    Act::Unregister,
    Act::SignIn,
    Act::SignIn,
    Act::SignOut,
    Act::Close,
];

/// Where acts happen.
pub(crate) struct Scene<'s> {
    pub(crate) app: &'s TestApp,
    pub(crate) databases: &'s mut Databases,
    pub(crate) now: Instant,
    /// Makes names that nothing else has.
    pub(crate) serial: usize,
}

impl Scene<'_> {
    /// Has `candidate` do it.
    pub(crate) async fn perform(&mut self, candidate: &mut Candidate, act: Act) {
        let devices = candidate.devices.iter().enumerate().filter(|(_, device)| !device.is_out);
        let devices: Vec<usize> = devices.map(|(n, _)| n).collect();
        let by = if act == Act::Fly { 0 } else { *candidate.random.pick(&devices) };
        candidate.devices[by].client.refresh().await;
        match act {
            Act::Record { minutes } => self.record(candidate, by, minutes).await,
            Act::Debrief => debrief(candidate, by).await,
            Act::Snooze => self.snooze(candidate, by).await,
            Act::Send => self.finish(candidate, by, "sent").await,
            Act::Skip => self.finish(candidate, by, "skip").await,
            Act::Hear => self.hear(candidate, by).await,
            Act::Plan => self.plan(candidate, by).await,
            Act::Edit => {
                let path = format!("/v1/opportunities/{}", candidate.opportunity());
                let notes = json!({"notes": format!("note {}", self.serial)});
                let _ = client(candidate, by).patch(&path, notes).await;
            }
            Act::Mute => settings::mute(candidate, by).await,
            Act::SleepAtOtherHours => settings::sleep_at_other_hours(candidate, by).await,
            Act::Fly => settings::fly(candidate).await,
            Act::Schedule => settings::schedule(candidate, by).await,
            Act::Register => self.register(candidate, by).await,
            Act::Unregister => {
                client(candidate, by).delete("/v1/devices/me/push").await.expect(204);
                candidate.devices[by].address = None;
            }
            Act::SignIn => self.sign_in(candidate).await,
            Act::SignOut if by > 0 => {
                client(candidate, by).post("/v1/auth/logout", json!({})).await.expect(204);
                candidate.devices[by].is_out = true;
            }
            Act::SignOut => {}
            Act::Close => close(candidate, by).await,
        }
    }

    async fn record(&mut self, candidate: &mut Candidate, by: usize, minutes: i64) {
        let (opportunity, name) = (candidate.opportunity(), candidate.name.clone());
        let zone = *candidate.random.pick(&ZONES);
        let office = json!({"time_zone": zone, "calendar": "US-FED"});
        let job =
            json!({"id": opportunity, "employer": "Acme", "role": "Engineer", "office": office});
        let client = client(candidate, by);
        client.post("/v1/opportunities", job).await.expect(201);
        let contact = format!("{name}-c");
        let anna = json!({"id": contact, "opportunity_id": opportunity, "name": "Anna Novak", "role": "hiring_manager"});
        client.post("/v1/contacts", anna).await.expect(201);
        let starts_at = self.now + TimeDelta::minutes(minutes);
        let interview = json!({
            "id": format!("{name}-i"), "opportunity_id": opportunity,
            "starts_at": format_instant(starts_at),
            "ends_at": format_instant(starts_at + TimeDelta::hours(1)),
            "attendees": [{"contact_id": contact}],
        });
        client.post("/v1/interviews", interview).await.expect(201);
    }

    /// Some reminder of the candidate.
    fn some_reminder(&mut self, candidate: &mut Candidate) -> Option<Row> {
        let all = ledger::of_account(self.databases, &candidate.account);
        (!all.is_empty()).then(|| candidate.random.pick(&all).clone())
    }

    async fn snooze(&mut self, candidate: &mut Candidate, by: usize) {
        let Some(row) = self.some_reminder(candidate) else { return };
        let until = self.now + TimeDelta::minutes(candidate.random.between(1, 30 * 60));
        let path = format!("/v1/follow-ups/{}/snooze", row.follow_up);
        let body = json!({"until": format_instant(until)});
        candidate.diary.push(format!("  {} {body}", row.action));
        if assert_done(&client(candidate, by).post(&path, body).await) {
            candidate.put_off.insert(row.follow_up, self.now);
        }
    }

    async fn finish(&mut self, candidate: &mut Candidate, by: usize, how: &str) {
        let Some(row) = self.some_reminder(candidate) else { return };
        let path = format!("/v1/follow-ups/{}/{how}", row.follow_up);
        let answer = client(candidate, by).post(&path, json!({})).await;
        candidate.diary.push(format!("  {} {how} {}", row.action, answer.status));
        if assert_done(&answer) {
            candidate.finished.insert(row.follow_up);
        }
    }

    async fn hear(&mut self, candidate: &mut Candidate, by: usize) {
        let kinds = [
            ("reply_info", "They are still talking"),
            ("new_date", "by the end of next week"),
            ("new_date", "tomorrow"),
            ("request", "Please send references"),
            ("next_round", ""),
            ("on_hold", ""),
            ("reject", ""),
        ];
        let (kind, text) = *candidate.random.pick(&kinds);
        let reply = json!({
            "opportunity_id": candidate.opportunity(), "at": format_instant(self.now),
            "kind": kind, "text": text,
        });
        candidate.diary.push(format!("  {kind}"));
        if candidate.is_closed
            || client(candidate, by).post("/v1/replies", reply).await.status != 201
        {
            return;
        }
        candidate.is_rejected = match kind {
            "reject" => true,
            "new_date" | "request" | "next_round" => false,
            _ => candidate.is_rejected,
        };
    }

    async fn plan(&mut self, candidate: &mut Candidate, by: usize) {
        let due_at = self.now + TimeDelta::minutes(candidate.random.between(5, 3 * 24 * 60));
        let custom = json!({
            "id": format!("{}-f{}", candidate.name, self.serial), "title": "Call the referee",
            "opportunity_id": candidate.opportunity(), "due_at": format_instant(due_at),
        });
        let _ = client(candidate, by).post("/v1/follow-ups", custom).await;
    }

    async fn register(&mut self, candidate: &mut Candidate, by: usize) {
        let address = format!("{}-a{}", candidate.name, self.serial);
        let push = json!({"push": {"kind": "fcm_fid", "value": address}});
        client(candidate, by).put("/v1/devices/me", push).await.expect(200);
        candidate.devices[by].address = Some(address);
    }

    /// Signs in on another device; some of them can be reached.
    async fn sign_in(&mut self, candidate: &mut Candidate) {
        let login = json!({
            "email": format!("{}@example.org", candidate.name), "password": PASSWORD,
            "device": {"platform": *candidate.random.pick(&["android", "ios", "web"])},
        });
        let tokens = self.app.anonymous().post("/v1/auth/login", login).await.expect(200);
        candidate.devices.push(device(self.app, &tokens).1);
        if candidate.random.chance(70) {
            self.register(candidate, candidate.devices.len() - 1).await;
        }
    }
}

/// Of every account.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The device that got these tokens, and its account.
pub(crate) fn device(app: &TestApp, tokens: &Value) -> (String, Device) {
    let mut client = app.anonymous();
    client.sign_in_with(tokens);
    // A refresh token begins with the names of account and session.
    let names = client.refresh_token.trim_start_matches("afr_").to_owned();
    let mut names = names.splitn(3, '.').map(str::to_owned);
    let (account, session) = (names.next().unwrap(), names.next().unwrap());
    let device =
        Device { client, session, address: None, scheduled_through: 0, zone: None, is_out: false };
    (account, device)
}

pub(crate) fn client(candidate: &Candidate, by: usize) -> &afterview_tests::Client {
    &candidate.devices[by].client
}

/// Whether it was done; what is finished already, or is gone, cannot be.
fn assert_done(answer: &Answer) -> bool {
    assert!([200, 404, 409].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

async fn debrief(candidate: &mut Candidate, by: usize) {
    let interview = format!("/v1/interviews/{}-i", candidate.name);
    let failed = ["no_show_them", "no_show_me", "cancelled_them"];
    if candidate.random.chance(25) {
        let status = json!({"status": *candidate.random.pick(&failed)});
        let _ = client(candidate, by).patch(&interview, status).await;
        return;
    }
    let words = ["by the end of the week", "tomorrow", "in two weeks", "by Friday", "next week"];
    let mut body = json!({"next_step_owner": "them"});
    if candidate.random.chance(70) {
        body["promise"] = json!({"text": *candidate.random.pick(&words)});
    }
    if candidate.random.chance(30) {
        body["commitments"] = json!([{"kind": "references"}]);
    }
    let answer = client(candidate, by).post(&format!("{interview}/debrief"), body).await;
    assert!([200, 409].contains(&answer.status), "{}", answer.text);
}

async fn close(candidate: &mut Candidate, by: usize) {
    let path = format!("/v1/opportunities/{}", candidate.opportunity());
    let body = json!({"closed": *candidate.random.pick(&["withdrawn", "presumed_closed"])});
    if client(candidate, by).patch(&path, body).await.status == 200 {
        candidate.is_closed = true;
    }
}
