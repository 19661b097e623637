//! Secrets that the server makes for itself: one file each in the secrets folder, made at first start. Of
//! several nodes that start together in one folder, one makes it and the others read it.
//!
//! **Must never** leave half of a file, let anybody read one, or show what is in it.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// An empty file that stays in the folder.
const LOCK: &str = ".lock";

/// The content of `file` in `folder`. When it is not there, `make` gives the content, and the file is
/// written so that only its owner may read it; the folder is made, too.
///
/// # Errors
/// Why the content cannot be read, made or written, as the end of a sentence about the file.
pub(crate) fn read_or_make(
    folder: &Path,
    file: &str,
    make: impl FnOnce() -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, String> {
    let path = folder.join(file);
    match fs::read(&path) {
        Ok(content) => Ok(content),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Until the end of this function.
            let _lock = lock(folder).map_err(|error| error.to_string())?;
            match fs::read(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                found => return found.map_err(|error| error.to_string()),
            }
            let content = make()?;
            replace(folder, file, &content)?;
            Ok(content)
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Keeps other nodes from making a file in `folder`, which is made if need be, as long as the value lives.
fn lock(folder: &Path) -> std::io::Result<fs::File> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut open = fs::OpenOptions::new();
    let file = open.write(true).create(true).truncate(false).mode(0o600).open(folder.join(LOCK))?;
    file.lock()?;
    Ok(file)
}

/// Puts other content into a file that is there, all of it or nothing.
///
/// # Errors
/// Why it cannot be written, as the end of a sentence about the file.
pub(crate) fn replace(folder: &Path, file: &str, content: &[u8]) -> Result<(), String> {
    let (path, next) = (folder.join(file), folder.join(format!("{file}.next")));
    let write = || {
        match fs::remove_file(&next) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        write_private(&next, content)?;
        fs::rename(&next, &path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| error.to_string())
}

fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_made_at_first_is_what_is_read_afterwards_by_the_owner_only() {
        let folder = tempfile::tempdir().expect("folder");
        let secrets = folder.path().join("secrets");
        let made = read_or_make(&secrets, "key", || Ok(b"first".to_vec()));
        assert_eq!(made, Ok(b"first".to_vec()));
        let found = read_or_make(&secrets, "key", || Ok(b"second".to_vec()));
        assert_eq!(found, Ok(b"first".to_vec()));
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&secrets), mode(&secrets.join("key"))), (0o700, 0o600));
    }

    #[test]
    fn of_many_that_start_together_one_makes_it_and_all_read_the_same() {
        let folder = tempfile::tempdir().expect("folder");
        let secrets = folder.path().join("secrets");
        let made: Vec<_> = std::thread::scope(|scope| {
            let start = |node: u8| {
                let secrets = &secrets;
                scope.spawn(move || read_or_make(secrets, "key", || Ok(vec![node; 100_000])))
            };
            let nodes: Vec<_> = (0..16).map(start).collect();
            nodes.into_iter().map(|node| node.join().expect("no panic")).collect()
        });
        let kept = fs::read(secrets.join("key")).expect("there");
        assert_eq!(kept.len(), 100_000);
        assert!(made.iter().all(|content| content.as_ref() == Ok(&kept)));
    }

    #[test]
    fn what_cannot_be_made_leaves_no_file() {
        let folder = tempfile::tempdir().expect("folder");
        let failed = read_or_make(folder.path(), "key", || Err("no randomness".to_owned()));
        assert_eq!(failed, Err("no randomness".to_owned()));
        assert!(!folder.path().join("key").exists());
    }
}
