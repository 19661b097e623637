//! The program `afterview`: reads the command line and the configuration, and runs one command.
//!
//! What cannot start says so in one line on standard error and ends with code 2; `health` ends with code 1
//! when the server is not ready.

use afterview_api::cli::{self, Cli};

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(Cli::from_arguments()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("afterview: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
