//! What a push of 100 mutations could cost at best: the same rows, written by a loop without a server.

use crate::ceilings::SETUP;
use crate::children::cpu_of;
use crate::report::Sample;
use crate::sync::{MUTATIONS, name};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::path::Path;
use std::time::{Duration, Instant};

diesel::table! {
    records (account_id, collection, id) {
        account_id -> Text, collection -> Text, id -> Text, rev -> BigInt, created_rev -> BigInt,
        txn -> BigInt, opportunity_id -> Nullable<Text>, doc -> Text, field_meta -> Text,
    }
}
diesel::table! {
    record_revs (account_id, rev) {
        account_id -> Text, rev -> BigInt, collection -> Text, id -> Text, device_id -> Text,
        mutation_id -> Nullable<Text>, changed -> Text,
    }
}
diesel::table! {
    mutations (account_id, mutation_id) {
        account_id -> Text, mutation_id -> Text, device_id -> Text, fingerprint -> Text,
        status -> Text, rev -> Nullable<BigInt>, result -> Text, received_at -> BigInt,
    }
}
diesel::table! {
    account_sync (account_id) {
        account_id -> Text, last_stamp -> BigInt, digest -> BigInt, live_records -> BigInt,
    }
}

#[derive(Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = records)]
struct RecordRow {
    account_id: String,
    collection: String,
    id: String,
    rev: i64,
    created_rev: i64,
    txn: i64,
    opportunity_id: Option<String>,
    doc: String,
    field_meta: String,
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = record_revs)]
struct RevRow {
    account_id: String,
    rev: i64,
    collection: String,
    id: String,
    device_id: String,
    mutation_id: Option<String>,
    changed: String,
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = mutations)]
struct LedgerRow {
    account_id: String,
    mutation_id: String,
    device_id: String,
    fingerprint: String,
    status: String,
    rev: Option<i64>,
    result: String,
    received_at: i64,
}

/// The rows of the newest push of a database, written again and again under new names.
pub(crate) struct RawPush {
    connection: SqliteConnection,
    accounts: Vec<String>,
    records: Vec<RecordRow>,
    revs: Vec<RevRow>,
    ledger: Vec<LedgerRow>,
    last_rev: i64,
    pushes: u32,
    run: u32,
}

impl RawPush {
    /// Opens `path`, a database as the server leaves it after a push. A push of patches changes its
    /// records, one of creates makes others, whose names begin with `run`. `accounts` is how many
    /// accounts take turns.
    pub(crate) fn open(path: &Path, run: u32, accounts: i64) -> Self {
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute(SETUP).unwrap();
        let many = i64::try_from(MUTATIONS).unwrap();
        let ids = account_sync::table.select(account_sync::account_id);
        let accounts = ids.limit(accounts).load(&mut connection).unwrap();
        let records: Vec<RecordRow> =
            records::table.order(records::rev.desc()).limit(many).load(&mut connection).unwrap();
        let (newest, oldest) = (records[0].rev, records.last().unwrap().rev);
        let revs: Vec<RevRow> = record_revs::table
            .filter(record_revs::account_id.eq(&records[0].account_id))
            .filter(record_revs::rev.ge(oldest))
            .load(&mut connection)
            .unwrap();
        let ledger: Vec<LedgerRow> = mutations::table
            .filter(mutations::account_id.eq(&records[0].account_id))
            .order(mutations::rev.desc())
            .limit(many)
            .load(&mut connection)
            .unwrap();
        assert!(revs.is_empty() || revs.len() == MUTATIONS, "{}", revs.len());
        assert_eq!((records.len(), ledger.len()), (MUTATIONS, MUTATIONS));
        Self { connection, accounts, records, revs, ledger, last_rev: newest, pushes: 0, run }
    }

    /// Writes the rows of `count` pushes, each in one durable commit.
    pub(crate) fn run(&mut self, count: u32) -> Sample {
        let (before, start) = (cpu_of("self"), Instant::now());
        let mut latencies = Vec::new();
        for _ in 0..count {
            let start = Instant::now();
            self.connection.batch_execute("BEGIN IMMEDIATE").unwrap();
            self.push();
            self.connection.batch_execute("COMMIT").unwrap();
            latencies.push(start.elapsed());
        }
        Sample {
            requests: count,
            elapsed: start.elapsed(),
            latencies,
            cpu: cpu_of("self") - before,
            database_cpu: Duration::ZERO,
        }
    }

    fn push(&mut self) {
        let turn = usize::try_from(self.pushes).unwrap() % self.accounts.len();
        let account = self.accounts[turn].clone();
        let patches = !self.revs.is_empty();
        for n in 0..MUTATIONS {
            self.last_rev += 1;
            let rev = self.last_rev;
            let record = &mut self.records[n];
            record.rev = rev;
            let named = name(self.run, self.pushes, u32::try_from(n).unwrap());
            if patches {
                let row = &mut self.revs[n];
                (row.rev, row.mutation_id) = (rev, Some(named.clone()));
                row.account_id.clone_from(&record.account_id);
                diesel::update(records::table)
                    .filter(records::account_id.eq(&record.account_id))
                    .filter(records::collection.eq(&record.collection))
                    .filter(records::id.eq(&record.id))
                    .set(&*record)
                    .execute(&mut self.connection)
                    .unwrap();
                diesel::insert_into(record_revs::table)
                    .values(&*row)
                    .execute(&mut self.connection)
                    .unwrap();
            } else {
                record.account_id.clone_from(&account);
                record.id.clone_from(&named);
                diesel::insert_into(records::table)
                    .values(&*record)
                    .execute(&mut self.connection)
                    .unwrap();
            }
            let row = &mut self.ledger[n];
            row.account_id.clone_from(&account);
            (row.mutation_id, row.rev) = (named, Some(rev));
            diesel::insert_into(mutations::table)
                .values(&*row)
                .execute(&mut self.connection)
                .unwrap();
        }
        diesel::update(account_sync::table.find(&account))
            .set((
                account_sync::last_stamp.eq(self.last_rev),
                account_sync::digest.eq(self.last_rev),
                account_sync::live_records.eq(self.last_rev),
            ))
            .execute(&mut self.connection)
            .unwrap();
        self.pushes += 1;
    }
}
