//! Many accounts at once: a few made over HTTP, and copies of their rows made by SQL, as a server would
//! have written them. Their access tokens are signed with the server's own keys.
//!
//! **Must never** write a row that the server could not have written, but for the digest of a log, which
//! nobody reads here.

use crate::children::Child;
use crate::scene::{Account, contact};
use afterview_api::auth::caller::ALL_SCOPES;
use afterview_api::auth::keys::KeyRing;
use afterview_api::auth::tokens::Tokens;
use afterview_api::system::SystemClock;
use afterview_domain::clock::Clock;
use afterview_tests::Databases;
use std::ops::Range;
use std::path::Path;

/// The session of everybody.
const SESSION: &str = "01990000-0000-7000-8000-000000000000";

/// What stands in the contact that all others are copies of.
const PATTERN: &str = "name-of-the-pattern";

/// In how many turns the contacts of all groups are made.
const SLICES: u64 = 10;

/// What is copied: tables with the columns that are the same in every copy.
const COPIED: &[(&str, &str)] = &[
    ("account_sync", "epoch, last_stamp, gc_floor, digest, live_records"),
    ("records", "collection, id, rev, created_rev, txn, opportunity_id, sort_at, doc, field_meta"),
    ("plans", "opportunity_id, versions, next_change_at, outline, changed_at, changes"),
    (
        "reminders",
        "action_key, opportunity_id, follow_up_id, kind, remind_at, ideal, snoozed_until, useful_until, version",
    ),
];

/// Accounts that have so many contacts each, besides their opportunities.
pub(crate) struct Group {
    /// Their numbers.
    pub(crate) accounts: Range<u32>,
    /// How many opportunities each has, besides one.
    pub(crate) opportunities: u32,
    /// How many contacts each has.
    pub(crate) contacts: u32,
    /// How many contacts of an account lie beside each other, as pushed together.
    pub(crate) together: u32,
}

/// Makes the accounts of all groups in an empty database. The server may be started again afterwards.
pub(crate) fn settle(server: Child, database: &str, groups: &[Group]) {
    let mut models: Vec<u32> = groups.iter().map(|group| group.opportunities).collect();
    models.sort_unstable();
    models.dedup();
    for opportunities in models {
        Account::register(server.address, &format!("model{opportunities}"), opportunities);
    }
    let pattern = Account::register(server.address, "pattern", 1);
    pattern.post(server.address, "/v1/contacts", &contact_value());
    drop(server);
    let mut databases = Databases::open([database.to_owned()]);
    for group in groups.iter().filter(|group| !group.accounts.is_empty()) {
        databases.script(&copies(group)).unwrap();
    }
    // In slices: an account's records lie at several places among those of others.
    for slice in 0..SLICES {
        for group in groups.iter().filter(|group| group.contacts > 0) {
            databases.script(&contacts(group, slice)).unwrap();
        }
    }
    tidy(&mut databases, database);
}

fn contact_value() -> serde_json::Value {
    serde_json::from_str(&contact(PATTERN, 0)).unwrap()
}

/// What the databases do by themselves within minutes.
pub(crate) fn tidy(databases: &mut Databases, url: &str) {
    let statements: &[&str] = if url.starts_with("sqlite") {
        &["PRAGMA wal_checkpoint(TRUNCATE)"]
    } else {
        &["VACUUM (ANALYZE)", "CHECKPOINT"]
    };
    statements.iter().for_each(|statement| databases.script(statement).unwrap());
}

/// The account of that number.
pub(crate) fn id(number: u32) -> String {
    format!("01990000-0000-7000-8000-{}", 100_000_000_000_u64 + u64::from(number))
}

/// The contact of that ordinal of an account: names are in no order.
pub(crate) fn contact_name(account: u32, ordinal: u32) -> String {
    let scattered = 100_000_000_000_u64 + u64::from(ordinal) * 7_919 % 1_000_003;
    format!("{scattered}-4c3d-8a55-{}", 100_000_000_000_u64 + u64::from(account))
}

/// Signs everybody in for a quarter of an hour.
pub(crate) fn sign_in(folder: &Path, accounts: Range<u32>) -> Vec<Account> {
    let now = SystemClock.now();
    let keys = KeyRing::load_or_make(&folder.join("secrets"), now).unwrap();
    let tokens = Tokens::new(keys, "http://afterview.test".to_owned());
    let issue = |number: u32| {
        let jti = format!("bench{number}");
        Account::with_token(tokens.issue(&id(number), SESSION, ALL_SCOPES, jti, now).unwrap())
    };
    accounts.map(issue).collect()
}

fn numbers(from: u64, to: u64) -> String {
    format!(
        "WITH RECURSIVE numbers(n) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {to})"
    )
}

fn copies(group: &Group) -> String {
    let numbers = numbers(group.accounts.start.into(), group.accounts.end.into());
    let model = format!("model{}@example.org", group.opportunities);
    let account = "'01990000-0000-7000-8000-' || (100000000000 + n)";
    let mut script = format!(
        "BEGIN;
         {numbers} INSERT INTO accounts (account_id, email, password_hash, created_at)
         SELECT {account}, 'bench' || n || '@example.org', password_hash, created_at
         FROM numbers, accounts WHERE email = '{model}';
         {numbers} INSERT INTO sessions (account_id, session_id, device_name, refresh_hash, rotated_at, created_at, expires_at)
         SELECT {account}, '{SESSION}', 'phone', refresh_hash, rotated_at, sessions.created_at, expires_at
         FROM numbers, accounts JOIN sessions USING (account_id) WHERE email = '{model}';"
    );
    for (table, columns) in COPIED {
        script.push_str(&format!(
            "{numbers} INSERT INTO {table} (account_id, {columns})
             SELECT {account}, {columns} FROM numbers, {table}
             WHERE account_id = (SELECT account_id FROM accounts WHERE email = '{model}');"
        ));
    }
    script.push_str("COMMIT;");
    script
}

/// Contacts behind everything else in the log of their account.
fn contacts(group: &Group, slice: u64) -> String {
    let Group { accounts, opportunities, contacts, together } = group;
    let (first, people) = (accounts.start, accounts.end - accounts.start);
    let all = u64::from(people) * u64::from(*contacts);
    assert!(all >= SLICES, "every slice has a contact");
    let numbers = numbers(all * slice / SLICES, all * (slice + 1) / SLICES);
    let person = format!("({first} + n / {together} % {people})");
    let ordinal = format!("(n / {together} / {people} * {together} + n % {together})");
    let account = format!("'01990000-0000-7000-8000-' || (100000000000 + {person})");
    let name = format!(
        "(100000000000 + {ordinal} * 7919 % 1000003) || '-4c3d-8a55-' || (100000000000 + {person})"
    );
    let owner = format!("'o' || ({ordinal} % {opportunities})");
    format!(
        r#"BEGIN;
        {numbers}, pattern AS (
            SELECT doc, field_meta, rev FROM records WHERE collection = 'contacts' AND id = '{PATTERN}'
        ), model AS (
            SELECT max(last_stamp) AS stamp FROM account_sync
            WHERE account_id IN (SELECT account_id FROM accounts WHERE email LIKE 'model%')
        ), made AS (
            SELECT {account} AS account, {name} AS name, {owner} AS owner,
                stamp + 1 + {ordinal} AS stamp, doc, field_meta, rev
            FROM numbers, pattern, model
        )
        INSERT INTO records (account_id, collection, id, rev, created_rev, txn, opportunity_id, doc, field_meta)
        SELECT account, 'contacts', name, stamp, stamp, stamp, owner,
            replace(replace(replace(doc, '{PATTERN}', name), '"o0"', '"' || owner || '"'),
                CAST(rev AS TEXT), CAST(stamp AS TEXT)),
            replace(field_meta, CAST(rev AS TEXT), CAST(stamp AS TEXT))
        FROM made;
        UPDATE account_sync SET
            last_stamp = (SELECT max(rev) FROM records WHERE records.account_id = account_sync.account_id),
            live_records = (SELECT count(*) FROM records WHERE records.account_id = account_sync.account_id)
        WHERE account_id BETWEEN '{}' AND '{}';
        COMMIT;"#,
        id(accounts.start),
        id(accounts.end - 1)
    )
}
