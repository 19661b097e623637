//! The wall between accounts that PostgreSQL itself keeps up, whatever the statements of the program.

use crate::schema::{declared, postgres};
use crate::support::{create, opportunity};
use afterview_tests::{Databases, TestApp};

/// What whoever looks up accounts and finds due work may do besides, in every account. A line more is a
/// decision: it must be nothing that anybody typed but the address.
const DIRECTORY: [&str; 60] = [
    "SELECT access_tokens.account_id",
    "SELECT access_tokens.expires_at",
    "SELECT access_tokens.revoked_at",
    "SELECT access_tokens.scope",
    "SELECT access_tokens.token_hash",
    "SELECT access_tokens.token_id",
    "SELECT account_sync.account_id",
    "SELECT account_sync.epoch",
    "SELECT account_sync.last_stamp",
    "SELECT accounts.account_id",
    "SELECT accounts.email",
    "SELECT accounts.locked_at",
    "SELECT accounts.password_hash",
    "SELECT calendar_feeds.account_id",
    "SELECT calendar_feeds.feed_id",
    "SELECT calendar_feeds.secret_hash",
    "SELECT devices.account_id",
    "SELECT devices.push_hash",
    "SELECT erased_accounts.account_id",
    "SELECT erased_accounts.erased_at",
    "SELECT identities.account_id",
    "SELECT identities.identity_hash",
    "SELECT lost_intervals.account_id",
    "SELECT lost_intervals.invalid_from",
    "SELECT lost_intervals.invalid_to",
    "SELECT plans.account_id",
    "SELECT plans.leased_until",
    "SELECT plans.next_change_at",
    "SELECT plans.opportunity_id",
    "SELECT plans.versions",
    "SELECT records.account_id",
    "SELECT records.collection",
    "SELECT records.deleted_rev",
    "SELECT records.id",
    "SELECT reminders.account_id",
    "SELECT reminders.action_key",
    "SELECT reminders.attempts",
    "SELECT reminders.dispatched_at",
    "SELECT reminders.follow_up_id",
    "SELECT reminders.kind",
    "SELECT reminders.leased_until",
    "SELECT reminders.opportunity_id",
    "SELECT reminders.remind_at",
    "SELECT reminders.useful_until",
    "SELECT reminders.version",
    "SELECT sessions.account_id",
    "SELECT sessions.revoked_at",
    "SELECT sessions.session_id",
    "SELECT webhooks.account_id",
    "SELECT webhooks.due_at",
    "SELECT webhooks.leased_until",
    "SELECT webhooks.webhook_id",
    "UPDATE devices.push_address",
    "UPDATE devices.push_hash",
    "UPDATE devices.push_keys",
    "UPDATE devices.push_kind",
    "UPDATE plans.leased_until",
    "UPDATE reminders.attempts",
    "UPDATE reminders.leased_until",
    "UPDATE webhooks.leased_until",
];

fn tables() -> Vec<String> {
    declared().into_keys().collect()
}

#[test]
fn every_table_is_behind_the_wall() {
    let Some((mut connection, _database)) = postgres() else { return };
    let walled = "SELECT relname::text COLLATE \"C\" AS line FROM pg_class \
                  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
                    AND relrowsecurity AND relforcerowsecurity ORDER BY 1";
    assert_eq!(connection.lines(walled), tables());
    // One policy for everything, and the rows written are held to it as well as the rows read.
    let policies = "SELECT tablename::text COLLATE \"C\" AS line FROM pg_policies \
                    WHERE roles = '{afterview_account}' AND cmd = 'ALL' AND permissive = 'PERMISSIVE' \
                        AND with_check IS NULL AND qual LIKE '(account_id = ( SELECT current_setting(%' \
                    ORDER BY 1";
    assert_eq!(connection.lines(policies), tables());
    // Nobody else has a policy, so nobody else sees a row.
    let others = "SELECT policyname || ' ' || cmd || ' ' || array_to_string(roles, ',') AS line \
                  FROM pg_policies WHERE roles NOT IN ('{afterview_account}', '{afterview_directory}')";
    assert_eq!(connection.lines(others), [""; 0]);
}

#[test]
fn every_key_begins_with_the_account_and_nothing_points_across() {
    let Some((mut connection, _database)) = postgres() else { return };
    let keys = "SELECT DISTINCT relname::text COLLATE \"C\" AS line FROM pg_index \
                JOIN pg_class ON pg_class.oid = indrelid \
                JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] \
                WHERE relnamespace = 'public'::regnamespace AND indisunique \
                    AND indpred IS NULL AND attname = 'account_id' ORDER BY 1";
    assert_eq!(connection.lines(keys), tables());
    // What belongs to one account at a time, and by which it is looked up: an address of e-mail, where a
    // device is reached, who somebody is elsewhere, what a program shows, and where a calendar is.
    let across = "SELECT relname || '.' || attname AS line FROM pg_index \
                  JOIN pg_class ON pg_class.oid = indrelid \
                  JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] \
                  WHERE relnamespace = 'public'::regnamespace AND indisunique \
                    AND attname <> 'account_id' ORDER BY 1";
    let known = [
        "access_tokens.token_hash",
        "accounts.email",
        "calendar_feeds.secret_hash",
        "devices.push_hash",
        "identities.identity_hash",
    ];
    assert_eq!(connection.lines(across), known);
    let foreign = "SELECT conname::text AS line FROM pg_constraint WHERE contype = 'f'";
    assert_eq!(connection.lines(foreign), [""; 0]);
}

#[test]
fn the_directory_opens_what_is_listed_here_and_nothing_else() {
    let Some((mut connection, _database)) = postgres() else { return };
    let opened = "SELECT DISTINCT (privilege_type || ' ' || table_name || '.' || column_name) \
                    COLLATE \"C\" AS line \
                  FROM information_schema.column_privileges \
                  WHERE grantee = 'afterview_directory' ORDER BY 1";
    assert_eq!(connection.lines(opened), DIRECTORY);
    // What is granted on a whole table does not stop at the columns of today.
    let whole = "SELECT privilege_type || ' ' || table_name AS line \
                 FROM information_schema.table_privileges \
                 WHERE grantee IN ('afterview_directory', 'PUBLIC') AND table_schema = 'public'";
    assert_eq!(connection.lines(whole), [""; 0]);
}

#[test]
fn the_roles_of_the_program_can_do_nothing_else() {
    let Some((mut connection, _database)) = postgres() else { return };
    let able = "SELECT rolname::text AS line FROM pg_roles WHERE rolname LIKE 'afterview%' \
                AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin \
                    OR rolreplication) ORDER BY 1";
    assert_eq!(connection.lines(able), [""; 0]);
    let owned = "SELECT relname::text AS line FROM pg_class \
                 WHERE pg_get_userbyid(relowner) LIKE 'afterview%'";
    assert_eq!(connection.lines(owned), [""; 0]);
    let members = "SELECT roleid::regrole || ' ' || member::regrole AS line FROM pg_auth_members \
                   WHERE member::regrole::text LIKE 'afterview%'";
    assert_eq!(connection.lines(members), [""; 0]);
}

/// What a script says as the account `account_id`; `None` as one that named no account.
fn as_account(connection: &mut Databases, account_id: Option<&str>, query: &str) -> Vec<String> {
    connection.script("BEGIN; SET LOCAL ROLE afterview_account").unwrap();
    if let Some(account_id) = account_id {
        let name = format!("SET LOCAL afterview.account_id = '{account_id}'");
        connection.script(&name).unwrap();
    }
    let lines = connection.lines(query);
    connection.script("ROLLBACK").unwrap();
    lines
}

#[actix_web::test]
async fn a_statement_that_names_no_account_sees_its_own_only() {
    let app = TestApp::each().await.pop().unwrap();
    let mut connection = app.databases();
    if connection.script("SELECT 1 FROM sqlite_master").is_ok() {
        return;
    }
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    create(&alice, "/v1/opportunities", opportunity("hers")).await;
    create(&bob, "/v1/opportunities", opportunity("his")).await;
    let account_of = "SELECT account_id AS line FROM records WHERE id = 'hers'";
    let hers = connection.lines(account_of).concat();
    let ids = "SELECT id AS line FROM records ORDER BY 1";
    assert_eq!(as_account(&mut connection, Some(&hers), ids), ["hers", "me"]);
    let view = "SELECT id AS line FROM opportunities";
    assert_eq!(as_account(&mut connection, Some(&hers), view), ["hers"]);
    for nobody in [None, Some(""), Some("none")] {
        for table in tables() {
            let rows = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
            assert_eq!(as_account(&mut connection, nobody, &rows), ["0"], "{table} {nobody:?}");
        }
    }
    let changed = "WITH changed AS (UPDATE records SET doc = '{}' RETURNING id) \
                   SELECT id AS line FROM changed ORDER BY 1";
    assert_eq!(as_account(&mut connection, Some(&hers), changed), ["hers", "me"]);
    let gone = "WITH gone AS (DELETE FROM sessions RETURNING account_id) \
                SELECT account_id AS line FROM gone";
    assert_eq!(as_account(&mut connection, Some(&hers), gone), [hers.as_str()]);
    for foreign in [
        "INSERT INTO records SELECT 'other', collection, id, rev, created_rev, deleted_rev, cascade_of, \
            txn, opportunity_id, sort_at, doc, field_meta, extra FROM records",
        "UPDATE records SET account_id = 'other'",
        "UPDATE accounts SET account_id = 'other'",
    ] {
        let role = "BEGIN; SET LOCAL ROLE afterview_account; SET LOCAL afterview.account_id";
        let refused = connection.script(&format!("{role} = '{hers}'; {foreign}")).unwrap_err();
        assert!(refused.contains("violates row-level security policy"), "{foreign}: {refused}");
        connection.script("ROLLBACK").unwrap();
    }
}

#[actix_web::test]
async fn whoever_looks_up_accounts_reads_no_content_and_writes_nothing() {
    let Some((mut connection, _database)) = postgres() else { return };
    for closed in [
        "SELECT doc FROM records",
        "SELECT * FROM accounts",
        "SELECT refresh_hash FROM sessions",
        "SELECT outline FROM plans",
        "SELECT secret FROM webhooks",
        "SELECT url FROM webhooks",
        "SELECT 1 FROM webhook_deliveries",
        "UPDATE webhooks SET due_at = 0",
        "SELECT 1 FROM mutations",
        "SELECT 1 FROM opportunities",
        "INSERT INTO accounts VALUES ('a', 'a', 'a', 0)",
        "UPDATE accounts SET password_hash = ''",
        "DELETE FROM sessions",
    ] {
        let role = "BEGIN; SET LOCAL ROLE afterview_directory";
        let refused = connection.script(&format!("{role}; {closed}")).unwrap_err();
        assert!(refused.contains("permission denied"), "{closed}: {refused}");
        connection.script("ROLLBACK").unwrap();
    }
}
