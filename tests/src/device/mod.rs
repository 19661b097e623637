//! A device: what an app must do to stay in sync. Written to be read by whoever writes such an app.
//!
//! A device keeps two things. The *server table* is what the server said last about every record. The
//! *outbox* is what its user did and the server has not confirmed yet. What the user sees is the one
//! laid over the other ([`Device::view`]), so that the app works the same without a network.
//!
//! The loop of an app, whenever it has a network and something calls for it:
//!
//! ```text
//! match device.next() {
//!     Next::Sync     => POST /v1/sync with request(now); then answered(body), or lost() without one
//!     Next::Snapshot => GET /v1/sync/snapshot;           then reset_with_snapshot(lines)
//!     Next::Repair   => GET /v1/sync/revs and what differs; then repair(revs, lines)
//!     Next::Nothing  => done, until the user edits or the server pokes
//! }
//! ```
//!
//! Every method is one transaction of the app's own database: [`State`] is saved after it, and before
//! the request that it built goes out. A crash then loses nothing, wherever it strikes.
//!
//! **Must never** merge, never judge by a clock, never change a mutation that was sent, and never know
//! how requests travel: it speaks JSON.

mod outbox;
mod schema;
mod user;

pub use outbox::{Entry, Outbox, Progress};
pub use schema::Schema;
pub use user::Tap;

use afterview_domain::entities::Collection;
use afterview_domain::sync::{StateKey, digest_of};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The fields of one record.
pub type Doc = Map<String, Value>;

/// What the server said last about one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Its revision.
    pub rev: i64,
    /// Its fields; `None` for a tombstone, of which only the revision is of use.
    pub doc: Option<Doc>,
    /// Fields that the server keeps for a newer app.
    pub extra: Doc,
}

/// Everything that a device must not lose.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Up to where changes were received; `None` before the first.
    pub cursor: Option<String>,
    /// `collection/id` to what the server said last about it.
    pub server: BTreeMap<String, Stored>,
    /// What the user did, in that order.
    pub outbox: Outbox,
    /// The server asked to begin anew with its snapshot.
    pub needs_snapshot: bool,
    /// The digests differed.
    pub needs_repair: bool,
    /// The last answer said that there is more.
    pub has_more: bool,
}

/// What the app has to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Send [`Device::request`].
    Sync,
    /// Fetch the snapshot.
    Snapshot,
    /// Fetch the list of revisions and what differs.
    Repair,
    /// Nothing is left to do.
    Nothing,
}

/// One installation of an app.
#[derive(Debug, Clone)]
pub struct Device {
    /// What it must not lose.
    pub state: State,
    /// Which fields it knows.
    pub schema: Schema,
    /// The most changes that it wants in one answer.
    pub max_changes: usize,
}

impl Device {
    /// A device as it was when `state` was saved; a default one for a fresh installation.
    #[must_use]
    pub fn load(state: State, schema: Schema, max_changes: usize) -> Self {
        Self { state, schema, max_changes }
    }

    /// What the app has to do next. A poke or a timer is a reason to sync even after `Nothing`.
    #[must_use]
    pub fn next(&self) -> Next {
        match &self.state {
            state if state.needs_snapshot => Next::Snapshot,
            state if state.needs_repair => Next::Repair,
            state if state.has_more || !state.outbox.is_empty() => Next::Sync,
            _ => Next::Nothing,
        }
    }

    /// The body of the next `POST /v1/sync`: first what is in flight already, word for word, then
    /// whatever may follow. `now_ms` is the device's own clock, right or wrong: the server only uses
    /// the distance between `client_time` and the `at` of an edit.
    pub fn request(&mut self, now_ms: i64) -> Value {
        json!({
            "protocol": 1,
            "schema": self.schema.version,
            "cursor": self.state.cursor,
            "client_time": now_ms,
            "max_changes": self.max_changes,
            "mutations": self.state.outbox.send(),
        })
    }

    /// No answer came. Whether the server carried the request out is unknown, so what is in flight
    /// stays as it is and is sent again; the server recognises it by its `mid`.
    pub fn lost(&mut self) {}

    /// Takes in the answer to [`request`](Self::request).
    pub fn answered(&mut self, answer: &Value) {
        for result in list(answer, "results") {
            self.settle(result);
        }
        if answer.get("reset").is_some() {
            // What was sent has been dealt with; what is left in the outbox stays there.
            self.state.needs_snapshot = true;
            return;
        }
        for change in list(answer, "changes") {
            self.store(change);
        }
        if let Some(cursor) = answer["cursor"].as_str() {
            self.state.cursor = Some(cursor.to_owned());
        }
        self.state.has_more = answer["has_more"] == true;
        let State { outbox, server, has_more, .. } = &mut self.state;
        outbox.clear_done(|key, rev| {
            !*has_more || server.get(key).is_some_and(|stored| stored.rev >= rev)
        });
        if let Some(digest) = answer["digest"].as_str() {
            self.state.needs_repair = !self.state.has_more && digest != self.digest();
        }
    }

    /// What became of one mutation.
    fn settle(&mut self, result: &Value) {
        let Some(mid) = result["mid"].as_str() else { return };
        let Some(key) = self.state.outbox.key_of(mid) else { return };
        if result["deleted"] == true {
            self.state.server.remove(&key);
        }
        if let Some(record) = result.get("record").filter(|record| record.is_object()) {
            let (c, id) = split(&key);
            self.store(&json!({
                "c": c, "id": id, "rev": record["rev"], "doc": record, "extra": result["extra"],
            }));
        }
        // The answer to the first attempt was lost; its result is repeated inside. What that says of the
        // record is of then, what stands beside it is of now.
        let result = if result["status"] == "duplicate" { &result["original"] } else { result };
        match result["status"].as_str() {
            // Undone: the view falls back to what the server has.
            Some("rejected" | "blocked") => self.state.outbox.remove(mid),
            // Done. It stays laid over the table until the record has come down as well, or the
            // user would see the edit vanish between two pages.
            _ => self.state.outbox.done(mid, result["rev"].as_i64().unwrap_or(0)),
        }
    }

    /// Keeps one state of one record, unless a newer one is known.
    fn store(&mut self, change: &Value) {
        let (Some(key), Some(rev)) = (key_of(change), change["rev"].as_i64()) else { return };
        if self.state.server.get(&key).is_some_and(|stored| stored.rev > rev) {
            return;
        }
        let object = |name: &str| change[name].as_object().cloned();
        let mut doc = object("doc").filter(|_| change["deleted"] != true);
        if let Some(doc) = &mut doc {
            doc.retain(|name, _| self.schema.knows(name));
        }
        let extra = object("extra").filter(|_| self.schema.keeps_extra).unwrap_or_default();
        self.state.server.insert(key, Stored { rev, doc, extra });
    }

    /// Begins anew with the lines of `GET /v1/sync/snapshot`: a header with the cursor, the records, a
    /// trailer. Without the trailer the snapshot is not whole and nothing happens. The outbox stays.
    pub fn reset_with_snapshot(&mut self, lines: &[Value]) {
        let whole = lines.last().is_some_and(|line| line.get("end").is_some());
        let Some(cursor) = lines.first().and_then(|line| line["cursor"].as_str()) else { return };
        if !whole {
            return;
        }
        self.state.server.clear();
        for line in lines {
            self.store(line);
        }
        self.state.cursor = Some(cursor.to_owned());
        self.state.outbox.begin_anew();
        self.state.needs_snapshot = false;
        self.state.needs_repair = false;
        // What changed while the snapshot was written comes next.
        self.state.has_more = true;
    }

    /// Repairs a table that has drifted: drops what `GET /v1/sync/revs` does not name and takes over
    /// what differs from `lines`, the lines of a snapshot (or of single records; few will differ).
    pub fn repair(&mut self, revs: &Value, lines: &[Value]) {
        let named: BTreeSet<String> = list(revs, "items").filter_map(key_of).collect();
        self.state.server.retain(|key, stored| stored.doc.is_none() || named.contains(key));
        for line in lines {
            let Some(key) = key_of(line) else { continue };
            let rev = self.state.server.get(&key).map(|stored| stored.rev);
            if rev != line["rev"].as_i64() {
                // Here alone a lower revision may win: the higher one was lost by a restore.
                self.state.server.remove(&key);
                self.store(line);
            }
        }
        self.state.needs_repair = false;
        self.state.has_more = true;
    }

    /// The digest of the live records in the server table, 16 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let live = self.state.server.iter().filter(|(_, stored)| stored.doc.is_some());
        let digest = live.fold(0, |digest, (key, stored)| {
            let (c, id) = split(key);
            Collection::from_word(c).map_or(digest, |collection| {
                digest ^ digest_of(StateKey { collection, id, rev: stored.rev })
            })
        });
        format!("{digest:016x}")
    }

    /// What the user sees: `(collection, id)` to the fields.
    #[must_use]
    pub fn view(&self) -> BTreeMap<(String, String), Value> {
        let stored = self.state.server.keys().map(String::as_str);
        let keys: BTreeSet<&str> = stored.chain(self.state.outbox.keys()).collect();
        let seen = keys.into_iter().filter_map(|key| {
            let (c, id) = split(key);
            Some(((c.to_owned(), id.to_owned()), Value::Object(self.record(c, id)?)))
        });
        seen.collect()
    }

    /// What the user sees of one record; `None` if there is none, or none any more.
    #[must_use]
    pub fn record(&self, c: &str, id: &str) -> Option<Doc> {
        let key = format!("{c}/{id}");
        let stored = self.state.server.get(&key);
        let mut doc = stored.and_then(|stored| stored.doc.clone());
        if let (Some(doc), Some(stored)) = (&mut doc, stored) {
            doc.extend(stored.extra.clone());
        }
        self.state.outbox.lay_over(&key, doc)
    }
}

fn list<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer[name].as_array().into_iter().flatten()
}

/// `collection/id` of whatever has members `c` and `id`.
fn key_of(named: &Value) -> Option<String> {
    Some(format!("{}/{}", named["c"].as_str()?, named["id"].as_str()?))
}

/// Collection and id of a key; neither can hold a slash.
pub(crate) fn split(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or((key, ""))
}
