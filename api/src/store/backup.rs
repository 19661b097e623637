//! Backups: everything in one file that is complete, checked and of no database in particular.
//!
//! A backup is a SQLite file with the schema of this program, a row that says what it is, and a checksum of
//! all its bytes (`file.rs`). It is read in one snapshot while servers go on writing (`snapshot.rs`), written
//! beside its place under another name, opened again and compared (`check.rs`), and only then given its name.
//! Put back, it becomes a database of either kind (`restore.rs`), in which nobody who was shut out since gets
//! in again and nobody who was deleted comes back (`carry.rs`).
//!
//! **Must never** write to a database that is backed up, replace a file, or leave half of one under the name
//! that was asked for.

mod carry;
mod check;
mod file;
mod present;
mod reminders;
mod restore;
mod snapshot;
mod target;

pub use carry::Carried;
pub use file::BackupMark;
pub use restore::{RestoreOptions, Restored};

pub(super) use file::APPLICATION_ID;

use super::copy::{self, sentence};
use super::{OpenError, Store, StoreOptions};
use afterview_domain::clock::Instant;
use file::Unfinished;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a backup did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// What the file says about itself.
    pub mark: BackupMark,
    /// How many rows it has, in all tables.
    pub rows: i64,
    /// Its size.
    pub bytes: u64,
}

impl Store {
    /// Writes everything that the database holds at one moment into a new file, which only its owner may read.
    ///
    /// Nobody waits for it: servers go on reading and writing. The file gets its name when it is whole, on the
    /// disk and was compared with what was read. Until then it is called [`Store::unfinished`]; what an
    /// interrupted backup left under that name is overwritten by the next one.
    ///
    /// # Errors
    /// One sentence: that there is such a file already, that the database cannot be read or is of another
    /// version, that the file cannot be written, or that it is not equal to what was read.
    pub fn backup(options: &StoreOptions, to: &Path, now: Instant) -> Result<BackedUp, OpenError> {
        let failed =
            |error: std::io::Error| OpenError(format!("cannot write {}: {error}", to.display()));
        if to.symlink_metadata().is_ok() {
            return Err(file::taken(to));
        }
        let unfinished = Unfinished::begin(&Self::unfinished(to))?;
        let (content, kind) = snapshot::take(options, unfinished.path())?;
        let mark = BackupMark {
            made_at: now.timestamp_millis(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            source: kind.to_owned(),
            accounts: content.accounts(),
            records: content.records(),
            newest: content.newest(),
        };
        let mut connection = file::open(unfinished.path())?;
        mark.write(&mut connection).map_err(sentence("the backup"))?;
        drop(connection);
        unfinished.sync().map_err(failed)?;
        check::compare(unfinished.path(), &content)?;
        let bytes = unfinished.seal().map_err(failed)?;
        unfinished.publish(to)?;
        Ok(BackedUp { mark, rows: content.rows(), bytes })
    }

    /// What a backup is called while it is written.
    #[must_use]
    pub fn unfinished(to: &Path) -> PathBuf {
        beside(to, ".partial")
    }
}

/// The path with something behind it.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// How often, and after how long, something is tried again that fails until a server has ended.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Tries until it is done, or is not `busy` any more, for two seconds at most: whoever has just told a server to
/// stop need not count.
fn patiently<T>(mut work: impl FnMut() -> T, busy: impl Fn(&T) -> bool) -> T {
    for _ in 1..TRIES {
        let answer = work();
        if !busy(&answer) {
            return answer;
        }
        std::thread::sleep(PAUSE);
    }
    work()
}

/// Refuses a database of another version.
fn check_version(connection: &mut super::DbConnection, what: &str) -> Result<(), OpenError> {
    copy::check_version(connection, what)
}
