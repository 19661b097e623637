//! What the database takes of a disk, where it is a file.
//!
//! **Must never** open the file.

use super::Store;
use secrecy::ExposeSecret;
use std::path::Path;

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Files {
    /// The database.
    pub file: u64,
    /// What is committed and not yet moved into it.
    pub wal: u64,
    /// What the disk has left for this program.
    pub disk_free: u64,
    /// The whole disk.
    pub disk_size: u64,
}

impl Store {
    /// What the database takes of its disk; `None` with PostgreSQL.
    #[must_use]
    pub fn files(&self) -> Option<Files> {
        let path = self.options.url.expose_secret().strip_prefix("sqlite://")?;
        // A file that cannot be looked at has no size; what is wrong with it is said by whoever reads it.
        let size = |path: &str| std::fs::metadata(path).map_or(0, |meta| meta.len());
        let disk = rustix::fs::statvfs(Path::new(path)).ok();
        let of_disk = |blocks: u64, block: u64| blocks.saturating_mul(block);
        Some(Files {
            file: size(path),
            wal: size(&format!("{path}-wal")),
            disk_free: disk.as_ref().map_or(0, |disk| of_disk(disk.f_bavail, disk.f_frsize)),
            disk_size: disk.as_ref().map_or(0, |disk| of_disk(disk.f_blocks, disk.f_frsize)),
        })
    }
}
