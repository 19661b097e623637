//! `afterview doctor`: would a server with these settings work?
//!
//! Looks at one thing after the other and says what it found, one line each, and what to do where something is
//! wrong; that does not end the search.
//!
//! **Must never** change anything, print a secret or a URL of a database, or send anything to anybody:
//! Firebase is asked to check a message and not to deliver it, and the server for mail takes none.

mod database;
mod machine;

use super::CliError;
use crate::auth::keys::KeyRing;
use crate::auth::oidc::Providers;
use crate::config::Config;
use crate::mail::{self, Mailer};
use crate::notifications::fcm::{self, ServiceAccount};
use crate::notifications::web_push::VapidKeys;
use crate::notifications::{
    Notification, Platform, Registration, RegistrationKind, Secret, Verdict,
};
use crate::system::SystemClock;
use afterview_domain::clock::Clock;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// An address that no app has. Firebase says so only to whom it lets send.
const NOBODY: &str = "afterview-doctor";

/// What was found out about one thing.
enum Finding {
    /// It works.
    Good(String),
    /// It is left out on purpose, or will be made.
    Note(String),
    /// It does not work.
    Bad(String),
}

/// Checks everything and says what it found on `out`.
///
/// # Errors
/// [`CliError::Unwell`] with the number of things that do not work.
pub fn run(config: &Config, out: &mut impl Write) -> Result<(), CliError> {
    let mut faults = 0;
    let mut tell = |about: &str, finding: Finding| -> io::Result<()> {
        let (mark, text) = match finding {
            Finding::Good(text) => ("ok  ", text),
            Finding::Note(text) => ("--  ", text),
            Finding::Bad(text) => {
                faults += 1;
                ("BAD ", text)
            }
        };
        writeln!(out, "{mark} {about}: {text}")?;
        out.flush()
    };
    tell("settings", Finding::Good("every one of them can be used".to_owned()))?;
    let now = SystemClock.now();
    for (about, finding) in database::check(&config.store(), now) {
        tell(about, finding)?;
    }
    tell("open files", machine::open_files())?;
    tell("keys", keys(&config.secrets_dir))?;
    tell("backup", machine::last_backup(&config.secrets_dir, now))?;
    tell("Firebase", firebase(config))?;
    tell("mail", mail(config))?;
    for (name, finding) in providers(config) {
        tell(&name, finding)?;
    }
    if faults == 0 { Ok(()) } else { Err(CliError::Unwell(faults)) }
}

fn keys(folder: &Path) -> Finding {
    if let Some(open) = machine::open_to_others(folder) {
        return Finding::Bad(open);
    }
    let found = KeyRing::inspect(folder, SystemClock.now());
    match found.and_then(|signing| Ok(signing && VapidKeys::inspect(folder)?)) {
        Ok(true) => {
            Finding::Good("those that sign tokens and the one of Web Push are read".to_owned())
        }
        Ok(false) => Finding::Note("some are not there yet; the first start makes them".to_owned()),
        Err(error) => Finding::Bad(error.to_string()),
    }
}

fn firebase(config: &Config) -> Finding {
    let Some(path) = &config.fcm_credentials else {
        let text = "no credentials, so reminders go to browsers and to the log \
                    (AFTERVIEW_FCM_CREDENTIALS)";
        return Finding::Note(text.to_owned());
    };
    let account = match ServiceAccount::read(path) {
        Ok(account) => account,
        Err(error) => return Finding::Bad(error.to_string()),
    };
    let project = account.project().to_owned();
    let options = fcm::Options {
        base_url: config.fcm_base_url.clone(),
        validate_only: true,
        ..fcm::Options::default()
    };
    let client = match fcm::Client::new(account, &options, Arc::new(SystemClock)) {
        Ok(client) => client,
        Err(error) => return Finding::Bad(error.to_string()),
    };
    let nobody =
        Registration { kind: RegistrationKind::Token, value: Secret::new(NOBODY.to_owned()) };
    let asked = client.send(&nobody, Platform::Android, Notification::Poke);
    judge(&project, &actix_web::rt::System::new().block_on(asked))
}

/// Each provider of identities is asked for its keys, as it is at the first sign-in.
fn providers(config: &Config) -> Vec<(String, Finding)> {
    let providers = match Providers::from_config(config, Arc::new(SystemClock)) {
        Ok(providers) => providers,
        Err(error) => return vec![("sign-in".to_owned(), Finding::Bad(error.to_string()))],
    };
    let asked = actix_web::rt::System::new().block_on(providers.probe());
    let found = asked.into_iter().map(|(name, answer)| {
        let finding = match answer {
            Ok(0) => Finding::Bad("reached, but it has no key that can be used".to_owned()),
            Ok(1) => Finding::Good("reached, 1 key".to_owned()),
            Ok(keys) => Finding::Good(format!("reached, {keys} keys")),
            Err(why) => Finding::Bad(why.to_string()),
        };
        (format!("sign-in with {name}"), finding)
    });
    found.collect()
}

fn mail(config: &Config) -> Finding {
    let mailer = match Mailer::new(config.mail.as_ref(), mail::TIMEOUT) {
        Ok(mailer) => mailer,
        Err(error) => return Finding::Bad(error.to_string()),
    };
    match actix_web::rt::System::new().block_on(mailer.reach()) {
        None => {
            let text = "no server, so forgotten passwords cannot be set anew (AFTERVIEW_SMTP_URL)";
            Finding::Note(text.to_owned())
        }
        Some(Ok(())) => Finding::Good("the server is reached and lets us in".to_owned()),
        Some(Err(why)) => Finding::Bad(format!("cannot be sent: {why}")),
    }
}

/// What Firebase says about a message to nobody tells whether it would take one to somebody.
fn judge(project: &str, verdict: &Verdict) -> Finding {
    match verdict {
        Verdict::Delivered { .. }
        | Verdict::Unregistered
        | Verdict::SenderMismatch
        | Verdict::Invalid { names_registration: true, .. } => {
            Finding::Good(format!("takes messages for the project {project}"))
        }
        Verdict::Invalid { detail, .. } => Finding::Bad(format!("refuses our messages: {detail}")),
        Verdict::WrongProject { detail } => {
            Finding::Bad(format!("knows no project {project}, or the address is wrong: {detail}"))
        }
        Verdict::ProviderAuth => Finding::Bad("has no access to APNs".to_owned()),
        Verdict::Unauthenticated { detail } => {
            Finding::Bad(format!("does not accept its own access token: {detail}"))
        }
        Verdict::Forbidden { detail } => Finding::Bad(format!(
            "the service account may not send, or the interface is switched off: {detail}"
        )),
        Verdict::CredentialsRefused { detail } => {
            Finding::Bad(format!("the service account is refused: {detail}"))
        }
        Verdict::Retry(retry) => {
            Finding::Bad(format!("gives no answer now ({}); try again later", retry.cause.as_str()))
        }
    }
}
