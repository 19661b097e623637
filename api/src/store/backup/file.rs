//! The file of a backup: how it is written, named, known and found to be damaged.
//!
//! SQLite leaves two numbers of its header to applications. One says that the file is a backup, so that no
//! server opens it by mistake; the other is a checksum (CRC-32) of every other byte.
//!
//! **Must never** open a file a second time that SQLite has open: closing it would end SQLite's locks.

use super::super::{OpenError, StoreError};
use super::beside;
use diesel::ConnectionError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use rustix::fs::{RenameFlags, renameat_with};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What the header of a backup says that it is: `AVBK`.
pub(in crate::store) const APPLICATION_ID: i32 = 0x4156_424B;

/// What a SQLite file begins with, and where its header has the checksum and the application.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
const CHECKSUM: std::ops::Range<usize> = 60..64;
const APPLICATION: std::ops::Range<usize> = 68..72;

/// How much is read at once.
const BLOCK: usize = 1 << 20;

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct BackupMark {
    /// When it was begun, Unix milliseconds.
    #[diesel(sql_type = BigInt)]
    pub made_at: i64,
    /// The version of the program that made it.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// What kind of database it was made from: `sqlite` or `postgres`.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// How many accounts it has.
    #[diesel(sql_type = BigInt)]
    pub accounts: i64,
    /// How many live records they have together.
    #[diesel(sql_type = BigInt)]
    pub records: i64,
    /// The newest stamp of all accounts, Unix milliseconds; `None` without accounts.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub newest: Option<i64>,
}

impl BackupMark {
    /// Says in a file that it is a backup.
    pub(super) fn write(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        connection.batch_execute(
            "CREATE TABLE afterview_backup (made_at BIGINT NOT NULL, version TEXT NOT NULL, \
             source TEXT NOT NULL, accounts BIGINT NOT NULL, records BIGINT NOT NULL, newest BIGINT)",
        )?;
        diesel::sql_query("INSERT INTO afterview_backup VALUES (?, ?, ?, ?, ?, ?)")
            .bind::<BigInt, _>(self.made_at)
            .bind::<Text, _>(&self.version)
            .bind::<Text, _>(&self.source)
            .bind::<BigInt, _>(self.accounts)
            .bind::<BigInt, _>(self.records)
            .bind::<Nullable<BigInt>, _>(self.newest)
            .execute(connection)?;
        connection.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
        Ok(())
    }

    /// Reads what a file says about itself, and makes a database of it that is no backup.
    pub(super) fn take(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mark = diesel::sql_query("SELECT * FROM afterview_backup").get_result(connection)?;
        connection.batch_execute(
            "DROP TABLE afterview_backup; PRAGMA application_id = 0; PRAGMA user_version = 0",
        )?;
        Ok(mark)
    }
}

/// Opens a file that nobody else knows yet. Whatever fails, it is thrown away, so it need not be durable.
pub(super) fn open(path: &Path) -> Result<SqliteConnection, OpenError> {
    let failed =
        |why: &dyn std::fmt::Display| OpenError(format!("cannot open {}: {why}", path.display()));
    let mut connection =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| match error {
            ConnectionError::BadConnection(why) => failed(&why),
            other => failed(&other),
        })?;
    let setup = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; \
                 PRAGMA cache_size = -16000; PRAGMA trusted_schema = OFF;";
    connection.batch_execute(setup).map_err(|error| failed(&error))?;
    Ok(connection)
}

/// A file in the making, private and locked. It goes with this value unless it gets a name.
pub(super) struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    /// Begins one under that name. What an interrupted run left there is overwritten.
    pub(super) fn begin(path: &Path) -> Result<Self, OpenError> {
        let failed = |why: &dyn std::fmt::Display| {
            OpenError(format!("cannot write {}: {why}", path.display()))
        };
        if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return Err(failed(&"there is something else of that name"));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(path).map_err(|error| failed(&error))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => failed(&"another run of this program is at it"),
            TryLockError::Error(error) => failed(&error),
        })?;
        let begun = Self { path: path.to_owned(), file };
        let private = std::fs::Permissions::from_mode(0o600);
        begun
            .file
            .set_len(0)
            .and_then(|()| begun.file.set_permissions(private))
            .and_then(|()| begun.remove_companions())
            .map_err(|error| failed(&error))?;
        Ok(begun)
    }

    /// What it is called for now.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until all of it is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Writes the checksum into it and says how many bytes it has.
    pub(super) fn seal(&self) -> io::Result<u64> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        let read = Summed::read(file, |_| Ok(()))?;
        let at = u64::try_from(CHECKSUM.start).map_err(io::Error::other)?;
        self.file.write_all_at(&read.checksum.to_be_bytes(), at)?;
        self.file.sync_all()?;
        Ok(read.bytes)
    }

    /// Copies a backup into this file, and refuses one that is damaged or none at all.
    pub(super) fn unpack(&self, backup: &Path) -> Result<(), OpenError> {
        let name = backup.display();
        let failed = |error: io::Error| OpenError(format!("cannot read {name}: {error}"));
        let from = File::open(backup).map_err(failed)?;
        let mut to = &self.file;
        let read = Summed::read(&from, |block| to.write_all(block))
            .map_err(|error| OpenError(format!("cannot copy {name}: {error}")))?;
        let why = if !read.is_sqlite {
            "is not a backup of this program"
        } else if read.application != APPLICATION_ID.to_be_bytes() {
            "is a database, but not one that `afterview backup` made: stop the server, put it in the place of \
             the other by hand and run `afterview new-epoch`"
        } else if read.stated != read.checksum.to_be_bytes() {
            "is damaged, its checksum is not that of its content: take another backup"
        } else {
            return Ok(());
        };
        Err(OpenError(format!("{name} {why}; nothing was changed")))
    }

    /// Gives it its name, which nobody else may have.
    pub(super) fn publish(self, to: &Path) -> Result<(), OpenError> {
        let failed =
            |error: io::Error| OpenError(format!("cannot write {}: {error}", to.display()));
        self.sync().map_err(failed)?;
        match std::fs::hard_link(&self.path, to) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(taken(to)),
            // Not every file system has two names for a file.
            Err(_) => {
                let here = rustix::fs::CWD;
                renameat_with(here, &self.path, here, to, RenameFlags::NOREPLACE).map_err(
                    |error| match io::Error::from(error) {
                        error if error.kind() == ErrorKind::AlreadyExists => taken(to),
                        error => failed(error),
                    },
                )?;
            }
        }
        // The other name goes with this value.
        drop(self);
        sync_folder(to).map_err(failed)
    }

    /// Puts it in the place of another file, from one moment to the next.
    pub(super) fn replace(self, other: &Path) -> io::Result<()> {
        self.sync()?;
        std::fs::rename(&self.path, other)?;
        sync_folder(other)
    }

    fn remove_companions(&self) -> io::Result<()> {
        ["-journal", "-wal", "-shm"]
            .iter()
            .try_for_each(|suffix| remove(&beside(&self.path, suffix)))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let gone = remove(&self.path).and_then(|()| self.remove_companions());
        if let Err(error) = gone {
            tracing::warn!(%error, "an unfinished file stays behind");
        }
    }
}

/// That a name is taken.
pub(super) fn taken(path: &Path) -> OpenError {
    OpenError(format!("there is a file {} already; nothing was written", path.display()))
}

/// Removes a file, which need not be there.
fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Waits until the names in the folder of `path` are on the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A file that was read once from its beginning.
struct Summed {
    is_sqlite: bool,
    application: [u8; 4],
    /// The checksum in the file.
    stated: [u8; 4],
    /// That of everything else.
    checksum: u32,
    bytes: u64,
}

impl Summed {
    fn read(mut file: &File, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<Self> {
        let mut summed =
            Self { is_sqlite: false, application: [0; 4], stated: [0; 4], checksum: 0, bytes: 0 };
        let mut hasher = crc32fast::Hasher::new();
        let mut block = Vec::with_capacity(BLOCK);
        loop {
            block.clear();
            let limit = u64::try_from(BLOCK).map_err(io::Error::other)?;
            let read = Read::take(&mut file, limit).read_to_end(&mut block)?;
            if read == 0 {
                summed.checksum = hasher.finalize();
                return Ok(summed);
            }
            each(&block)?;
            if summed.bytes == 0 {
                summed.is_sqlite = block.starts_with(MAGIC);
                let four = |place| block.get(place).and_then(|bytes: &[u8]| bytes.try_into().ok());
                summed.application = four(APPLICATION).unwrap_or_default();
                summed.stated = four(CHECKSUM).unwrap_or_default();
                if let Some(place) = block.get_mut(CHECKSUM) {
                    place.fill(0);
                }
            }
            hasher.update(&block);
            summed.bytes = summed.bytes.saturating_add(u64::try_from(read).unwrap_or_default());
        }
    }
}
