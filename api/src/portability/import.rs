//! Bringing the records of an export into an account.
//!
//! All lines are checked before the first one is written, so that bad input changes nothing. Then records go
//! in by the hundred, each lot in one write; after an interruption the same import is sent again, and finds
//! what is there unchanged. Lines that are no records are left out: sessions and history belong to the
//! account that they came from.

use crate::error::{ApiError, Code};
use crate::planning::replan;
use crate::store::{AccountFeed, AccountWrite, DbConnection, Store, dispatch, records};
use afterview_domain::clock::Instant;
use afterview_domain::entities::{Collection, FaultCode, FieldErrors};
use afterview_domain::sync::{self, BroughtIn, Incoming, MAX_LIVE_RECORDS};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The most bytes of one import, after decompression. More is sent in parts: any lines, any number of times.
pub const MAX_IMPORT_BYTES: usize = 32 * 1024 * 1024;

/// How many records are written at once.
const AT_ONCE: usize = 100;

/// The most faults that are listed.
const MAX_FAULTS: usize = 50;

/// The device that the history names.
const DEVICE: &str = "import";

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Imported {
    /// Records that are there now and were not before.
    #[schema(examples(12))]
    pub created: i64,
    /// Records that were there and differed. Where both had something to say, what gave way is in
    /// `GET /v1/sync/conflicts`.
    #[schema(examples(0))]
    pub merged: i64,
    /// Records that were there already, the same.
    #[schema(examples(1))]
    pub unchanged: i64,
    /// Lines that are no records.
    #[schema(examples(5))]
    pub ignored: i64,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    collection: String,
    #[serde(default)]
    record: Map<String, Value>,
    #[serde(default)]
    extra: Map<String, Value>,
}

/// Brings the records of `text`, one JSON object a line, into an account.
///
/// # Errors
/// [`Code::ValidationFailed`] with the faults, each under the number of its line, and nothing was written;
/// [`Code::LimitExceeded`]; [`Code::Unavailable`]: then some records may be there.
pub async fn import(store: &Store, account_id: &str, text: &str) -> Result<Imported, ApiError> {
    let now = store.now();
    let (names, ignored) = check(text, now)?;
    check_account(store, account_id, names).await?;
    let mut imported = Imported { ignored, ..Imported::default() };
    let mut fresh = BTreeSet::new();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    loop {
        let mut lot = Vec::new();
        for line in lines.by_ref() {
            lot.extend(read(line, now)?);
            if lot.len() >= AT_ONCE {
                break;
            }
        }
        if lot.is_empty() {
            return Ok(imported);
        }
        let known = fresh.clone();
        let work = move |unit: &mut AccountWrite<'_>| write(unit, &lot, known.clone());
        let (done, seen) = store.write(account_id, DEVICE, work).await?;
        fresh = seen;
        imported.created += done.created;
        imported.merged += done.merged;
        imported.unchanged += done.unchanged;
    }
}

/// The records that an import names.
#[derive(Debug, Default)]
struct Names {
    opportunities: BTreeSet<String>,
    wanted: BTreeSet<String>,
    records: BTreeSet<(Collection, String)>,
}

/// Checks every line by itself.
fn check(text: &str, now: Instant) -> Result<(Names, i64), ApiError> {
    let (mut names, mut ignored, mut faults) = (Names::default(), 0, FieldErrors::default());
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match read(line, now) {
            Ok(None) => ignored += 1,
            Ok(Some(incoming)) => {
                if incoming.collection() == Collection::Opportunities {
                    names.opportunities.insert(incoming.id().to_owned());
                }
                names.wanted.extend(incoming.opportunity_id().map(str::to_owned));
                names.records.insert((incoming.collection(), incoming.id().to_owned()));
            }
            Err(errors) => {
                faults.extend(errors.nested_under(&format!("/{}", number.saturating_add(1))));
            }
        }
        if faults.len() >= MAX_FAULTS {
            break;
        }
    }
    Ok(faults.or_ok((names, ignored))?)
}

/// Checks the whole before what the account has: owners exist, and there is room.
async fn check_account(store: &Store, account_id: &str, names: Names) -> Result<(), ApiError> {
    let account = account_id.to_owned();
    let read = move |connection: &mut DbConnection| {
        let mut faults = FieldErrors::default();
        for owner in names.wanted.difference(&names.opportunities) {
            let collection = Collection::Opportunities;
            if records::find_doc(connection, &account, collection, owner)?.is_none() {
                let detail = format!("neither here nor in the import is an opportunity {owner}");
                faults.push("", FaultCode::UnknownReference, detail);
            }
        }
        faults.or_ok(())?;
        let mut feed = AccountFeed::new(connection, &account);
        let there = feed.live_revs(None)?;
        let known = there.into_iter().map(|it| (it.collection, it.id)).collect::<BTreeSet<_>>();
        let whole = known.union(&names.records).count();
        if i64::try_from(whole).unwrap_or(i64::MAX) > MAX_LIVE_RECORDS {
            let detail = format!("an account holds at most {MAX_LIVE_RECORDS} records");
            return Err(ApiError::new(Code::LimitExceeded, detail));
        }
        Ok::<_, ApiError>(())
    };
    store.read(account_id, read).await
}

/// The record of a line; `None` for a line of something else. Public for fuzzing only.
///
/// # Errors
/// Every fault of the line.
#[doc(hidden)]
pub fn read(line: &str, now: Instant) -> Result<Option<Incoming>, FieldErrors> {
    let fault = |pointer: &str, code, detail: String| {
        let mut errors = FieldErrors::default();
        errors.push(pointer, code, detail);
        errors
    };
    let line: Line = serde_json::from_str(line)
        .map_err(|error| fault("", FaultCode::Format, error.to_string()))?;
    if line.kind != "record" {
        return Ok(None);
    }
    let Some(collection) = Collection::from_word(&line.collection) else {
        let detail = "no collection of this version".to_owned();
        return Err(fault("/collection", FaultCode::Format, detail));
    };
    let incoming = Incoming::read(collection, &line.record, line.extra, now);
    Ok(Some(incoming.map_err(|refusal| match refusal.errors {
        none if none.is_empty() => fault("/record", FaultCode::TooLong, refusal.detail),
        errors => errors.nested_under("/record"),
    })?))
}

/// Writes one lot. `fresh` are the opportunities that this import has made.
fn write(
    unit: &mut AccountWrite<'_>,
    lot: &[Incoming],
    mut fresh: BTreeSet<String>,
) -> Result<(Imported, BTreeSet<String>), ApiError> {
    // Whoever hears of events has heard of these where they came from.
    unit.tell_nobody();
    let mut done = Imported::default();
    for incoming in lot {
        match sync::bring_in(unit, incoming)? {
            BroughtIn::Created => {
                done.created += 1;
                if incoming.collection() == Collection::Opportunities {
                    fresh.insert(incoming.id().to_owned());
                }
            }
            BroughtIn::Merged => done.merged += 1,
            BroughtIn::Unchanged => done.unchanged += 1,
        }
    }
    replan::before_commit(unit)?;
    // Of what was due before, the candidate has heard where it came from.
    let (account_id, now) = (unit.account_id(), unit.now().timestamp_millis());
    let ids: Vec<&str> = fresh.iter().map(String::as_str).collect();
    dispatch::pass_over(unit.connection()?, account_id, &ids, now)?;
    Ok((done, fresh))
}
