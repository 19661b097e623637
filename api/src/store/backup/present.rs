//! What is in the place of a database that is to be put back, held so that nobody else can use it.
//!
//! A file is replaced in two steps, each good by itself: it gets a second name, under which it stays, and then
//! the new file takes over its first one.
//!
//! **Must never** change a row of it, or leave anything of it under the old name but the whole.

use super::super::{DbConnection, OpenError, migrations, sqlite};
use super::file::{MAGIC, Unfinished};
use super::{beside, check_version, patiently};
use afterview_domain::clock::Instant;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use rustix::fs::FlockOperation;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// What is there.
pub(super) enum Present {
    /// Nothing.
    Nothing,
    /// A database without an account, locked.
    Empty { _locked: DbConnection },
    /// A database, locked, and what keeps this program from reading it, if something does.
    Held(DbConnection, Option<OpenError>),
    /// A file that SQLite cannot read, locked, and why.
    Damaged { _locked: File, why: OpenError },
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

impl Present {
    /// Looks at what is at `path` and locks it. Its folder is made, too.
    ///
    /// # Errors
    /// That somebody uses it, or that it is something else than a database of this program.
    pub(super) fn hold(path: &Path) -> Result<Self, OpenError> {
        let failed = |why: &dyn std::fmt::Display| {
            OpenError(format!("cannot restore to {}: {why}", path.display()))
        };
        if path.symlink_metadata().is_err() {
            make_folder(path).map_err(|error| failed(&error))?;
            return match ["-wal", "-journal"]
                .map(|end| beside(path, end))
                .iter()
                .find(|it| it.exists())
            {
                None => Ok(Self::Nothing),
                Some(rest) => Err(failed(&format_args!(
                    "{} is there without its database; move it away",
                    rest.display()
                ))),
            };
        }
        let is_locked = |tried: &Result<_, String>| {
            tried.as_ref().is_err_and(|why: &String| why.contains("locked"))
        };
        let locked = match is_sqlite(path) {
            Ok(true) => patiently(|| lock(path), is_locked),
            // SQLite would throw its log away.
            Ok(false) => Err("file is not a database".to_owned()),
            Err(error) => return Err(failed(&error)),
        };
        match locked {
            Ok(connection) => Self::look(connection, path),
            Err(why) if why.contains("locked") => Err(in_use(path)),
            Err(why) => {
                let file = OpenOptions::new().read(true).write(true).open(path);
                let file = file.map_err(|error| failed(&error))?;
                rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive)
                    .map_err(|_held| in_use(path))?;
                let why = failed(&format_args!("what is there cannot be read ({why})"));
                Ok(Self::Damaged { _locked: file, why })
            }
        }
    }

    fn look(mut sqlite: SqliteConnection, path: &Path) -> Result<Self, OpenError> {
        sqlite::refuse_backup(&mut sqlite, &path.to_string_lossy())?;
        let counted = |sqlite: &mut SqliteConnection, what: &str| {
            let count = format!("SELECT count(*) AS counted FROM {what}");
            diesel::sql_query(count).get_result(sqlite).map(|Counted { counted }| counted)
        };
        let failed = |error: diesel::result::Error| OpenError(error.to_string());
        let is_bare = counted(&mut sqlite, "sqlite_schema").map_err(failed)? == 0;
        let accounts = if is_bare { Ok(0) } else { counted(&mut sqlite, "accounts") };
        let mut connection = DbConnection::Sqlite(sqlite);
        if migrations::applied(&mut connection)?.is_empty() && !is_bare {
            let path = path.display();
            return Err(OpenError(format!("{path} is not a database of this program")));
        }
        if accounts.map_err(failed)? == 0 {
            return Ok(Self::Empty { _locked: connection });
        }
        let why = check_version(&mut connection, "the database that is there").err();
        Ok(Self::Held(connection, why))
    }

    /// The database that is there, if it has accounts. Refuses it unless it may be replaced, and one that cannot
    /// be read unless that is no matter.
    pub(super) fn readable(
        &mut self,
        replace: bool,
        forget: bool,
    ) -> Result<Option<&mut DbConnection>, OpenError> {
        let why = match self {
            Self::Nothing | Self::Empty { .. } => return Ok(None),
            _ if !replace => {
                return Err(OpenError(
                    "there is a database already: with --replace it is put aside and kept"
                        .to_owned(),
                ));
            }
            Self::Held(connection, None) => return Ok(Some(connection)),
            _ if forget => return Ok(None),
            Self::Held(_, Some(why)) | Self::Damaged { why, .. } => why,
        };
        Err(OpenError(format!(
            "{why}. So nobody knows which accounts were deleted and which sessions ended since the backup: name \
             another copy that does with --later URL, or let them come back with --forget-deletions"
        )))
    }

    /// Puts the new file in its place, and says under which name the old one is kept.
    pub(super) fn give_way(
        self,
        new: Unfinished,
        path: &Path,
        now: Instant,
    ) -> Result<Option<PathBuf>, OpenError> {
        if matches!(self, Self::Nothing) {
            return new.publish(path).map(|()| None);
        }
        let kept = beside(path, &format!(".replaced-{}", now.format("%Y%m%dT%H%M%SZ")));
        let failed = |error: io::Error| {
            OpenError(format!("{} cannot be kept as {}: {error}", path.display(), kept.display()))
        };
        std::fs::hard_link(path, &kept).map_err(failed)?;
        if matches!(self, Self::Damaged { .. }) {
            // Its log, which nobody could empty, would be taken for one of the new file.
            for end in ["-wal", "-shm", "-journal"] {
                match std::fs::rename(beside(path, end), beside(&kept, end)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
                    _ => {}
                }
            }
        }
        new.replace(path).map_err(failed)?;
        // The lock goes with this value.
        drop(self);
        Ok(Some(kept))
    }
}

/// Whether SQLite would take the file for one of its own; an empty one it would.
fn is_sqlite(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    let length = u64::try_from(MAGIC.len()).map_err(io::Error::other)?;
    File::open(path)?.take(length).read_to_end(&mut head)?;
    Ok(head.is_empty() || head == MAGIC)
}

fn in_use(path: &Path) -> OpenError {
    OpenError(format!("{} is in use: stop the server first; nothing was changed", path.display()))
}

fn make_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o700).create(folder))
}

/// Locks the file, whose log is empty and gone then. A connection of somebody else's, even an idle one, keeps it
/// from that.
fn lock(path: &Path) -> Result<SqliteConnection, String> {
    let mut connection =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| error.to_string())?;
    connection.batch_execute("PRAGMA journal_mode = DELETE").map_err(|error| error.to_string())?;
    AnsiTransactionManager::begin_transaction_sql(&mut connection, "BEGIN EXCLUSIVE")
        .map_err(|error| error.to_string())?;
    Ok(connection)
}
