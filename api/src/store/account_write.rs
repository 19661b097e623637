//! One write to the content of one account: the lock of its log, stamps, and the closing entry.
//!
//! **Must never** give out a stamp outside of the transaction that locked the log.

use super::log::RecordValues;
use super::news::News;
use super::pending::Pending;
use super::{DbConnection, StoreError, connection::LogHead, head::move_head};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{self, Record, stamp};
use std::collections::BTreeSet;

/// A running write on one account. Stamps given out here become visible together, in order, when
/// the transaction commits.
pub struct AccountWrite<'c> {
    connection: &'c mut DbConnection,
    account_id: &'c str,
    device_id: &'c str,
    now: Instant,
    stamps: stamp::Block,
    digest: i64,
    live_records: i64,
    touched: Touched,
    parts: Vec<Counted>,
    pub(super) pending: Pending,
    pub(super) news: News,
}

/// What a write leaves to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finished {
    /// The newest stamp, if it gave out any.
    pub(crate) head: Option<i64>,
    /// Whether it put something on its way to a webhook.
    pub(crate) has_deliveries: bool,
}

/// What a part of a unit counts, to go back to when it is undone.
#[derive(Debug, Clone)]
struct Counted {
    stamps: stamp::Block,
    digest: i64,
    live_records: i64,
    touched: Touched,
    news: usize,
}

/// Whose advice a write may have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Opportunities by id.
    pub opportunities: BTreeSet<String>,
    /// Something that every opportunity of the account shares.
    pub shared: bool,
}

impl<'c> AccountWrite<'c> {
    /// Locks the account's log and reads its head. This is the transaction's first statement, so
    /// that on every backend commit order is stamp order within an account.
    pub(crate) fn begin(
        connection: &'c mut DbConnection,
        account_id: &'c str,
        device_id: &'c str,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let head = connection.lock_log(account_id)?;
        let stamps = stamp::Block::after(head.last_stamp, now);
        let LogHead { digest, live_records, webhooks, .. } = head;
        let touched = Touched::default();
        let (parts, pending, news) = (Vec::new(), Pending::default(), News::of(webhooks));
        Ok(Self {
            connection,
            account_id,
            device_id,
            now,
            stamps,
            digest,
            live_records,
            touched,
            parts,
            pending,
            news,
        })
    }

    /// Writes the new head of the log, if anything was stamped, and says what others have to hear of.
    pub(crate) fn finish(mut self) -> Result<Finished, StoreError> {
        self.flush()?;
        let head = self.stamps.last_taken();
        if let Some(last_stamp) = head {
            let (digest, live_records) = (self.digest, self.live_records);
            let head = LogHead { last_stamp, digest, live_records, webhooks: self.news.webhooks };
            move_head(self.connection, self.account_id, head)?;
        }
        Ok(Finished { head, has_deliveries: self.news.are_queued })
    }

    /// Writes what is pending.
    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        if !self.pending.is_waiting() {
            return Ok(());
        }
        let (account_id, by) = (self.account_id, (self.account_id, self.device_id));
        let (txn, received_at) = (self.txn(), self.now.timestamp_millis());
        let rows = self.pending.rows();
        self.connection.insert_records(&RecordValues::all(account_id, txn, &rows.new)?)?;
        self.connection.update_records(&RecordValues::all(account_id, txn, &rows.changed)?)?;
        self.connection.insert_changes(by, rows.changes)?;
        self.connection.insert_mutations(by, received_at, &rows.ledger)?;
        self.pending.written();
        Ok(())
    }

    /// The connection inside this transaction, on which everything written so far can be read.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn connection(&mut self) -> Result<&mut DbConnection, StoreError> {
        self.flush()?;
        Ok(self.connection)
    }

    /// The connection, on which what is pending cannot be read.
    pub(super) fn connection_behind(&mut self) -> &mut DbConnection {
        self.connection
    }

    /// Whose content is written.
    #[must_use]
    pub fn account_id(&self) -> &'c str {
        self.account_id
    }

    /// Which device (session) writes.
    #[must_use]
    pub fn device_id(&self) -> &'c str {
        self.device_id
    }

    /// The time of this write.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// How many records of the account are alive.
    #[must_use]
    pub fn live_records(&self) -> i64 {
        self.live_records
    }

    /// The first stamp of this transaction.
    #[must_use]
    pub fn txn(&self) -> i64 {
        self.stamps.first()
    }

    /// The stamp that the next [`take_stamp`](Self::take_stamp) will give.
    #[must_use]
    pub fn next_stamp(&self) -> i64 {
        self.stamps.next()
    }

    /// The next stamp of this transaction.
    pub fn take_stamp(&mut self) -> i64 {
        self.stamps.take()
    }

    /// Notes that `record` changed, for whoever plans anew what it concerns.
    pub(super) fn touch(&mut self, record: &Record) {
        if record.collection.is_read_only() {
            return;
        }
        let shared = matches!(record.collection, Collection::Preferences | Collection::Offers);
        let own = (record.collection == Collection::Opportunities).then_some(record.id.as_str());
        match own.or(record.opportunity_id()) {
            Some(id) if !shared => {
                if !self.touched.opportunities.contains(id) {
                    self.touched.opportunities.insert(id.to_owned());
                }
            }
            _ => self.touched.shared = true,
        }
    }

    /// Whose advice this write may have changed so far; asking forgets it.
    pub fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    /// Opens a part of this write that can be undone by itself.
    pub(super) fn open_part(&mut self) -> Result<(), StoreError> {
        // What is pending is older than the part and must survive it.
        self.flush()?;
        self.connection.begin_part()?;
        let (stamps, touched) = (self.stamps, self.touched.clone());
        let (digest, live_records, news) = (self.digest, self.live_records, self.news.len());
        self.parts.push(Counted { stamps, digest, live_records, touched, news });
        Ok(())
    }

    /// Closes the innermost part, keeping it or not.
    pub(super) fn close_part(&mut self, keep: bool) -> Result<(), StoreError> {
        let counted = self.parts.pop();
        if keep {
            return self.connection.commit();
        }
        if let Some(Counted { stamps, digest, live_records, touched, news }) = counted {
            (self.stamps, self.digest) = (stamps, digest);
            (self.live_records, self.touched) = (live_records, touched);
            self.news.forget_from(news);
        }
        // All of it is as young as the part, or was read inside.
        self.pending = Pending::default();
        self.connection.roll_back()
    }

    /// Notes in the digest and the count that a live state of a record went and another came.
    pub fn account_for(
        &mut self,
        gone: Option<sync::StateKey<'_>>,
        come: Option<sync::StateKey<'_>>,
    ) {
        for key in gone.iter().chain(come.iter()) {
            self.digest ^= sync::digest_of(*key);
        }
        self.live_records += i64::from(come.is_some()) - i64::from(gone.is_some());
    }
}

/// Whether `error` says that a row with that key exists already.
pub(super) fn is_duplicate(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}
