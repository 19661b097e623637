//! The command line.
//!
//! **Must never** print anything but its result on standard output; logs go to standard error.

mod backup;
mod copy;
pub mod doctor;
pub mod health;
mod keys;

use crate::app::{self, Application};
use crate::config::{self, Config, ConfigError, SETTINGS};
use crate::store::{OpenError, Store};
use crate::system::{SystemClock, SystemRandom};
use crate::{demo, logs, openapi};
use afterview_domain::clock::Clock;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// The backend of Afterview: to follow up after a job interview, or not to follow up.
#[derive(Debug, Parser)]
#[command(name = "afterview", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (also without a command).
    Serve,
    /// Bring the schema of the database up to date and say what was done.
    Migrate,
    /// Write everything into one file, while the server runs.
    ///
    /// The file is a snapshot of one moment, of no database in particular: it can be restored into SQLite and
    /// PostgreSQL. It is compared with what was read before it gets its name, and readable by its owner only.
    /// What is written meanwhile is called FILE.partial. The keys in the secrets folder are not in it.
    Backup {
        /// The file, which must not be there yet.
        file: PathBuf,
    },
    /// Make a database of a backup. Stop the server first.
    ///
    /// Into an empty database or, with --replace, in the place of a SQLite file. Every account gets a new
    /// epoch: devices fetch everything anew and keep their unsent changes. The database that is replaced, or
    /// another one named with --later, says which accounts were deleted and who was shut out since the backup;
    /// that stays so.
    Restore {
        /// What `afterview backup` wrote. It is not changed.
        file: PathBuf,
        /// Put the SQLite file that is there aside, and say under which name it is kept.
        #[arg(long)]
        replace: bool,
        /// A later database of the same accounts, to be read only, such as the one that a new and empty
        /// PostgreSQL database takes the place of.
        #[arg(long, value_name = "URL")]
        later: Option<String>,
        /// Go on although the database that is there cannot be read: what was deleted since comes back.
        #[arg(long)]
        forget_deletions: bool,
    },
    /// Make devices resynchronise after a copy of the database file was put back by hand.
    ///
    /// Begins a new epoch of every account. Devices that have seen more than the copy holds fetch
    /// everything anew and keep their unsent changes; the others go on as if nothing had happened. Run it
    /// while the server is stopped.
    NewEpoch,
    /// Copy everything to another database, such as from SQLite to PostgreSQL.
    ///
    /// Stamps, sessions and passwords go along as they are: no device notices. Stop the server first;
    /// one that still runs on the source can read meanwhile, but not write. The target must be empty or
    /// an earlier copy: after an interruption the same command goes on where it was. A password is
    /// better kept out of the URL: libpq reads PGPASSWORD and ~/.pgpass.
    Copy {
        /// The database to copy, sqlite:// or postgres://. It is not changed.
        #[arg(long, value_name = "URL")]
        from: String,
        /// The database to copy to.
        #[arg(long, value_name = "URL")]
        to: String,
    },
    /// Check settings, database, machine, keys and services, say what to do, and change nothing.
    ///
    /// Also while the server runs. Firebase is asked to check a message to nobody, and delivers nothing.
    Doctor,
    /// Ask the server that runs with these settings whether it is ready; code 1 if it is not.
    ///
    /// What a container's health check runs. The server is asked on this machine, at the port that it
    /// listens on, and has three seconds.
    Health,
    /// Change the keys that sign access tokens.
    Keys {
        #[command(subcommand)]
        command: keys::Command,
    },
    /// Print the OpenAPI document.
    Openapi {
        /// Print which scope opens which operation instead, as a page of Markdown.
        #[arg(long)]
        scopes: bool,
    },
    /// Play the story of one interview through the HTTP interface and print it.
    Demo {
        /// A running server, where the story makes an account of its own; without it a temporary
        /// server is started and thrown away.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
}

/// Why a command could not do its work; one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The settings are wrong.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// Something cannot be opened.
    #[error("{0}")]
    Open(#[from] OpenError),
    /// The server or the terminal failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Some things do not work; each was said.
    #[error("{0} of these do not work")]
    Unwell(usize),
    /// The server is not ready, or not there.
    #[error("not ready: {0}")]
    Unready(String),
    /// The story could not be told.
    #[error("{0}")]
    Demo(#[from] demo::DemoError),
}

impl CliError {
    /// The code that the process ends with: 1 is an answer, 2 that there is none.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Unready(_)) { 1 } else { 2 }
    }
}

impl Cli {
    /// Reads the arguments of the process; ends it for `--help`, `--version` and wrong usage.
    #[must_use]
    pub fn from_arguments() -> Self {
        let matches = Self::command().after_help(settings_help()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// Runs one command.
///
/// # Errors
/// One line that says what is wrong.
pub fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(&read_config()?),
        Command::Migrate => migrate(&read_config()?),
        Command::NewEpoch => new_epoch(&read_config()?),
        Command::Backup { file } => backup::back_up(&read_config()?, &file),
        Command::Restore { file, replace, later, forget_deletions } => {
            backup::restore(&read_config()?, &file, replace, later, forget_deletions)
        }
        Command::Copy { from, to } => copy::run(&read_config()?, from, to),
        Command::Keys { command } => keys::run(&read_config()?, &command),
        Command::Doctor => doctor::run(&read_config()?, &mut std::io::stdout()),
        Command::Health => health::run(&read_config()?, &mut std::io::stdout()),
        Command::Openapi { scopes } => {
            let print = if scopes { openapi::scopes::page } else { openapi::to_text };
            let text = print(&app::document()).map_err(std::io::Error::other)?;
            Ok(std::io::stdout().write_all(text.as_bytes())?)
        }
        Command::Demo { url } => {
            let runtime = actix_web::rt::System::new();
            Ok(runtime.block_on(demo::play(url.as_deref(), &mut std::io::stdout()))?)
        }
    }
}

fn read_config() -> Result<Config, CliError> {
    Ok(Config::from_variables(&config::variables()?)?)
}

fn serve(config: &Config) -> Result<(), CliError> {
    let _exporter = logs::start(config)?;
    let runtime = actix_web::rt::System::new();
    runtime.block_on(async {
        let mut app =
            Application::build(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await?;
        app.begin_work();
        let (address, live, admin) = (app.address(), app.live(), app.take_admin());
        // The server itself takes the same signal as the order to stop in good order.
        let mut order = signal(SignalKind::terminate())?;
        actix_web::rt::spawn(async move {
            order.recv().await;
            live.close();
        });
        let running = actix_web::rt::spawn(app.into_server());
        // The first turn of the server installs its signal handlers: whoever reads the line below
        // may already ask it to stop.
        tokio::task::yield_now().await;
        println!("afterview listening on http://{address}");
        let admin = admin.map(|admin| {
            // Whoever reads the first line only, and is gone, need not be told.
            let _ = writeln!(std::io::stdout(), "afterview admin on http://{}", admin.address);
            let handle = admin.server.handle();
            actix_web::rt::spawn(admin.server);
            handle
        });
        let ended = running.await;
        // It tells of the others' end, so it ends last.
        if let Some(admin) = admin {
            admin.stop(true).await;
        }
        Ok(ended.map_err(std::io::Error::other)??)
    })
}

fn new_epoch(config: &Config) -> Result<(), CliError> {
    let accounts = Store::begin_epoch(&config.store(), SystemClock.now(), &SystemRandom)?;
    let noun = if accounts == 1 { "account has" } else { "accounts have" };
    println!("{accounts} {noun} a new epoch");
    Ok(())
}

fn migrate(config: &Config) -> Result<(), CliError> {
    let applied = Store::migrate(&config.store())?;
    for version in &applied {
        println!("applied {version}");
    }
    if applied.is_empty() {
        println!("the schema is up to date");
    }
    Ok(())
}

fn settings_help() -> String {
    let mut help = String::from(
        "Settings are environment variables; a .env file in the working folder is read, too:\n",
    );
    for setting in SETTINGS {
        help.push_str(&format!(
            "\n  {}\n      {} [default: {}]",
            setting.name, setting.about, setting.default
        ));
    }
    help
}
