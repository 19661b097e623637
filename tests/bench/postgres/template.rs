//! The texts that the server has just written, for pgbench to write the same.

use super::database::Database;

/// What a script calls by name, and what it stands for.
pub(crate) type Variables = Vec<(&'static str, String)>;

/// The account that wrote them.
fn account(whose: usize) -> String {
    format!("(SELECT account_id FROM bench.accounts WHERE number = {whose})")
}

/// The newest record.
pub(crate) fn of_a_create(database: &Database, whose: usize) -> Variables {
    let account = account(whose);
    let newest = format!("WHERE account_id = {account} ORDER BY rev DESC LIMIT 1");
    ["doc", "field_meta AS meta"]
        .into_iter()
        .map(|column| {
            let name = column.rsplit(' ').next().unwrap();
            (name, database.psql(&format!("SELECT {column} FROM records {newest}")))
        })
        .collect()
}

/// The newest hundred records and what the ledger says about them. Names of records lose their first
/// eight characters, which each push of a script makes up anew.
fn of_a_push(database: &Database, account: &str) -> Variables {
    let records = format!(
        "FROM (SELECT * FROM records WHERE account_id = {account} ORDER BY rev DESC LIMIT 100) AS newest"
    );
    let ledger = format!(
        "FROM (SELECT * FROM mutations WHERE account_id = {account} ORDER BY rev DESC LIMIT 100) AS newest"
    );
    let arrays = [
        ("collections", "collection", &records),
        ("ids", "substr(id, 9)", &records),
        ("opportunities", "substr(opportunity_id, 9)", &records),
        ("docs", "doc", &records),
        ("metas", "field_meta", &records),
        ("fingerprints", "fingerprint", &ledger),
        ("statuses", "status", &ledger),
        ("results", "result", &ledger),
    ];
    let array = |(name, column, rows): (&'static str, &str, &String)| {
        (name, database.psql(&format!("SELECT array_agg({column} ORDER BY rev) {rows}")))
    };
    arrays.into_iter().map(array).collect()
}

/// The newest push of creates, with the plans and reminders that follow from it.
pub(crate) fn of_creates(database: &Database, whose: usize, push: &str) -> Variables {
    let account = account(whose);
    let whose = format!("WHERE account_id = {account} AND opportunity_id LIKE '{push}%'");
    let arrays = [
        ("plans", "substr(opportunity_id, 9)", "plans"),
        ("versions", "versions", "plans"),
        ("nexts", "next_change_at", "plans"),
        ("outlines", "outline", "plans"),
        ("changed", "changed_at", "plans"),
        ("changes", "changes", "plans"),
        ("keys", "substr(action_key, 9)", "reminders"),
        ("owners", "substr(opportunity_id, 9)", "reminders"),
        ("acts", "follow_up_id", "reminders"),
        ("kinds", "kind", "reminders"),
        ("times", "remind_at", "reminders"),
        ("ideals", "ideal", "reminders"),
        ("ends", "useful_until", "reminders"),
    ];
    let mut all = of_a_push(database, &account);
    all.extend(arrays.map(|(name, column, table)| {
        let key = if table == "plans" { "opportunity_id" } else { "action_key" };
        let sql = format!("SELECT array_agg({column} ORDER BY {key}) FROM {table} {whose}");
        (name, database.psql(&sql))
    }));
    all
}

/// The newest push of patches, with its history.
pub(crate) fn of_patches(database: &Database, whose: usize) -> Variables {
    let account = account(whose);
    let history = format!(
        "FROM (SELECT * FROM record_revs WHERE account_id = {account} ORDER BY rev DESC LIMIT 100) AS newest"
    );
    let mut all = of_a_push(database, &account);
    // Those of the script are of other records.
    all.retain(|(name, _)| !["collections", "ids", "opportunities"].contains(name));
    for (name, column) in [("mutations", "substr(mutation_id, 9)"), ("changed", "changed")] {
        all.push((
            name,
            database.psql(&format!("SELECT array_agg({column} ORDER BY rev) {history}")),
        ));
    }
    all
}
