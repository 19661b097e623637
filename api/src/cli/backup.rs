//! `afterview backup` and `afterview restore`, in words.
//!
//! **Must never** print a URL: it may hold a password.

use super::CliError;
use crate::config::Config;
use crate::secret_file;
use crate::store::{BackedUp, BackupMark, Carried, RestoreOptions, Restored, Store, StoreOptions};
use crate::system::{SystemClock, SystemRandom};
use afterview_domain::clock::{Clock, Instant, format_instant, from_millis};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How often the operator is told how far a backup is.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// In the secrets folder: what `afterview doctor` tells of the last backup.
const NOTE: &str = "last-backup.json";

/// The last backup that was made with these settings.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LastBackup {
    /// When it was begun, Unix milliseconds.
    pub(super) made_at: i64,
    /// Where it was put.
    pub(super) file: PathBuf,
}

impl LastBackup {
    /// Reads the note, if there is one.
    pub(super) fn find(secrets: &Path) -> Result<Option<Self>, String> {
        match std::fs::read(secrets.join(NOTE)) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| error.to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn note(&self, secrets: &Path) -> Result<(), String> {
        let text = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        secret_file::replace(secrets, NOTE, &text)
    }
}

/// Makes a backup, tells how far it is on standard error and what was done on standard output.
pub(super) fn back_up(config: &Config, file: &Path) -> Result<(), CliError> {
    let began = SystemClock.uptime();
    let now = SystemClock.now();
    let done = while_telling(file, || Store::backup(&config.store(), file, now))?;
    let seconds = SystemClock.uptime().saturating_sub(began).as_secs_f64();
    print!("{}", written(&done, file, seconds));
    let file = std::path::absolute(file)?;
    let note = LastBackup { made_at: done.mark.made_at, file };
    if let Err(why) = note.note(&config.secrets_dir) {
        eprintln!("the backup is whole, but `afterview doctor` will not know of it: {why}");
    }
    Ok(())
}

/// Says once a second how large the file is by now.
fn while_telling<T>(file: &Path, work: impl FnOnce() -> T) -> T {
    let unfinished = Store::unfinished(file);
    let (done, waits) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while waits.recv_timeout(TOLD_EVERY) == Err(RecvTimeoutError::Timeout) {
                if let Ok(file) = std::fs::metadata(&unfinished) {
                    eprintln!("{} so far", size(file.len()));
                }
            }
        });
        let answer = work();
        drop(done);
        answer
    })
}

fn written(BackedUp { mark, rows, bytes }: &BackedUp, file: &Path, seconds: f64) -> String {
    format!(
        "backup: {}\n\
         accounts: {}, live records: {}, rows: {rows}, newest change: {}\n\
         {} in {seconds:.1} s; opened again and compared: every page and index, the rows of every table, the \
         log of every account\n\
         not in it: the files in AFTERVIEW_SECRETS_DIR. Keep a copy of them elsewhere. Without the signing keys \
         new ones are made, and devices get new access tokens by themselves; without the key of Web Push every \
         browser has to be registered anew before it is reminded again\n",
        file.display(),
        mark.accounts,
        mark.records,
        newest(mark),
        size(*bytes),
    )
}

fn newest(mark: &BackupMark) -> String {
    mark.newest.map_or_else(|| "none".to_owned(), |at| format_instant(from_millis(at)))
}

/// Bytes as people say them.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// Puts a backup back and says what became of everything.
pub(super) fn restore(
    config: &Config,
    file: &Path,
    replace: bool,
    later: Option<String>,
    forget: bool,
) -> Result<(), CliError> {
    let later = later.map(|url| StoreOptions { url: url.into(), ..config.store() });
    let how = RestoreOptions { replace, later, forget };
    let now = SystemClock.now();
    let done = Store::restore(file, &config.store(), &how, now, &SystemRandom)?;
    print!("{}", restored(&done, now));
    Ok(())
}

fn restored(Restored { mark, carried, silenced, kept }: &Restored, now: Instant) -> String {
    let made_at = from_millis(mark.made_at);
    let mut text = format!(
        "restored: the backup of {}, {} ago, made by version {} from {}; accounts: {}, live records: {}, newest \
         change: {}\n",
        format_instant(made_at),
        span(now.timestamp_millis() - mark.made_at),
        mark.version,
        mark.source,
        mark.accounts,
        mark.records,
        newest(mark),
    );
    match carried {
        Some(Carried { known, erased, newer }) => text.push_str(&format!(
            "as it was last, not as in the backup: who may come in (passwords, sessions, tokens, devices, \
             calendars, webhooks), accounts: {known}\n\
             deleted since, and not brought back, accounts: {erased}\n\
             made since, and not in the backup, accounts: {newer}\n"
        )),
        None => text.push_str(
            "nobody knows what was deleted and ended since: accounts deleted after the backup are back, and so \
             are passwords, sessions, tokens, calendars and webhooks of then; delete again what has to stay \
             deleted\n",
        ),
    }
    text.push_str(&format!(
        "reminders that fell due since and are not sent any more: {silenced}; they stand in the agenda\n\
         every account has a new epoch: devices fetch everything anew and keep what they have not sent yet\n"
    ));
    if let Some(kept) = kept {
        text.push_str(&format!("the database that was there is kept as {}\n", kept.display()));
    }
    text
}

/// A length of time as people say it.
pub(super) fn span(millis: i64) -> String {
    let minutes = millis.max(0) / 60_000;
    let (count, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..120 => (minutes, "minute"),
        120..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{size, span};

    #[test]
    fn sizes_and_spans_are_said_as_people_say_them() {
        assert_eq!(size(9_999), "9999 bytes");
        assert_eq!(size(12_345_678), "12 MB");
        assert_eq!(span(59_999), "less than a minute");
        assert_eq!(span(60_000), "1 minute");
        assert_eq!(span(3 * 3_600_000), "3 hours");
        assert_eq!(span(50 * 86_400_000), "50 days");
    }
}
