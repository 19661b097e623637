//! What nodes on one PostgreSQL database tell each other: new heads of logs, and ended sessions.
//!
//! An ended session is told in the transaction that ends it. A new head is told just after its commit
//! and by a thread of its own: `NOTIFY` makes all commits of a database wait for each other, and a head is
//! only a hint, so many of them go in one statement and the newest of an account is enough. Whoever may
//! have missed something is told [`Notice::Gap`] and looks for itself. With SQLite there is one node.
//!
//! **Must never** carry content, or be relied upon for anything but being quick.

use super::connection::Role;
use super::link::Link;
use super::{DbConnection, OpenError, StoreError, StoreOptions};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use diesel::connection::SimpleConnection;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Text};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

const CHANNEL: &str = "afterview";

/// How often a node looks for notices. libpq hands them over only when asked.
const LOOK: Duration = Duration::from_millis(20);

/// How often a silent connection is tried, and how long to wait before a new one after a failure.
const PROBE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(500);

/// What a node hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The log of an account has a new head.
    Head {
        /// The account.
        account_id: String,
        /// Its newest stamp.
        head: i64,
    },
    /// A session was ended: its tokens are worth nothing from now on.
    Ended {
        /// The account.
        account_id: String,
        /// The session.
        session_id: String,
    },
    /// Any of these may have been missed.
    Gap,
}

impl Notice {
    fn from_payload(payload: &str, own: &str) -> Option<Self> {
        let mut words = payload.split(' ');
        let mut word = || words.next().map(str::to_owned);
        match (word()?.as_str(), word()?, word(), word()) {
            ("head", node, Some(account_id), Some(head)) if node != own => {
                Some(Self::Head { account_id, head: head.parse().ok()? })
            }
            ("gap", node, ..) if node != own => Some(Self::Gap),
            ("ended", account_id, Some(session_id), _) => {
                Some(Self::Ended { account_id, session_id })
            }
            // Own words, or those of a newer version.
            _ => None,
        }
    }
}

/// Tells other nodes about new heads; does nothing where there are none.
#[derive(Clone, Default)]
pub(super) struct Announcer {
    heads: Option<Sender<(String, i64)>>,
}

impl Announcer {
    /// Starts the thread that tells, if the database can have other nodes.
    pub(super) fn start(options: &StoreOptions, node: &str) -> Result<Self, OpenError> {
        if options.is_sqlite() {
            return Ok(Self::default());
        }
        let (heads, queue) = unbounded();
        let (mut link, node) = (Link::open(options, Role::Write)?, node.to_owned());
        std::thread::Builder::new()
            .name("announcer".to_owned())
            .spawn(move || announce(&mut link, &node, &queue))
            .map_err(|error| OpenError(format!("cannot start the announcing thread: {error}")))?;
        Ok(Self { heads: Some(heads) })
    }

    /// Tells a new head.
    pub(super) fn head(&self, account_id: &str, head: i64) {
        if let Some(heads) = &self.heads {
            // The thread ends only with the last sender.
            let _ = heads.send((account_id.to_owned(), head));
        }
    }
}

fn announce(link: &mut Link, node: &str, queue: &Receiver<(String, i64)>) {
    let mut missed = false;
    loop {
        let wait = if missed { PAUSE } else { PROBE };
        let first = match queue.recv_timeout(wait) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) if missed => None,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut heads = BTreeMap::new();
        for (account_id, head) in first.into_iter().chain(queue.try_iter()) {
            let newest = heads.entry(account_id).or_insert(head);
            *newest = head.max(*newest);
        }
        let heads = heads.iter().map(|(account, head)| format!("head {node} {account} {head}"));
        let gap = missed.then(|| format!("gap {node}"));
        let payloads: Vec<String> = heads.chain(gap).collect();
        missed = match tell(link, &payloads) {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(%error, "other nodes were not told of new heads; they will be");
                link.drop_connection();
                true
            }
        };
    }
}

fn tell(link: &mut Link, payloads: &[String]) -> Result<(), StoreError> {
    let connection = link.begin(DbConnection::begin_group)?;
    connection.notify(payloads)?;
    connection.commit()
}

impl DbConnection {
    /// Tells the nodes that a session is ended, once this transaction is committed.
    pub(super) fn announce_ended(
        &mut self,
        account_id: &str,
        session_id: &str,
    ) -> Result<(), StoreError> {
        self.notify(&[format!("ended {account_id} {session_id}")])
    }

    fn notify(&mut self, payloads: &[String]) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => {
                Notify(payloads).execute(inner)?;
            }
            Self::Sqlite(_) => {}
        }
        Ok(())
    }
}

struct Notify<'p>(&'p [String]);

impl QueryId for Notify<'_> {
    type QueryId = Notify<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for Notify<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT pg_notify('afterview', payload) FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.0)?;
        out.push_sql(") AS payload");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for Notify<'_> {}

/// Hands every notice of other nodes to `hear`, on a thread of its own, as long as `alive` is; begins
/// with a gap. Does nothing where there are no other nodes.
pub(super) fn listen(
    options: &StoreOptions,
    node: &str,
    alive: Weak<()>,
    hear: Arc<dyn Fn(Notice) + Send + Sync>,
) -> Result<(), OpenError> {
    if options.is_sqlite() {
        return Ok(());
    }
    let url = options.listen_url.clone().unwrap_or_else(|| options.url.clone());
    let (options, node) = (StoreOptions { url, pooled: false, ..options.clone() }, node.to_owned());
    let run = move || {
        while alive.strong_count() > 0 {
            if let Err(error) = follow(&options, &node, &alive, &*hear) {
                tracing::warn!(%error, "other nodes are not heard; trying again");
                std::thread::sleep(PAUSE);
            }
        }
    };
    let thread = std::thread::Builder::new().name("listener".to_owned()).spawn(run);
    thread
        .map(|_| ())
        .map_err(|error| OpenError(format!("cannot start the listening thread: {error}")))
}

/// Hears what is said on one connection until it breaks or nobody is interested any more.
fn follow(
    options: &StoreOptions,
    node: &str,
    alive: &Weak<()>,
    hear: &(dyn Fn(Notice) + Send + Sync),
) -> Result<(), StoreError> {
    let unavailable = |error: OpenError| StoreError::Unavailable(error.0);
    let DbConnection::Postgres(mut connection) =
        DbConnection::open(options, Role::Read).map_err(unavailable)?
    else {
        return Ok(());
    };
    connection.batch_execute(&format!("LISTEN {CHANNEL}"))?;
    hear(Notice::Gap);
    let mut probed = Instant::now();
    while alive.strong_count() > 0 {
        for notification in connection.notifications_iter() {
            if let Some(notice) = Notice::from_payload(&notification?.payload, node) {
                hear(notice);
            }
        }
        if probed.elapsed() >= PROBE {
            connection.batch_execute("SELECT 1")?;
            probed = Instant::now();
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_hears_others_and_not_itself() {
        let head = Notice::Head { account_id: "anna".to_owned(), head: 7 };
        assert_eq!(Notice::from_payload("head b anna 7", "a"), Some(head));
        assert_eq!(Notice::from_payload("head a anna 7", "a"), None);
        assert_eq!(Notice::from_payload("gap b", "a"), Some(Notice::Gap));
        assert_eq!(Notice::from_payload("gap a", "a"), None);
    }

    #[test]
    fn the_end_of_a_session_concerns_every_node() {
        let ended = Notice::Ended { account_id: "anna".to_owned(), session_id: "phone".to_owned() };
        assert_eq!(Notice::from_payload("ended anna phone", "a"), Some(ended));
    }

    #[test]
    fn words_of_a_newer_version_are_passed_over() {
        for payload in ["", "head", "head b anna", "head b anna x", "later b anna 7"] {
            assert_eq!(Notice::from_payload(payload, "a"), None, "{payload}");
        }
    }
}
