//! The books after the last death: what devices were told against what is there.

use crate::device::Device;
use crate::wire::ask;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Formatter, Result};
use std::net::SocketAddr;
use std::path::Path;

/// How much there was.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    acknowledged: usize,
    refused: usize,
    merged: usize,
    sent_again: usize,
    duplicates: usize,
    records: usize,
}

impl Counts {
    /// Whether the deaths left traces: with many of them some answer was lost after its commit.
    pub(crate) fn is_something_when(&self, kills: u64) -> bool {
        self.acknowledged > 0 && (kills < 10 || (self.sent_again > 0 && self.duplicates > 0))
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(
            f,
            "{} mutations acknowledged ({} refused, {} merged), {} sent again, {} of them answered \
             as duplicates, {} live records",
            self.acknowledged,
            self.refused,
            self.merged,
            self.sent_again,
            self.duplicates,
            self.records
        )
    }
}

/// Every device catches up to the same copy, its digest is right, and every mutation sent once more is
/// answered word for word as the first time and changes nothing.
pub(crate) fn over_http(devices: &mut [Device], address: SocketAddr) -> Counts {
    let mut counts = Counts::default();
    let mut copies = Vec::new();
    for device in devices.iter_mut() {
        let digest = device.catch_up(address);
        let own = device.copy.iter().fold(0, |digest, (name, (rev, _))| {
            let hash = Sha256::digest(format!("{name}:{rev}"));
            digest ^ u64::from_be_bytes(hash[..8].try_into().unwrap())
        });
        assert_eq!(digest, format!("{own:016x}"));
        copies.push(device.copy.clone());
        let status = |wanted: &str| {
            device.acknowledged.iter().filter(|(_, result)| result["status"] == wanted).count()
        };
        counts.acknowledged += device.acknowledged.len();
        counts.refused += status("rejected") + status("blocked");
        counts.merged += status("merged");
        counts.sent_again += device.sent_again;
        counts.duplicates += device.duplicates;
        counts.records = device.copy.len();
    }
    assert!(copies.iter().all(|copy| *copy == copies[0]), "the devices differ");
    let head = ask(address, "GET /v1/sync/head", devices[0].token(), None);
    for device in devices.iter() {
        for batch in device.acknowledged.chunks(400) {
            let mutations: Vec<&Value> = batch.iter().map(|(mutation, _)| mutation).collect();
            let body = json!({
                "protocol": 1, "schema": 1, "client_time": 0, "mutations": mutations, "max_changes": 1,
            });
            let answer = ask(address, "POST /v1/sync", device.token(), Some(&body));
            for (result, (_, first)) in answer["results"].as_array().unwrap().iter().zip(batch) {
                assert_eq!((&result["status"], &result["original"]), (&json!("duplicate"), first));
            }
        }
    }
    assert_eq!(ask(address, "GET /v1/sync/head", devices[0].token(), None), head);
    counts
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The file is sound, the ledger holds exactly what was acknowledged, everything that was typed is there,
/// and no edit was written twice.
pub(crate) fn in_the_database(devices: &[Device], folder: &Path) {
    let file = folder.join("afterview.db");
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let mut lines = |query: &str| -> Vec<String> {
        let rows: Vec<Row> = diesel::sql_query(query).load(&mut connection).unwrap();
        rows.into_iter().map(|row| row.line).collect()
    };
    let sound = lines("SELECT integrity_check AS line FROM pragma_integrity_check");
    assert_eq!(sound, ["ok"]);
    let ledger = lines("SELECT mutation_id AS line FROM mutations ORDER BY 1");
    let all: Vec<&(Value, Value)> =
        devices.iter().flat_map(|device| &device.acknowledged).collect();
    let mut named: Vec<&str> = all.iter().map(|(it, _)| it["mid"].as_str().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(ledger, named);

    let docs = lines("SELECT doc AS line FROM records");
    let history = lines("SELECT changed AS line FROM record_revs");
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    for changed in &history {
        let changed: Value = serde_json::from_str(changed).unwrap();
        for name in ["role", "name"] {
            if let Some(new) = changed[name]["new"].as_str() {
                *written.entry(new.to_owned()).or_default() += 1;
            }
        }
    }
    assert!(written.values().all(|times| *times == 1), "written twice: {written:?}");
    let words: BTreeSet<&str> = docs
        .iter()
        .chain(&history)
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .collect();
    let refusals = lines(
        "SELECT json_extract(doc, '$.mutation_id') AS line FROM records \
         WHERE collection = 'conflicts' AND json_extract(doc, '$.reason') = 'rejected' ORDER BY 1",
    );
    let mut refused = Vec::new();
    for (mutation, result) in all {
        let Some(token) = Device::typed(mutation) else { continue };
        assert!(words.contains(token.as_str()), "lost: {mutation} {result}");
        if result["status"] == "rejected" || result["status"] == "blocked" {
            refused.push(mutation["mid"].as_str().unwrap());
        }
    }
    refused.sort_unstable();
    assert_eq!(refusals, refused);
    let points = docs.iter().flat_map(|doc| {
        let doc: Value = serde_json::from_str(doc).unwrap();
        doc["talking_points"].as_array().cloned().unwrap_or_default()
    });
    let points: Vec<String> = points.map(|point| point["text"].to_string()).collect();
    assert_eq!(points.iter().collect::<BTreeSet<_>>().len(), points.len(), "an item twice");
}
