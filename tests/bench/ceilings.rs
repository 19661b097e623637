//! What could be reached at best on the same machine: a web server that does nothing, and a
//! database without a server around it.

use crate::children::cpu_of;
use crate::report::Sample;
use actix_web::http::{Method, header};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::path::Path;
use std::time::{Duration, Instant};

/// Serves the bytes of the file `answer` under every address, or 304 to a conditional request.
pub(crate) fn serve_bare() {
    let answer = web::Bytes::from(std::fs::read("answer").unwrap());
    actix_web::rt::System::new().block_on(async {
        let app = move || {
            let answer = answer.clone();
            App::new().default_service(web::to(move |request: HttpRequest, body: web::Payload| {
                let answer = answer.clone();
                async move {
                    if request.method() == Method::POST {
                        body.to_bytes().await.unwrap();
                    }
                    bare_answer(&request, answer)
                }
            }))
        };
        let server = HttpServer::new(app).bind("127.0.0.1:0").unwrap();
        println!("bare server listening on http://{}", server.addrs()[0]);
        server.run().await.unwrap();
    });
}

/// The same headers as the real answer has, so that the same bytes go over the wire.
fn bare_answer(request: &HttpRequest, answer: web::Bytes) -> HttpResponse {
    let known = request.headers().contains_key(header::IF_NONE_MATCH);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, "\"1780000000000\""));
    response.insert_header(("x-request-id", "0192f0c1-7b1a-7c3d-8a55-000000000000"));
    if known {
        return response.finish();
    }
    response.content_type("application/json").body(answer)
}

diesel::table! {
    records (account_id, collection, id) {
        account_id -> Text, collection -> Text, id -> Text, rev -> BigInt, created_rev -> BigInt,
        txn -> BigInt, opportunity_id -> Text, doc -> Text, field_meta -> Text,
    }
}
diesel::table! {
    account_sync (account_id) { account_id -> Text, last_stamp -> BigInt, digest -> BigInt, }
}

/// As the server sets up the connection that writes.
pub(crate) const SETUP: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 10000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;
    PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";

/// What one write stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// The record alone.
    Record,
    /// The record and the head of the log, as the server does.
    All,
}

/// A database of the server's schema and settings, without the server.
pub(crate) struct RawDatabase {
    connection: SqliteConnection,
    accounts: Vec<String>,
    last_rev: i64,
    doc: String,
    field_meta: String,
}

impl RawDatabase {
    /// Opens `path`, a database as the server leaves it, to write records with these texts.
    pub(crate) fn open(path: &Path, doc: &str, field_meta: &str) -> Self {
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute(SETUP).unwrap();
        let accounts = account_sync::table.select(account_sync::account_id);
        let accounts = accounts.load(&mut connection).unwrap();
        let newest = records::table.select(diesel::dsl::max(records::rev));
        let last_rev: Option<i64> = newest.first(&mut connection).unwrap();
        let (doc, field_meta) = (doc.to_owned(), field_meta.to_owned());
        Self { connection, accounts, last_rev: last_rev.unwrap(), doc, field_meta }
    }

    /// The `field_meta` text of the newest record, as the server wrote it.
    pub(crate) fn newest_field_meta(path: &Path) -> String {
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let newest = records::table.order(records::rev.desc()).select(records::field_meta);
        newest.first(&mut connection).unwrap()
    }

    /// Brings everything into the database file, as a server does that ends in good order.
    pub(crate) fn check_point(path: &Path) {
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }

    /// Writes `count` records, `group` in each durable commit, each in another account as the
    /// connections of the server have it. A latency is that of a commit.
    pub(crate) fn run(&mut self, count: u32, group: u32, rows: Rows) -> Sample {
        let (before, start) = (cpu_of("self"), Instant::now());
        let mut latencies = Vec::new();
        for _ in 0..count / group {
            let start = Instant::now();
            self.connection.batch_execute("BEGIN IMMEDIATE").unwrap();
            for account in 0..group {
                self.insert(usize::try_from(account).unwrap(), rows);
            }
            self.connection.batch_execute("COMMIT").unwrap();
            latencies.push(start.elapsed());
        }
        let requests = count / group * group;
        let (elapsed, cpu) = (start.elapsed(), cpu_of("self") - before);
        Sample { requests, elapsed, latencies, cpu, database_cpu: Duration::ZERO }
    }

    fn insert(&mut self, account: usize, rows: Rows) {
        self.last_rev += 1;
        let account = &self.accounts[account];
        let (id, rev) = (raw_id(self.last_rev), self.last_rev);
        let record = (
            (records::account_id.eq(account), records::collection.eq("contacts")),
            (records::id.eq(&id), records::rev.eq(rev), records::created_rev.eq(rev)),
            (records::txn.eq(rev), records::opportunity_id.eq("acme")),
            (records::doc.eq(&self.doc), records::field_meta.eq(&self.field_meta)),
        );
        diesel::insert_into(records::table).values(record).execute(&mut self.connection).unwrap();
        if rows == Rows::Record {
            return;
        }
        diesel::update(account_sync::table.find(account))
            .set((account_sync::last_stamp.eq(rev), account_sync::digest.eq(rev)))
            .execute(&mut self.connection)
            .unwrap();
    }
}

/// An identifier as a phone would choose it: as long as a UUID, in no order.
pub(crate) fn raw_id(number: i64) -> String {
    let mixed = number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{mixed:016x}-4c3d-8a55-{number:012}")
}
