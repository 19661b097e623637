//! The thread that moves what was committed from SQLite's write-ahead log into the database file.
//!
//! SQLite would have the writing thread do it after a commit, while everybody waits: measured, a tenth of a
//! second for each 40 MB, which was the slowest hundredth of all requests under mixed load. So most of it is
//! done here, side by side with the writer, who does no more than the last of it before it begins the log
//! anew (`wal_autocheckpoint`): that needs a moment in which nothing is written.
//!
//! **Must never** be needed: without it the writer does all of it, as it always could.

use super::connection::Role;
use super::{DbConnection, OpenError, StoreOptions};
use crossbeam_channel::{Receiver, Sender, bounded};

/// After how many commits the log is looked at.
const COMMITS: u32 = 8;

/// Says that something was committed; for the thread that writes.
pub(super) struct Checkpoints {
    wake: Sender<()>,
    commits: u32,
}

impl Checkpoints {
    /// Starts the thread, on SQLite. It ends with this.
    pub(super) fn start(options: &StoreOptions) -> Result<Option<Self>, OpenError> {
        if !options.is_sqlite() {
            return Ok(None);
        }
        let (wake, woken) = bounded(1);
        let (options, connection) = (options.clone(), DbConnection::open(options, Role::Write)?);
        std::thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(move || serve(&options, connection, &woken))
            .map_err(|error| OpenError(format!("cannot start the checkpoint thread: {error}")))?;
        Ok(Some(Self { wake, commits: 0 }))
    }

    /// Notes a commit. Never waits.
    pub(super) fn committed(&mut self) {
        self.commits += 1;
        if self.commits >= COMMITS {
            self.commits = 0;
            // One that is at work already looks at the log once more.
            let _ = self.wake.try_send(());
        }
    }
}

fn serve(options: &StoreOptions, connection: DbConnection, woken: &Receiver<()>) {
    let mut connection = Some(connection);
    while woken.recv().is_ok() {
        let open = || DbConnection::open_again(options, Role::Write);
        let done = match connection.take().map_or_else(open, Ok) {
            Ok(mut open) => open.checkpoint().map(|()| connection = Some(open)),
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log is left to the writer");
                continue;
            }
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the write-ahead log is left to the writer");
        }
    }
}
