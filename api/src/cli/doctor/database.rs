//! The database: can it be reached, is it whole, and does its server keep up?
//!
//! **Must never** change it.

use super::super::backup::{size, span};
use super::Finding;
use crate::store::{Examined, SchemaState, Store, StoreOptions};
use afterview_domain::clock::{Instant, format_instant, from_millis};
use rustix::fs::{Access, access, statvfs};
use std::path::{Path, PathBuf};

/// With less than this, or a tenth of the file, SQLite soon cannot write any more.
const LITTLE_SPACE: u64 = 64 << 20;

/// The log of SQLite is cut back to 64 MB whenever nobody reads what is in it.
const LARGE_LOG: u64 = 256 << 20;

/// What is due waits this long, in milliseconds, when nobody is at work: a server looks every half a minute,
/// and what it cannot deliver gets another time.
const LATE: i64 = 15 * 60_000;

/// Stamps are a minute ahead after a restore, and a little after many changes at once.
const AHEAD: i64 = 2 * 60_000;

/// Everything about the database, one line each.
pub(super) fn check(options: &StoreOptions, now: Instant) -> Vec<(&'static str, Finding)> {
    let path = options.sqlite_path();
    if let Some(Err(why)) = path.map(can_be_used) {
        return vec![("database", Finding::Bad(why))];
    }
    // Whoever closes a database last empties the log, be it the doctor.
    let log = path.map(log);
    let (state, reached) = reached(options);
    let mut all = vec![("database", reached)];
    if let (Some(path), Some(_)) = (path, &state)
        && path.exists()
    {
        all.push(("content", content(options)));
        all.push(("writing", writing(options)));
        all.push(("disk", disk(path)));
        all.extend(log.map(|log| ("log", log)));
    }
    if state == Some(SchemaState::Current) {
        match Store::examine(options, now) {
            Ok(examined) => all.extend(work(&examined, now.timestamp_millis())),
            Err(error) => all.push(("clock", Finding::Bad(error.to_string()))),
        }
    }
    all
}

/// Whether the user who asks may use the file and its folder.
fn can_be_used(path: &Path) -> Result<(), String> {
    let user = rustix::process::getuid().as_raw();
    let folder = existing(path);
    if path.is_dir() {
        return Err(format!(
            "{} is a folder: AFTERVIEW_DATABASE_URL has to name a file in it",
            path.display()
        ));
    }
    if !folder.is_dir() {
        return Err(format!("{} is a file, so no folder can be made there", folder.display()));
    }
    let refused = |what: &Path, error: rustix::io::Errno| {
        format!(
            "{} cannot be written by this user (number {user}): {}. Run this as the user of the server; if it is \
             that one, give it the file and its folder with chown",
            what.display(),
            std::io::Error::from(error)
        )
    };
    // SQLite makes its log beside the file.
    access(&folder, Access::WRITE_OK).map_err(|error| refused(&folder, error))?;
    if path.exists() {
        access(path, Access::READ_OK | Access::WRITE_OK).map_err(|error| refused(path, error))?;
    }
    Ok(())
}

/// The innermost folder of the path that exists.
fn existing(path: &Path) -> PathBuf {
    let mut folders = path.ancestors().skip(1);
    let found = folders.find(|folder| folder.exists() || folder.as_os_str().is_empty());
    match found {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn reached(options: &StoreOptions) -> (Option<SchemaState>, Finding) {
    let state = match Store::inspect(options) {
        Ok(state) => state,
        Err(error) => return (None, Finding::Bad(explained(options, &error.to_string()))),
    };
    let finding = match &state {
        SchemaState::Current => Finding::Good("reached, its schema is up to date".to_owned()),
        SchemaState::Nothing => {
            Finding::Note("there is none yet; the first start makes it".to_owned())
        }
        SchemaState::Behind(missing) => Finding::Note(format!(
            "reached; the next start applies {} to its schema. Make a backup before, with the version that it \
             is of",
            missing.join(", ")
        )),
        SchemaState::Newer(version) => Finding::Bad(format!(
            "made by a newer version of this program, which knows {version}: use that one, or put back a backup \
             of before"
        )),
    };
    (Some(state), finding)
}

/// What to do about a database that cannot be opened.
fn explained(options: &StoreOptions, error: &str) -> String {
    let what_to_do = if options.sqlite_path().is_none() {
        "does it run, and does AFTERVIEW_DATABASE_URL name it?"
    } else if error.contains("locked") {
        "another process keeps it to itself, such as a restore or a shell: wait for its end or end it"
    } else if ["malformed", "not a database", "cannot read"].iter().any(|it| error.contains(it)) {
        "it is damaged: put back a backup with `afterview restore FILE --replace`"
    } else {
        return error.to_owned();
    };
    format!("{error}; {what_to_do}")
}

fn content(options: &StoreOptions) -> Finding {
    match Store::quick_check(options) {
        Ok(()) => Finding::Good("no damage is found in its pages".to_owned()),
        Err(error) => Finding::Bad(format!(
            "damaged: {error}. Stop the server and put back a backup with `afterview restore FILE --replace`, \
             which keeps this file"
        )),
    }
}

fn writing(options: &StoreOptions) -> Finding {
    match Store::try_write_lock(options) {
        Ok(()) => Finding::Good("the lock of whoever writes is free".to_owned()),
        Err(error) => Finding::Bad(format!(
            "nobody could write for a second: {error}. A server commits within milliseconds; look for a shell or \
             a program that left a transaction open"
        )),
    }
}

fn disk(path: &Path) -> Finding {
    let free = match statvfs(&*existing(path)) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => return Finding::Bad(std::io::Error::from(error).to_string()),
    };
    let used = std::fs::metadata(path).map_or(0, |file| file.len());
    let both = format!("{} free beside a database of {}", size(free), size(used));
    if free < LITTLE_SPACE.max(used / 10) {
        Finding::Bad(format!(
            "{both}: make room, or put the database on a larger disk; without space writes are refused"
        ))
    } else if free < used {
        Finding::Note(format!("{both}: a backup has to go to another disk"))
    } else {
        Finding::Good(both)
    }
}

fn log(path: &Path) -> Finding {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let length = std::fs::metadata(name).map_or(0, |file| file.len());
    if length > LARGE_LOG {
        return Finding::Bad(format!(
            "what is not in the file yet has grown to {}: somebody has been reading the same state for long, a \
             shell or a backup. End it; if nobody does, restart the server",
            size(length)
        ));
    }
    Finding::Good(format!("{} are not in the file yet", size(length)))
}

fn work(examined: &Examined, now: i64) -> Vec<(&'static str, Finding)> {
    vec![
        ("clock", clock(examined.newest, now)),
        ("reminders", due("reminder", examined.next_reminder, now)),
        ("webhooks", due("event", examined.next_event, now)),
        ("restores", restores(examined.lost)),
    ]
}

fn clock(newest: Option<i64>, now: i64) -> Finding {
    match newest {
        Some(newest) if newest > now.saturating_add(AHEAD) => Finding::Bad(format!(
            "it is {} before the newest change ({}): set it right. Until it has caught up, stamps only count on",
            span(newest - now),
            format_instant(from_millis(newest))
        )),
        _ => Finding::Good("not before the newest change".to_owned()),
    }
}

fn due(what: &str, next: Option<i64>, now: i64) -> Finding {
    match next {
        Some(next) if next < now.saturating_sub(LATE) => Finding::Bad(format!(
            "the oldest {what} has been due for {} and nobody has taken it: start the server; if it runs, its \
             log says why",
            span(now - next)
        )),
        _ => Finding::Good(format!("no {what} is overdue")),
    }
}

fn restores(lost: Option<(i64, i64)>) -> Finding {
    match lost {
        Some((from, to)) => Finding::Note(format!(
            "a backup was put back; changes with stamps between {} and {} are lost",
            format_instant(from_millis(from)),
            format_instant(from_millis(to))
        )),
        None => Finding::Good("no backup was ever put back".to_owned()),
    }
}
