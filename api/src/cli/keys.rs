//! The keys that sign access tokens, from the command line.

use super::CliError;
use crate::auth::keys::{KeyRing, Rotation};
use crate::config::Config;
use crate::system::SystemClock;
use afterview_domain::clock::{Clock, format_instant};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a new key; running servers use it in ten minutes, without a restart.
    ///
    /// The old key goes on verifying the tokens that it signed, and is taken away by a later rotation. Run it
    /// once, in the folder that all nodes share.
    Rotate {
        /// The old keys may be in the wrong hands: take them away. Within a minute every access token is
        /// refused; devices get new ones with their refresh tokens and notice nothing.
        #[arg(long)]
        now: bool,
    },
}

pub(super) fn run(config: &Config, command: &Command) -> Result<(), CliError> {
    let Command::Rotate { now } = command;
    let Rotation { kid, signs_from, dropped } =
        KeyRing::rotate(&config.secrets_dir, SystemClock.now(), *now)?;
    println!("new key {kid}, signs from {}", format_instant(signs_from));
    for kid in dropped {
        println!("took away {kid}");
    }
    Ok(())
}
