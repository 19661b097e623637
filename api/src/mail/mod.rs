//! Mail to owners of accounts, through the operator's SMTP server.
//!
//! Each mail has a connection of its own: few are sent, and whatever was given up in the middle of a
//! conversation must not be gone on with by the next one.
//!
//! **Must never** log an address or what was written, or repeat what a server said: servers quote addresses.

mod letter;
pub mod settings;

pub use letter::Letter;
pub use settings::MailSettings;

use crate::store::OpenError;
use lettre::message::Mailbox;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncTransport, Message, Tokio1Executor};
use reqwest::Url;
use secrecy::ExposeSecret;
use std::time::Duration;

/// So long a server has to take a mail, from the first to the last word.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends mail, if the operator has said how.
pub struct Mailer(Option<Way>);

/// How mail leaves.
struct Way {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

/// Why a server did not take a mail.
struct Failure {
    why: String,
    /// The server would say the same again.
    for_good: bool,
}

impl Mailer {
    /// One that gives a server `timeout` to take a mail. It connects when it is first used.
    ///
    /// # Errors
    /// The library for TLS cannot be used.
    pub fn new(settings: Option<&MailSettings>, timeout: Duration) -> Result<Self, OpenError> {
        let way = settings.map(|settings| Way::new(settings, timeout)).transpose();
        way.map(Self).map_err(|why| OpenError(format!("mail cannot be sent: {why}")))
    }

    /// Whether the operator has said how mail leaves.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.0.is_some()
    }

    /// Sends one mail. If the server fails it is tried once more.
    ///
    /// # Errors
    /// Why it was not taken; without the address.
    pub async fn send(&self, letter: Letter<'_>) -> Result<(), String> {
        let Some(way) = &self.0 else { return Err("no server for mail is configured".to_owned()) };
        let message = letter.message(&way.from)?;
        match way.hand_over(&message).await {
            Err(failure) if !failure.for_good => way.hand_over(&message).await,
            other => other,
        }
        .map_err(|failure| failure.why)
    }

    /// Whether the server would take mail from us, as far as it can be told without sending one; `None`
    /// when there is none.
    ///
    /// # Errors
    /// Why it would not.
    pub async fn reach(&self) -> Option<Result<(), String>> {
        let way = self.0.as_ref()?;
        let reached = way.within(Box::pin(way.transport.test_connection())).await;
        Some(match reached {
            Ok(true) => Ok(()),
            Ok(false) => Err("the server does not answer any more".to_owned()),
            Err(failure) => Err(failure.why),
        })
    }
}

impl Way {
    fn new(settings: &MailSettings, timeout: Duration) -> Result<Self, String> {
        let (url, from) = (settings.url.expose_secret(), settings.from.clone());
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| describe(&error))?
            .timeout(Some(timeout));
        // A name in the URL is what the operator wants us to be called.
        if Url::parse(url).is_ok_and(|url| url.path().len() <= 1) {
            transport = transport.hello_name(ClientId::Domain(from.email.domain().to_owned()));
        }
        Ok(Self { transport: transport.build(), from, timeout })
    }

    async fn hand_over(&self, message: &Message) -> Result<(), Failure> {
        let bytes = message.formatted();
        self.within(self.transport.send_raw(message.envelope(), &bytes)).await.map(|_taken| ())
    }

    /// The library itself limits only the time for a connection.
    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, smtp::Error>> + Unpin,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.timeout, work).await {
            Ok(done) => done
                .map_err(|error| Failure { why: describe(&error), for_good: error.is_permanent() }),
            Err(_elapsed) => {
                let why = format!("the server took longer than {:?}", self.timeout);
                Err(Failure { why, for_good: false })
            }
        }
    }
}

/// What went wrong, without the words of a server.
fn describe(error: &smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the server answered {code}"),
        None if error.is_response() => "the server's answer is no SMTP".to_owned(),
        None => error.to_string(),
    }
}
