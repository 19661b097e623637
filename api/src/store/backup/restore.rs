//! A backup that becomes a database again.
//!
//! All of it is made ready in a file of its own: copied and checked against its checksum, brought up to the
//! schema of this program, told what was deleted and ended since, and given a new epoch of every account. Only
//! then it takes its place, at once: as a file by its name, in PostgreSQL by one transaction.
//!
//! **Must never** change the backup.

use super::super::connection::{Role, Setup};
use super::super::copy::sentence;
use super::super::{DbConnection, OpenError, Store, StoreOptions, epoch, migrations};
use super::carry::{Carried, carry};
use super::file::{self, BackupMark, Unfinished};
use super::present::Present;
use super::{beside, check, check_version, target};
use afterview_domain::clock::Instant;
use afterview_domain::ids::IdSource;
use std::path::{Path, PathBuf};

/// What whoever restores decides.
#[derive(Debug, Clone, Default)]
pub struct RestoreOptions {
    /// Whether a database that is there may be put aside.
    pub replace: bool,
    /// A later database of the same accounts, if not the one that is replaced.
    pub later: Option<StoreOptions>,
    /// Whether it is no matter what was deleted and ended since, where that cannot be read.
    pub forget: bool,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup says about itself.
    pub mark: BackupMark,
    /// What was taken over from a later database, if there was one.
    pub carried: Option<Carried>,
    /// How many reminders had fallen due since and are not sent any more.
    pub silenced: usize,
    /// Where the database is kept that was there before.
    pub kept: Option<PathBuf>,
}

impl Store {
    /// Makes a database of a backup, in which every account has a new epoch: devices begin anew with a snapshot
    /// and keep their unsent changes.
    ///
    /// The target is an empty database or, as a file, one that may be put aside. No server may run on it. A
    /// later database, the one that is replaced or another, says what was deleted and ended since the backup.
    /// All or nothing, also when it is interrupted.
    ///
    /// # Errors
    /// One sentence: that the file is no backup, damaged, or of a newer version; that the target is in use or
    /// must not be replaced; that it cannot be written, or the later database not be read.
    pub fn restore(
        from: &Path,
        to: &StoreOptions,
        how: &RestoreOptions,
        now: Instant,
        ids: &dyn IdSource,
    ) -> Result<Restored, OpenError> {
        let mut later = how.later.as_ref().map(open_later).transpose()?;
        match to.sqlite_path() {
            Some(path) => into_file(from, path, how, later.as_mut(), (now, ids)),
            None => {
                let mut target = target::open(to)?;
                let unfinished = Unfinished::begin(&beside(from, ".restoring"))?;
                let restored = prepare(from, &unfinished, later.as_mut(), (now, ids))?;
                let mut ready = DbConnection::Sqlite(file::open(unfinished.path())?);
                target::place(&mut ready, &mut target)?;
                Ok(restored)
            }
        }
    }
}

fn open_later(options: &StoreOptions) -> Result<DbConnection, OpenError> {
    if options.sqlite_path().is_some_and(|path| !path.exists()) {
        return Err(OpenError("there is no such later database".to_owned()));
    }
    let mut later = DbConnection::open(options, Role::Read)?;
    check_version(&mut later, "the later database")?;
    Ok(later)
}

fn into_file(
    from: &Path,
    path: &Path,
    how: &RestoreOptions,
    later: Option<&mut DbConnection>,
    by: (Instant, &dyn IdSource),
) -> Result<Restored, OpenError> {
    let mut present = Present::hold(path)?;
    let known = present.readable(how.replace, how.forget || later.is_some())?;
    let unfinished = Unfinished::begin(&beside(path, ".restoring"))?;
    let restored = prepare(from, &unfinished, later.or(known), by)?;
    let kept = present.give_way(unfinished, path, by.0)?;
    Ok(Restored { kept, ..restored })
}

/// Makes a database of the backup, in a file that nobody knows yet.
fn prepare(
    from: &Path,
    unfinished: &Unfinished,
    later: Option<&mut DbConnection>,
    (now, ids): (Instant, &dyn IdSource),
) -> Result<Restored, OpenError> {
    unfinished.unpack(from)?;
    let failed = sentence("the backup cannot be restored");
    let mut connection = file::open(unfinished.path())?;
    check::integrity(&mut connection)?;
    let mark = BackupMark::take(&mut connection).map_err(&failed)?;
    let mut connection = DbConnection::Sqlite(connection);
    let (applied, known) = (migrations::applied(&mut connection)?, migrations::known(&connection)?);
    if applied.iter().any(|version| !known.contains(version)) {
        return Err(OpenError(format!(
            "the backup was made by a newer version of this program ({}): use that; nothing was changed",
            mark.version
        )));
    }
    migrations::run(&mut connection)?;
    check::logs(&mut connection)?;
    connection.begin_group(Setup::Transaction).map_err(&failed)?;
    let told = carry(&mut connection, later, now).map_err(&failed)?;
    epoch::begin_for_all(&mut connection, now, ids, &told.given).map_err(&failed)?;
    connection.commit().map_err(&failed)?;
    Ok(Restored { mark, carried: told.carried, silenced: told.silenced, kept: None })
}
