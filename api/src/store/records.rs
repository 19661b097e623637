//! The synced records: reading, listing, and writing one state with its history.
//!
//! **Must never** run a statement without the account, or judge the content of a record.

use super::schema::{record_revs, records};
use super::{AccountWrite, DbConnection, StoreError};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::sync::{Author, Change, Record};
use diesel::prelude::*;
use serde_json::{Map, Value};

/// A record as it is served: its revision and its JSON text, spliced into answers as it stands.
#[derive(Debug, Clone, Queryable)]
pub struct StoredDoc {
    /// Revision, also the entity tag.
    pub rev: i64,
    /// The record's JSON text.
    pub doc: String,
}

/// The position and the narrowing of a list.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Only records of this opportunity.
    pub opportunity_id: Option<String>,
    /// Only records changed at or after this instant.
    pub updated_since: Option<Instant>,
    /// Only records whose instant lies at or after this one.
    pub sort_from: Option<Instant>,
    /// Only records whose instant lies before this one.
    pub sort_before: Option<Instant>,
    /// Only interviews with this status.
    pub status: Option<String>,
    /// Only records whose creation stamp is above this one: where the last page ended.
    pub after: i64,
    /// At most this many.
    pub limit: i64,
}

/// A record in a list: where it stands and its JSON text.
#[derive(Debug, Clone, Queryable)]
pub struct ListedDoc {
    /// Creation stamp: the order of lists.
    pub created_rev: i64,
    /// The record's JSON text.
    pub doc: String,
}

/// The live record of that name, as it is served.
///
/// # Errors
/// That the database is unavailable.
pub fn find_doc(
    connection: &mut DbConnection,
    account_id: &str,
    collection: Collection,
    id: &str,
) -> Result<Option<StoredDoc>, StoreError> {
    let found = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(collection.as_str()))
        .filter(records::id.eq(id))
        .filter(records::deleted_rev.is_null())
        .select((records::rev, records::doc))
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// One page of live records in the order of their creation.
///
/// # Errors
/// That the database is unavailable.
pub fn list(
    connection: &mut DbConnection,
    account_id: &str,
    collection: Collection,
    query: &ListQuery,
) -> Result<Vec<ListedDoc>, StoreError> {
    let mut select = records::table
        .filter(records::account_id.eq(account_id.to_owned()))
        .filter(records::collection.eq(collection.as_str()))
        .filter(records::deleted_rev.is_null())
        .filter(records::created_rev.gt(query.after))
        .select((records::created_rev, records::doc))
        .order(records::created_rev)
        .limit(query.limit)
        .into_boxed();
    if let Some(opportunity_id) = query.opportunity_id.clone() {
        select = select.filter(records::opportunity_id.eq(opportunity_id));
    }
    if let Some(since) = query.updated_since {
        select = select.filter(records::rev.ge(since.timestamp_millis()));
    }
    if let Some(from) = query.sort_from {
        select = select.filter(records::sort_at.ge(from.timestamp_millis()));
    }
    if let Some(before) = query.sort_before {
        select = select.filter(records::sort_at.lt(before.timestamp_millis()));
    }
    if let Some(status) = &query.status {
        // The text is canonical JSON, in which a quote inside a value is escaped: this matches the
        // member and nothing else, on every backend.
        select = select.filter(records::doc.like(format!("%\"status\":\"{status}\"%")));
    }
    Ok(select.load(connection)?)
}

/// The newest stamp of the account: changes whenever anything in it does.
///
/// # Errors
/// That the database is unavailable.
pub fn head(connection: &mut DbConnection, account_id: &str) -> Result<i64, StoreError> {
    use super::schema::account_sync;
    let head = account_sync::table
        .find(account_id)
        .select(account_sync::last_stamp)
        .get_result(connection)
        .optional()?;
    head.ok_or(StoreError::UnknownAccount)
}

#[derive(Queryable)]
struct RecordRow {
    rev: i64,
    created_rev: i64,
    deleted_rev: Option<i64>,
    cascade_of: Option<String>,
    doc: String,
    field_meta: String,
    extra: Option<String>,
}

impl RecordRow {
    fn into_record(self, collection: Collection, id: &str) -> Result<Record, StoreError> {
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

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = records, treat_none_as_null = true, treat_none_as_default_value = false)]
struct RecordValues<'a> {
    account_id: &'a str,
    collection: &'a str,
    id: &'a str,
    rev: i64,
    created_rev: i64,
    deleted_rev: Option<i64>,
    cascade_of: Option<&'a str>,
    txn: i64,
    opportunity_id: Option<&'a str>,
    sort_at: Option<i64>,
    doc: String,
    field_meta: String,
    extra: Option<String>,
}

impl<'a> RecordValues<'a> {
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
    /// The record of that name, alive or as a tombstone.
    ///
    /// # Errors
    /// That the database is unavailable or the row corrupt.
    pub fn find(&mut self, collection: Collection, id: &str) -> Result<Option<Record>, StoreError> {
        let account_id = self.account_id();
        let row: Option<RecordRow> = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::collection.eq(collection.as_str()))
            .filter(records::id.eq(id))
            .select((
                records::rev,
                records::created_rev,
                records::deleted_rev,
                records::cascade_of,
                records::doc,
                records::field_meta,
                records::extra,
            ))
            .get_result(self.connection())
            .optional()?;
        row.map(|row| row.into_record(collection, id)).transpose()
    }

    /// The live record of that name.
    ///
    /// # Errors
    /// That the database is unavailable or the row corrupt.
    pub fn find_live(
        &mut self,
        collection: Collection,
        id: &str,
    ) -> Result<Option<Record>, StoreError> {
        Ok(self.find(collection, id)?.filter(|record| record.deleted_rev.is_none()))
    }

    /// The names of the live records that belong to one opportunity, without itself.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn children(
        &mut self,
        opportunity_id: &str,
    ) -> Result<Vec<(Collection, String)>, StoreError> {
        let account_id = self.account_id();
        let names: Vec<(String, String)> = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::opportunity_id.eq(opportunity_id))
            .filter(records::deleted_rev.is_null())
            .filter(records::collection.ne(Collection::Opportunities.as_str()))
            .select((records::collection, records::id))
            .order((records::collection, records::id))
            .load(self.connection())?;
        names
            .into_iter()
            .map(|(word, id)| match Collection::from_word(&word) {
                Some(collection) => Ok((collection, id)),
                None => Err(StoreError::Corrupt(format!("unknown collection {word}"))),
            })
            .collect()
    }

    /// Who would make the next change of this write, under the stamp that would be next.
    #[must_use]
    pub fn preview_author(&self) -> Author<'_> {
        let now = self.now();
        Author { device: self.device_id(), now, effective: now, stamp: self.next_stamp() }
    }

    /// Who makes the next change of this write. Takes the stamp.
    pub fn next_author(&mut self) -> Author<'_> {
        let stamp = self.take_stamp();
        Author { stamp, ..self.preview_author() }
    }

    /// Writes a record that did not exist. That needs no history: who and when stand in the field
    /// meta, and the values in the record or as the old values of the first change.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn insert(&mut self, record: &Record) -> Result<(), StoreError> {
        let values = RecordValues::of(self.account_id(), self.txn(), record)?;
        diesel::insert_into(records::table).values(&values).execute(self.connection())?;
        self.account_for(None, Some(record.state_key()));
        self.touch(record);
        Ok(())
    }

    /// Writes the next state of a record in place of `before`, and what it replaced.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn update(&mut self, before: &Record, change: &Change) -> Result<(), StoreError> {
        let record = &change.record;
        let values = RecordValues::of(self.account_id(), self.txn(), record)?;
        let account_id = self.account_id();
        diesel::update(
            records::table
                .filter(records::account_id.eq(account_id))
                .filter(records::collection.eq(record.collection.as_str()))
                .filter(records::id.eq(&record.id)),
        )
        .set(&values)
        .execute(self.connection())?;
        self.touch(before);
        self.touch(record);
        self.remember(record, Value::Object(change.changed.clone()).to_string())?;
        let alive = |record: &Record| record.deleted_rev.is_none();
        self.account_for(
            alive(before).then(|| before.state_key()),
            alive(record).then(|| record.state_key()),
        );
        Ok(())
    }

    fn remember(&mut self, record: &Record, changed: String) -> Result<(), StoreError> {
        let row = (
            record_revs::account_id.eq(self.account_id()),
            record_revs::rev.eq(record.rev),
            record_revs::collection.eq(record.collection.as_str()),
            record_revs::id.eq(&record.id),
            record_revs::device_id.eq(self.device_id()),
            record_revs::changed.eq(changed),
        );
        diesel::insert_into(record_revs::table).values(row).execute(self.connection())?;
        Ok(())
    }
}
