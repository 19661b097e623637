//! The machine: limits, who may read the keys, and when everything was last saved.
//!
//! **Must never** print what is in a file of keys.

use super::super::backup::{LastBackup, span};
use super::Finding;
use afterview_domain::clock::{Instant, format_instant, from_millis};
use rustix::process::{Resource, getrlimit};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Every client that is connected takes one, and streams stay open for hours.
const FEW_FILES: u64 = 4_096;

/// Too few even for the server itself, its database and a handful of clients.
const TOO_FEW_FILES: u64 = 256;

/// How old a backup may be before it is worth a word.
const OLD: i64 = 7 * 86_400_000;

/// How many files, and so connections, a process may have open.
pub(super) fn open_files() -> Finding {
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < TOO_FEW_FILES => Finding::Bad(format!(
            "{limit} at once, which a server uses up at once: raise `ulimit -n` or LimitNOFILE"
        )),
        Some(limit) if limit < FEW_FILES => Finding::Note(format!(
            "{limit} at once, so about as many clients can be connected; for more raise `ulimit -n` or LimitNOFILE"
        )),
        Some(limit) => Finding::Good(format!("{limit} at once")),
        None => Finding::Good("as many as the system has".to_owned()),
    }
}

/// What other users of the machine could do with the keys, if anything.
pub(super) fn open_to_others(folder: &Path) -> Option<String> {
    let mode = |path: &Path| std::fs::metadata(path).map(|it| it.permissions().mode() & 0o777).ok();
    let found = mode(folder)?;
    if found & 0o022 != 0 {
        return Some(format!(
            "others may put files into {} (mode {found:o}): chmod 700 it",
            folder.display()
        ));
    }
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let open =
        files.map(|file| file.path()).find(|path| mode(path).is_some_and(|it| it & 0o077 != 0))?;
    Some(format!(
        "others may read {}: chmod 600 it; if they may have, `afterview keys rotate --now`",
        open.display()
    ))
}

/// The last backup that was noted beside the keys.
pub(super) fn last_backup(folder: &Path, now: Instant) -> Finding {
    match LastBackup::find(folder) {
        Ok(None) => Finding::Note(
            "none was made from here yet: `afterview backup FILE`, also while the server runs"
                .to_owned(),
        ),
        Ok(Some(LastBackup { made_at, file })) => {
            let age = now.timestamp_millis() - made_at;
            let text = format!(
                "the last one is of {}, {} ago: {}",
                format_instant(from_millis(made_at)),
                span(age),
                file.display()
            );
            if age > OLD {
                Finding::Note(format!("{text}; make another one"))
            } else {
                Finding::Good(text)
            }
        }
        Err(why) => Finding::Note(format!("the note about the last one cannot be read: {why}")),
    }
}
