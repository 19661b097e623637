//! A device: its copy, what it pushed, what was acknowledged, and what waits for an answer.

use crate::edits::next;
use crate::wire::{Meter, Wire, ask};
use crate::{Dice, edits};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Result;
use std::net::SocketAddr;

/// A push that waits for its answer, immutable.
struct Waiting {
    text: String,
    mutations: Vec<Value>,
    tries: u64,
}

/// A device of the account.
pub(crate) struct Device {
    number: usize,
    dice: Dice,
    token: String,
    refresh_token: String,
    cursor: Option<String>,
    waiting: Option<Waiting>,
    made: usize,
    /// What it knows of the records: `collection:id` → revision and content.
    pub(crate) copy: BTreeMap<String, (i64, Value)>,
    /// Every mutation with its first result, in order.
    pub(crate) acknowledged: Vec<(Value, Value)>,
    /// Mutations that were sent more than once.
    pub(crate) sent_again: usize,
    /// Mutations of which a first answer was lost.
    pub(crate) duplicates: usize,
}

const ACCOUNT: &str = "candidate@example.org";

impl Device {
    /// The first device of a new account.
    pub(crate) fn register(address: SocketAddr, dice: Dice) -> Self {
        let account =
            json!({"email": ACCOUNT, "password": "correct horse battery", "time_zone": "UTC"});
        Self::new(0, &ask(address, "POST /v1/auth/register", "", Some(&account)), dice)
    }

    /// Another device.
    pub(crate) fn sign_in(number: usize, address: SocketAddr, dice: Dice) -> Self {
        let account = json!({"email": ACCOUNT, "password": "correct horse battery"});
        Self::new(number, &ask(address, "POST /v1/auth/login", "", Some(&account)), dice)
    }

    fn new(number: usize, tokens: &Value, mut dice: Dice) -> Self {
        for _ in 0..=number {
            dice = Dice(dice.below(u64::MAX));
        }
        let mut device = Self {
            number,
            dice,
            token: String::new(),
            refresh_token: String::new(),
            cursor: None,
            waiting: None,
            made: 0,
            copy: BTreeMap::new(),
            acknowledged: Vec::new(),
            sent_again: 0,
            duplicates: 0,
        };
        device.keep(tokens);
        device
    }

    fn keep(&mut self, tokens: &Value) {
        self.token = tokens["access_token"].as_str().unwrap().to_owned();
        self.refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
    }

    /// Its access token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Gets the next access token, as the same session.
    pub(crate) fn sign_in_again(&mut self, address: SocketAddr) {
        let body = json!({ "refresh_token": self.refresh_token });
        let tokens = ask(address, "POST /v1/auth/refresh", "", Some(&body));
        self.keep(&tokens);
    }

    /// Pushes until the server dies.
    pub(crate) fn work(&mut self, address: SocketAddr, meter: &Meter) {
        let Ok(mut wire) = Wire::open(address, meter) else { return };
        while self.round(&mut wire).is_ok() {}
    }

    /// Sends what still waits for an answer.
    pub(crate) fn send_again(&mut self, address: SocketAddr) {
        if self.waiting.is_some() {
            let meter = Meter::endless();
            self.round(&mut Wire::open(address, &meter).unwrap()).unwrap();
        }
    }

    /// One round: what waits, or else something new.
    fn round(&mut self, wire: &mut Wire<'_>) -> Result<()> {
        let mut push = match self.waiting.take() {
            Some(waiting) => waiting,
            None => self.compose(),
        };
        push.tries += 1;
        let answer = wire.exchange("POST /v1/sync", &self.token, Some(&push.text));
        if push.tries == 2 {
            self.sent_again += push.mutations.len();
        }
        let (status, answer) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.waiting = Some(push);
                return Err(error);
            }
        };
        assert_eq!(status, 200, "{answer}");
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), push.mutations.len());
        let known = results.iter().filter(|result| result["status"] == "duplicate").count();
        // A push is committed as a whole or not at all.
        assert!(known == 0 || (known == results.len() && push.tries > 1), "{answer}");
        self.duplicates += known;
        for (mutation, result) in push.mutations.into_iter().zip(results) {
            self.show(&mutation, result);
            let first = result.get("original").unwrap_or(result).clone();
            self.acknowledged.push((mutation, first));
        }
        self.take(&answer);
        Ok(())
    }

    /// Takes over a page of changes.
    pub(crate) fn take(&mut self, page: &Value) {
        assert!(page.get("reset").is_none(), "{page}");
        for change in page["changes"].as_array().unwrap() {
            let name =
                format!("{}:{}", change["c"].as_str().unwrap(), change["id"].as_str().unwrap());
            if change["deleted"] == true {
                self.copy.remove(&name);
            } else {
                self.copy.insert(name, (change["rev"].as_i64().unwrap(), change["doc"].clone()));
            }
        }
        self.cursor = page["cursor"].as_str().map(str::to_owned);
    }

    /// Takes over what a result shows of its record.
    fn show(&mut self, mutation: &Value, result: &Value) {
        let (c, id) = (mutation["c"].as_str().unwrap(), mutation["id"].as_str().unwrap());
        let name = format!("{c}:{id}");
        if result["deleted"] == true {
            self.copy.remove(&name);
        }
        let Some(record) = result.get("record") else { return };
        let rev = record["rev"].as_i64().unwrap();
        if self.copy.get(&name).is_none_or(|(known, _)| *known < rev) {
            self.copy.insert(name, (rev, record.clone()));
        }
    }

    fn compose(&mut self) -> Waiting {
        let contacts = self.copy.keys().filter_map(|name| name.strip_prefix("contacts:"));
        let contacts: Vec<String> = contacts.map(str::to_owned).collect();
        let mut mutations = Vec::new();
        for _ in 0..=self.dice.below(10) {
            let named = format!("d{}m{}", self.number, self.made);
            let mut group = next(&mut self.dice, &named, &contacts);
            let alone = group.len() == 1;
            for (n, mutation) in group.iter_mut().enumerate() {
                let mid = if n == 0 { named.clone() } else { format!("{named}b") };
                let name = format!(
                    "{}:{}",
                    mutation["c"].as_str().unwrap(),
                    mutation["id"].as_str().unwrap()
                );
                mutation["base"] = json!(self.copy.get(&name).map(|(rev, _)| *rev));
                mutation["mid"] = json!(mid);
                mutation["at"] = json!(self.made);
                if !alone {
                    mutation["txn"] = json!(named);
                }
            }
            self.made += 1;
            mutations.append(&mut group);
        }
        let body = json!({
            "protocol": 1, "schema": 1, "client_time": self.made, "cursor": self.cursor,
            "mutations": mutations, "max_changes": self.dice.below(100) + 1,
        });
        Waiting { text: body.to_string(), mutations, tries: 0 }
    }

    /// Reads until there is no more, and gives the digest of the last page.
    pub(crate) fn catch_up(&mut self, address: SocketAddr) -> Value {
        loop {
            let cursor = self.cursor.as_ref().map(|cursor| format!("?cursor={cursor}"));
            let what = format!("GET /v1/sync/changes{}", cursor.unwrap_or_default());
            let page = ask(address, &what, &self.token, None);
            self.take(&page);
            if page["has_more"] == false {
                return page["digest"].clone();
            }
        }
    }

    /// The token that a mutation of this test typed, if it typed anything.
    pub(crate) fn typed(mutation: &Value) -> Option<String> {
        let mid = mutation["mid"].as_str().unwrap().trim_end_matches('b');
        Some(edits::token(mid)).filter(|token| mutation.to_string().contains(token.as_str()))
    }
}
