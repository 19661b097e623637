//! PocketBase: one program with SQLite in it, records behind rules, its batches.
//!
//! It is as durable as it comes: a write-ahead log with `synchronous = NORMAL`, which does not wait for
//! the disk at a commit.

use super::service::{Service, run};
use super::{CHANGES, HEAVY, MANY, PUSH, RECORDS, ask, contact, request, share_out};
use crate::table::target::{Job, Target, scatter, scatter_other};
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Its administrator.
const ADMIN: (&str, &str) = ("bench@example.org", "correct-horse-battery");

/// How long a token of a person holds, in seconds.
const TOKENS: u32 = 86_400;

/// Everything changed after the first and nothing after the second; URL-encoded filters.
const EVER: &str = "updated%20%3E%20%222020-01-01%2000%3A00%3A00.000Z%22";
const NEVER: &str = "updated%20%3E%20%222099-01-01%2000%3A00%3A00.000Z%22";

const RECORDS_PATH: &str = "/api/collections/contacts/records";

/// A server with its people.
pub(crate) struct PocketBase {
    service: Service,
    /// The tokens of the many, then those of the heavy.
    tokens: Vec<String>,
}

impl PocketBase {
    /// Starts it in an empty folder and fills it.
    pub(crate) fn set(program: &Path, folder: &Path) -> Self {
        let data = ["--dir", "data"];
        let mut admin = Command::new(program);
        run(folder, admin.args(data).args(["superuser", "upsert", ADMIN.0, ADMIN.1]));
        let service = Service::start(folder, |address| {
            let mut command = Command::new(program);
            command.args(data).args(["serve", "--http", &address.to_string()]);
            command
        });
        let address = service.address;
        let sign_in = json!({"identity": ADMIN.0, "password": ADMIN.1}).to_string();
        let path = "POST /api/collections/_superusers/auth-with-password";
        let admin = ask(address, path, "", &sign_in)["token"].as_str().unwrap().to_owned();
        configure(address, &admin);
        let tokens = (0..MANY + HEAVY).map(|number| sign_up(address, &admin, number)).collect();
        let all = Self { service, tokens };
        share_out(MANY, |number| all.fill(number, 0, RECORDS));
        share_out(HEAVY * CHANGES / PUSH, |n| {
            all.fill(MANY + n % HEAVY, n / HEAVY * PUSH, PUSH);
        });
        all
    }

    fn fill(&self, account: u32, first: u32, count: u32) {
        let named = |n| format!(r#""id":"{}","#, record(account, n));
        let body = batch(account, (first..first + count).map(named));
        ask(self.service.address, "POST /api/batch", self.token(account), &body);
    }

    fn token(&self, account: u32) -> &str {
        &self.tokens[usize::try_from(account).unwrap()]
    }
}

/// Batches are off as it comes, and hold fifty; logs of requests are off, as Afterview's are.
fn configure(address: SocketAddr, admin: &str) {
    let settings = json!({
        "batch": {"enabled": true, "maxRequests": 200, "timeout": 60},
        "logs": {"maxDays": 0}, "rateLimits": {"enabled": false},
    });
    ask(address, "PATCH /api/settings", admin, &settings.to_string());
    let users = ask(address, "GET /api/collections/users", admin, "");
    let mut fields = users["fields"].clone();
    for field in fields.as_array_mut().unwrap() {
        if field["name"] == "password" {
            // Nobody signs in with one while anything is measured.
            field["cost"] = json!(4);
        }
    }
    let path = "PATCH /api/collections/users";
    ask(address, path, admin, &json!({ "fields": fields }).to_string());
    let text = |name| json!({"name": name, "type": "text"});
    let date = |name, again| json!({"name": name, "type": "autodate", "onCreate": true, "onUpdate": again});
    let owner = json!({
        "name": "owner", "type": "relation", "required": true, "collectionId": users["id"],
        "maxSelect": 1, "cascadeDelete": true,
    });
    let own = "owner = @request.auth.id";
    let contacts = json!({
        "name": "contacts", "type": "base",
        "fields": [
            owner, text("opportunity"), text("name"), text("role"), text("preferred"),
            {"name": "channels", "type": "json"}, text("notes"), date("created", false), date("updated", true),
        ],
        "indexes": ["CREATE INDEX contacts_updated ON contacts (owner, updated)"],
        "listRule": own, "viewRule": own, "createRule": own, "updateRule": own, "deleteRule": own,
    });
    ask(address, "POST /api/collections", admin, &contacts.to_string());
}

fn sign_up(address: SocketAddr, admin: &str, number: u32) -> String {
    let (id, password) = (person(number), "correct horse battery");
    let email = format!("{id}@example.org");
    let user = json!({"id": id, "email": email, "password": password, "passwordConfirm": password});
    ask(address, "POST /api/collections/users/records", admin, &user.to_string());
    let path = format!("POST /api/collections/users/impersonate/{id}");
    let answer = ask(address, &path, admin, &json!({ "duration": TOKENS }).to_string());
    answer["token"].as_str().unwrap().to_owned()
}

/// Names have fifteen characters.
fn person(number: u32) -> String {
    format!("u{number:014}")
}

fn record(account: u32, ordinal: u32) -> String {
    format!("c{account:05}{ordinal:09}")
}

fn batch(account: u32, names: impl Iterator<Item = String>) -> String {
    let owner = person(account);
    let one = |name| {
        format!(
            r#"{{"method":"POST","url":"{RECORDS_PATH}","body":{{{name}"owner":"{owner}",{}}}}}"#,
            contact(0)
        )
    };
    format!(r#"{{"requests":[{}]}}"#, names.map(one).collect::<Vec<_>>().join(","))
}

impl Target for PocketBase {
    fn name(&self) -> &'static str {
        "PocketBase"
    }

    fn address(&self) -> SocketAddr {
        self.service.address
    }

    fn write(&self, job: Job, connection: usize, number: u32, into: &mut Vec<u8>) {
        let any = scatter(number, MANY);
        let heavy = MANY + u32::try_from(connection).unwrap() % HEAVY;
        let mut send = |account: u32, what: &str, body: &str| {
            request(into, what, self.token(account), "", body);
        };
        match job {
            Job::Read => {
                let name = record(any, scatter_other(number, RECORDS));
                send(any, &format!("GET {RECORDS_PATH}/{name}"), "");
            }
            Job::Create | Job::CreateHot => {
                let account = if job == Job::CreateHot { 0 } else { any };
                let body = format!(r#"{{"owner":"{}",{}}}"#, person(account), contact(number % 50));
                send(account, &format!("POST {RECORDS_PATH}"), &body);
            }
            Job::Pull => {
                let what = "skipTotal=1&sort=updated,id";
                let what = format!("GET {RECORDS_PATH}?perPage={CHANGES}&{what}&filter={EVER}");
                send(heavy, &what, "");
            }
            Job::Push => {
                send(any, "POST /api/batch", &batch(any, (0..PUSH).map(|_| String::new())));
            }
            Job::Poll => {
                let what = "perPage=1&skipTotal=1&fields=id";
                send(heavy, &format!("GET {RECORDS_PATH}?{what}&filter={NEVER}"), "");
            }
        }
    }

    fn status(&self, _job: Job) -> u16 {
        200
    }

    fn cpu(&self) -> (Duration, Duration) {
        (self.service.cpu(), Duration::ZERO)
    }

    fn peak_mib(&self) -> f64 {
        self.service.peak_mib()
    }

    fn forget_peak(&self) {
        self.service.forget_peak();
    }
}
