//! A running write as the log that the engine writes into.
//!
//! **Must never** run a statement without the account, or judge the content of a record.

use super::pending::{ChangeRow, Wait};
use super::schema::{record_revs, records};
use super::{AccountWrite, StoreError};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::sync::{Change, Known, Log, PastChange, Record, Status, WriteError};
use diesel::prelude::*;
use serde_json::{Map, Value};

/// The row of a record.
#[derive(Queryable)]
pub(super) struct RecordRow {
    rev: i64,
    created_rev: i64,
    deleted_rev: Option<i64>,
    cascade_of: Option<String>,
    doc: String,
    field_meta: String,
    extra: Option<String>,
}

impl RecordRow {
    /// The record of that name.
    pub(super) fn into_record(
        self,
        collection: Collection,
        id: &str,
    ) -> Result<Record, StoreError> {
        let corrupt = |error: serde_json::Error| {
            StoreError::Corrupt(format!("{}/{id}: {error}", collection.as_str()))
        };
        Ok(Record {
            collection,
            id: id.to_owned(),
            rev: self.rev,
            created_rev: self.created_rev,
            deleted_rev: self.deleted_rev,
            cascade_of: self.cascade_of,
            doc: serde_json::from_str(&self.doc).map_err(corrupt)?,
            field_meta: serde_json::from_str(&self.field_meta).map_err(corrupt)?,
            extra: match self.extra {
                Some(extra) => serde_json::from_str(&extra).map_err(corrupt)?,
                None => Map::new(),
            },
        })
    }
}

/// What is to be in the row of a record.
#[derive(Insertable)]
#[diesel(table_name = records, treat_none_as_default_value = false)]
pub(super) struct RecordValues<'a> {
    pub(super) account_id: &'a str,
    pub(super) collection: &'a str,
    pub(super) id: &'a str,
    pub(super) rev: i64,
    pub(super) created_rev: i64,
    pub(super) deleted_rev: Option<i64>,
    pub(super) cascade_of: Option<&'a str>,
    pub(super) txn: i64,
    pub(super) opportunity_id: Option<&'a str>,
    pub(super) sort_at: Option<i64>,
    pub(super) doc: String,
    pub(super) field_meta: String,
    pub(super) extra: Option<String>,
}

impl<'a> RecordValues<'a> {
    /// The rows of records that a transaction wrote.
    pub(super) fn all(
        account_id: &'a str,
        txn: i64,
        records: &[&'a Record],
    ) -> Result<Vec<Self>, StoreError> {
        records.iter().map(|record| Self::of(account_id, txn, record)).collect()
    }

    fn of(account_id: &'a str, txn: i64, record: &'a Record) -> Result<Self, StoreError> {
        let field_meta = serde_json::to_string(&record.field_meta)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let sort_field = record.collection.sort_field();
        let sort_at = sort_field.and_then(|name| record.doc.get(name)).and_then(Value::as_str);
        Ok(Self {
            account_id,
            collection: record.collection.as_str(),
            id: &record.id,
            rev: record.rev,
            created_rev: record.created_rev,
            deleted_rev: record.deleted_rev,
            cascade_of: record.cascade_of.as_deref(),
            txn,
            opportunity_id: record.opportunity_id(),
            sort_at: sort_at
                .and_then(|text| parse_instant(text).ok())
                .map(|at| at.timestamp_millis()),
            doc: serde_json::to_string(&record.doc)
                .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            field_meta,
            extra: (!record.extra.is_empty())
                .then(|| serde_json::to_string(&record.extra))
                .transpose()
                .map_err(|error| StoreError::Corrupt(error.to_string()))?,
        })
    }
}

impl AccountWrite<'_> {
    fn find_record(
        &mut self,
        collection: Collection,
        id: &str,
    ) -> Result<Option<Record>, StoreError> {
        if let Some(known) = self.pending.find(collection, id) {
            return Ok(known.cloned());
        }
        let account_id = self.account_id();
        let row = self.connection_behind().find_record(account_id, collection.as_str(), id)?;
        let found = row.map(|row| row.into_record(collection, id)).transpose()?;
        self.pending.saw(collection, id, found.clone());
        Ok(found)
    }

    fn look_at<T>(
        &mut self,
        collection: Collection,
        id: &str,
        see: impl FnOnce(Option<&Record>) -> T,
    ) -> Result<T, StoreError> {
        match self.pending.find(collection, id) {
            Some(known) => Ok(see(known)),
            None => Ok(see(self.find_record(collection, id)?.as_ref())),
        }
    }

    /// Writes what is pending if it is much.
    fn relieve(&mut self) -> Result<(), StoreError> {
        if self.pending.is_full() { self.flush() } else { Ok(()) }
    }

    fn live_children(&mut self, opportunity_id: &str) -> Result<Names, StoreError> {
        let account_id = self.account_id();
        let names = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::opportunity_id.eq(opportunity_id))
            .filter(records::deleted_rev.is_null())
            .filter(records::collection.ne(Collection::Opportunities.as_str()))
            .select((records::collection, records::id))
            .load(self.connection()?)?;
        named(names)
    }

    fn tombstones_of(&mut self, parent: &str) -> Result<Names, StoreError> {
        let account_id = self.account_id();
        let opportunity_id = parent.rsplit('/').next().unwrap_or_default();
        let names = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::opportunity_id.eq(opportunity_id))
            .filter(records::cascade_of.eq(parent))
            .select((records::collection, records::id))
            .load(self.connection()?)?;
        named(names)
    }

    fn changes_of(
        &mut self,
        collection: Collection,
        id: &str,
        after: i64,
    ) -> Result<Vec<PastChange>, StoreError> {
        let account_id = self.account_id();
        let rows: Vec<(i64, String, String)> = record_revs::table
            .filter(record_revs::account_id.eq(account_id))
            .filter(record_revs::collection.eq(collection.as_str()))
            .filter(record_revs::id.eq(id))
            .filter(record_revs::rev.gt(after))
            .select((record_revs::rev, record_revs::device_id, record_revs::changed))
            .order(record_revs::rev)
            .load(self.connection()?)?;
        let typed = |(rev, device, changed): (i64, String, String)| {
            let changed = serde_json::from_str(&changed).map_err(|error| {
                StoreError::Corrupt(format!("history {}/{id}/{rev}: {error}", collection.as_str()))
            })?;
            Ok(PastChange { rev, device, changed })
        };
        rows.into_iter().map(typed).collect()
    }

    /// A new record needs no history: who and when stand in the field meta, and the values in the
    /// record or as the old values of the first change.
    fn insert_record(&mut self, record: &Record) -> Result<(), StoreError> {
        self.pending.write(record, Wait::Insert);
        self.account_for(None, Some(record.state_key()));
        self.touch(record);
        self.news.note(None, record);
        self.relieve()
    }

    fn update_record(&mut self, before: &Record, change: &Change) -> Result<(), StoreError> {
        let record = &change.record;
        self.pending.write(record, Wait::Update);
        self.pending.keep_change(ChangeRow::of(change)?);
        self.touch(before);
        self.touch(record);
        self.news.note(Some(before), record);
        let alive = |record: &Record| record.deleted_rev.is_none();
        self.account_for(
            alive(before).then(|| before.state_key()),
            alive(record).then(|| record.state_key()),
        );
        self.relieve()
    }

    fn known_mutation(&mut self, mutation_id: &str) -> Result<Option<Known>, StoreError> {
        if let Some(known) = self.pending.mutation(mutation_id) {
            return Ok(Some(known.clone()));
        }
        if let Some(known) = self.pending.foreseen(mutation_id) {
            return Ok(known.cloned());
        }
        let account_id = self.account_id();
        let found = self.connection_behind().find_mutation(account_id, mutation_id)?;
        found.map(|row| known(mutation_id, row)).transpose()
    }

    fn keep_mutation(&mut self, known: &Known) -> Result<(), StoreError> {
        self.pending.keep_mutation(known);
        self.relieve()
    }
}

/// Fingerprint, status, revision and result of a mutation.
pub(super) type MutationRow = (String, String, Option<i64>, String);

/// What the ledger has about the mutation `id`.
pub(super) fn known(id: &str, row: MutationRow) -> Result<Known, StoreError> {
    let (fingerprint, word, rev, result) = row;
    let status = Status::from_word(&word).ok_or_else(|| corrupt(format!("status {word}")))?;
    Ok(Known { id: id.to_owned(), fingerprint, status, rev, result })
}

type Names = Vec<(Collection, String)>;

/// In the order of names. Not sorted by the database: SQLite would walk the index of names, through
/// the whole account, rather than sort these few.
fn named(mut names: Vec<(String, String)>) -> Result<Names, StoreError> {
    names.sort_unstable();
    let typed = |(word, id): (String, String)| match Collection::from_word(&word) {
        Some(collection) => Ok((collection, id)),
        None => Err(corrupt(format!("unknown collection {word}"))),
    };
    names.into_iter().map(typed).collect()
}

fn corrupt(why: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(why.to_string())
}

type Logged<T> = Result<T, WriteError<StoreError>>;

impl Log for AccountWrite<'_> {
    type Error = StoreError;

    fn now(&self) -> Instant {
        AccountWrite::now(self)
    }

    fn device(&self) -> &str {
        self.device_id()
    }

    fn live_records(&self) -> i64 {
        AccountWrite::live_records(self)
    }

    fn find(&mut self, collection: Collection, id: &str) -> Logged<Option<Record>> {
        self.find_record(collection, id).map_err(WriteError::Log)
    }

    fn look<T>(
        &mut self,
        collection: Collection,
        id: &str,
        see: impl FnOnce(Option<&Record>) -> T,
    ) -> Logged<T> {
        self.look_at(collection, id, see).map_err(WriteError::Log)
    }

    fn children(&mut self, opportunity_id: &str) -> Logged<Names> {
        self.live_children(opportunity_id).map_err(WriteError::Log)
    }

    fn taken_along(&mut self, parent: &str) -> Logged<Names> {
        self.tombstones_of(parent).map_err(WriteError::Log)
    }

    fn history(&mut self, collection: Collection, id: &str, after: i64) -> Logged<Vec<PastChange>> {
        self.changes_of(collection, id, after).map_err(WriteError::Log)
    }

    fn next_stamp(&self) -> i64 {
        AccountWrite::next_stamp(self)
    }

    fn take_stamp(&mut self) -> i64 {
        AccountWrite::take_stamp(self)
    }

    fn insert(&mut self, record: &Record) -> Logged<()> {
        self.insert_record(record).map_err(WriteError::Log)
    }

    fn update(&mut self, before: &Record, change: &Change) -> Logged<()> {
        self.update_record(before, change).map_err(WriteError::Log)
    }

    fn purge(&mut self, left: &Record) -> Logged<()> {
        self.purge_record(left).map_err(WriteError::Log)
    }

    fn known(&mut self, mutation_id: &str) -> Logged<Option<Known>> {
        self.known_mutation(mutation_id).map_err(WriteError::Log)
    }

    fn remember(&mut self, known: &Known) -> Logged<()> {
        self.keep_mutation(known).map_err(WriteError::Log)
    }

    fn begin(&mut self) -> Logged<()> {
        self.open_part().map_err(WriteError::Log)
    }

    fn keep(&mut self) -> Logged<()> {
        self.close_part(true).map_err(WriteError::Log)
    }

    fn undo(&mut self) -> Logged<()> {
        self.close_part(false).map_err(WriteError::Log)
    }
}
