//! What is different about PostgreSQL: opening, transactions, the wall between tenants, and which
//! errors pass by themselves.
//!
//! A transaction works as one of two roles that the migrations make, never as the owner of the tables:
//! see [`Scope`]. Behind a pooler, which may hand every transaction to another session, nothing is kept in a
//! session between two of them; otherwise prepared statements are, time-outs, and the role.
//!
//! **Must never** hold a rule that the other backend needs as well.

use super::connection::{LogHead, Scope, Setup};
use super::schema::account_sync;
use super::{OpenError, StoreError, StoreOptions};
use diesel::connection::{
    AnsiTransactionManager, CacheSize, Connection, SimpleConnection, TransactionManager,
};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use secrecy::ExposeSecret;

/// How long one statement may take, and how long it may wait for a lock. A unit of work takes
/// milliseconds; whatever takes this long is stuck.
const STATEMENT_TIMEOUT: &str = "30s";
const LOCK_TIMEOUT: &str = "5s";

/// What a URL says nothing about: whoever is gone is noticed within seconds, and of several addresses
/// the one is taken that can be written to.
const DEFAULTS: &[(&str, &str)] = &[
    ("application_name", "afterview"),
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "15000"),
    ("target_session_attrs", "read-write"),
];

/// What a unit of an account runs finds its rows by keys, whatever their values. Left to itself, PostgreSQL plans
/// statements with arrays again at every use, which took a tenth of a create. What finds due work of all accounts is
/// planned as it thinks best.
const PLANNED_ONCE: &str = "SET LOCAL plan_cache_mode = force_generic_plan";
const PLANNED_AT_ITS_WILL: &str = "SET LOCAL plan_cache_mode = auto";

/// Connects. The URL is libpq's: several hosts, `sslmode` and so on are its business.
pub(super) fn open(options: &StoreOptions) -> Result<PgConnection, OpenError> {
    let mut connection = PgConnection::establish(&with_defaults(options.url.expose_secret()))
        .map_err(|error| OpenError(format!("cannot connect to the database: {}", plain(&error))))?;
    if options.pooled {
        connection.set_prepared_statement_cache_size(CacheSize::Disabled);
    }
    Ok(connection)
}

fn with_defaults(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in DEFAULTS {
        if !url.contains(&format!("{name}=")) {
            let separator = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{separator}{name}={value}"));
        }
    }
    url
}

/// libpq's words on one line. Where it did not get as far as a server it repeats parts of the URL, and a
/// password whose special characters are not escaped is such a part.
fn plain(error: &diesel::ConnectionError) -> String {
    let words = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    if words.starts_with("connection to server ") {
        words
    } else if words.starts_with("could not translate host name") {
        "the name of its host has no address, or its password has an @ that is not escaped"
            .to_owned()
    } else {
        "its URL cannot be read; what is special in a password has to be percent-encoded".to_owned()
    }
}

/// Sets up a session for transactions that [`Setup::Session`] begins.
pub(super) fn set_up(connection: &mut PgConnection) -> Result<(), StoreError> {
    let settings = format!(
        "SET statement_timeout = '{STATEMENT_TIMEOUT}'; SET lock_timeout = '{LOCK_TIMEOUT}'; \
         SET ROLE afterview_account"
    );
    connection.batch_execute(&settings).map_err(Into::into)
}

/// Begins the transaction of a group of writes, in which nobody has an account yet.
///
/// `READ WRITE` fails on a server that has become a standby, so that another one is looked for.
pub(super) fn begin_group(connection: &mut PgConnection, setup: Setup) -> Result<(), StoreError> {
    let nobody = Scope::Account(String::new());
    let begin = begin_sql("READ COMMITTED READ WRITE", &nobody, setup);
    let begin = format!("{begin}; {PLANNED_ONCE}");
    AnsiTransactionManager::begin_transaction_sql(connection, &begin).map_err(Into::into)
}

/// Begins a savepoint for one unit.
pub(super) fn begin_unit(connection: &mut PgConnection, scope: &Scope) -> Result<(), StoreError> {
    begin_part(connection)?;
    look_as(connection, scope)
}

/// Lets the running group, in which all units are of one kind, do what `scope` says: a group begins in the role of
/// accounts, so a unit of an account takes on no more than its account.
pub(super) fn turn_to(connection: &mut PgConnection, scope: &Scope) -> Result<(), StoreError> {
    match scope {
        Scope::Account(id) => connection.batch_execute(&become_account(id)).map_err(Into::into),
        Scope::Directory => {
            let settings = format!("{}; {PLANNED_AT_ITS_WILL}", become_role(scope));
            connection.batch_execute(&settings).map_err(Into::into)
        }
    }
}

/// Lets the running transaction do what `scope` says from now on.
pub(super) fn look_as(connection: &mut PgConnection, scope: &Scope) -> Result<(), StoreError> {
    connection.batch_execute(&become_role(scope)).map_err(Into::into)
}

/// Begins a transaction that sees one unchanging state and writes nothing.
pub(super) fn begin_reading(
    connection: &mut PgConnection,
    scope: &Scope,
    setup: Setup,
) -> Result<(), StoreError> {
    let begin = begin_sql(READING, scope, setup);
    AnsiTransactionManager::begin_transaction_sql(connection, &begin).map_err(Into::into)
}

/// Ends a reading transaction and begins another one, in one round trip.
pub(super) fn read_on(
    connection: &mut PgConnection,
    scope: &Scope,
    setup: Setup,
) -> Result<(), StoreError> {
    let next = format!("ROLLBACK; {}", begin_sql(READING, scope, setup));
    connection.batch_execute(&next).map_err(Into::into)
}

const READING: &str = "REPEATABLE READ READ ONLY";

/// Begins a savepoint.
pub(super) fn begin_part(connection: &mut PgConnection) -> Result<(), StoreError> {
    AnsiTransactionManager::begin_transaction(connection).map_err(Into::into)
}

fn begin_sql(level: &str, scope: &Scope, setup: Setup) -> String {
    let settings = match (setup, scope) {
        (Setup::Session, Scope::Account(id)) => become_account(id),
        (Setup::Session, Scope::Directory) => become_role(scope),
        (Setup::Transaction, _) => format!(
            "SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'; \
             SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; {}",
            become_role(scope)
        ),
    };
    format!("BEGIN ISOLATION LEVEL {level}; {settings}")
}

/// Local to the transaction, or to the savepoint if that is rolled back.
fn become_role(scope: &Scope) -> String {
    match scope {
        Scope::Account(id) => format!("SET LOCAL ROLE afterview_account; {}", become_account(id)),
        Scope::Directory => {
            "SET LOCAL ROLE afterview_directory; SET LOCAL afterview.account_id = ''".to_owned()
        }
    }
}

fn become_account(id: &str) -> String {
    format!("SET LOCAL afterview.account_id = '{}'", quotable(id))
}

/// An account's identifier as it may stand between quotes. Whatever could not be one, because a client
/// made it up, becomes nobody's.
fn quotable(account_id: &str) -> &str {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if account_id.bytes().all(is_name) { account_id } else { "" }
}

/// Locks an account's log against every other writer until the end of the transaction, on whatever
/// node, and reads its head.
pub(super) fn lock_log(
    connection: &mut PgConnection,
    account_id: &str,
) -> Result<LogHead, StoreError> {
    account_sync::table
        .find(account_id)
        .select((
            account_sync::last_stamp,
            account_sync::digest,
            account_sync::live_records,
            account_sync::webhooks,
        ))
        .for_update()
        .get_result(connection)
        .optional()?
        .ok_or(StoreError::UnknownAccount)
}

/// Whether the same transaction may succeed at once: another one got in its way.
pub(super) fn is_contention(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            information.message().contains("deadlock detected")
        }
        _ => false,
    }
}

/// Whether the same statement may succeed later. diesel tells few causes apart, so the words of the
/// server are looked at; they are English unless somebody set `lc_messages`.
pub(super) fn is_transient(error: &Error) -> bool {
    let kinds = [
        DatabaseErrorKind::ClosedConnection,
        DatabaseErrorKind::UnableToSendCommand,
        DatabaseErrorKind::ReadOnlyTransaction,
    ];
    match error {
        Error::BrokenTransactionManager => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            TRANSIENT.iter().any(|sign| information.message().contains(sign))
        }
        Error::DatabaseError(kind, _) => {
            kinds.iter().any(|known| std::mem::discriminant(known) == std::mem::discriminant(kind))
        }
        _ => false,
    }
}

/// Words of the server, of libpq and of poolers for what passes by itself.
const TRANSIENT: &[&str] = &[
    "connection",
    "the database system is",
    "statement timeout",
    "lock timeout",
    "query_wait_timeout",
    "No space left on device",
    "could not extend file",
    "could not write",
    "out of memory",
    "recovery",
    "server closed",
    "terminating",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_of_an_account_cannot_leave_its_quotes() {
        let mine = become_role(&Scope::Account("01890f3c-aa_B".to_owned()));
        assert!(mine.ends_with("account_id = '01890f3c-aa_B'"), "{mine}");
        for made_up in ["x'; RESET ROLE; --", "a b", "é", "\0", "\\'"] {
            let nobodys = become_role(&Scope::Account(made_up.to_owned()));
            assert!(nobodys.ends_with("account_id = ''"), "{nobodys}");
        }
    }

    #[test]
    fn a_url_keeps_what_it_says_itself() {
        let url = with_defaults("postgres://u@a:1,b:2/db?connect_timeout=1&sslmode=require");
        assert!(url.starts_with("postgres://u@a:1,b:2/db?connect_timeout=1&sslmode=require&"));
        assert_eq!(url.matches("connect_timeout").count(), 1, "{url}");
        assert!(url.contains("&target_session_attrs=read-write"), "{url}");
        assert!(with_defaults("postgres:///db").starts_with("postgres:///db?application_name="));
    }
}
