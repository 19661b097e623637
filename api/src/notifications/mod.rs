//! Notifications: what is sent to a device besides the answers it asks for, and what became of it.
//!
//! A *reminder* is visible and about one follow-up; a *poke* is silent and says nothing but "sync when
//! you can". This module builds and sends; which reminders are due, to whom, and what a verdict does to
//! a registration is the caller's.
//!
//! **Must never** touch the database, and never show a registration, a title or a body in a log line
//! or in `Debug` output.

pub mod alerts;
pub mod breaker;
pub mod fcm;
pub mod log;
pub mod retry;
pub mod senders;
pub mod web_push;
mod words;

use afterview_domain::clock::Instant;
use retry::Retry;
use std::fmt;

/// A text that is never shown: `Debug` gives `[hidden]`, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[hidden]")
    }
}

/// What an app registered with. One app uses exactly one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationKind {
    /// A Firebase Installation ID.
    Fid,
    /// A registration token; deprecated by Firebase, and what apps in the field have.
    Token,
}

/// The address of one installation of an app. Whoever has it can send to it: it is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What kind of address it is.
    pub kind: RegistrationKind,
    /// The address.
    pub value: Secret,
}

/// Where the app runs. A message carries only the part for that platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// Android.
    Android,
    /// iOS and its relatives, through APNs.
    Ios,
    /// A browser, through Web Push.
    Web,
}

impl Platform {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
            Self::Web => "web",
        }
    }
}

/// One reminder, as it is to be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Reminder {
    /// What the lock screen shows first. Cut when the message would become too long.
    pub title: String,
    /// What it shows below. Cut when the message would become too long.
    pub body: String,
    /// The follow-up it is about. A reminder of the same follow-up replaces the one before on the
    /// device, whether the device or this server showed it.
    pub follow_up_id: String,
    /// When it was due (`remind_at`); tells two reminders of one follow-up apart.
    pub occurrence: Instant,
    /// Stamp of the write that planned it.
    pub version: i64,
    /// Afterwards it is of no use and must not be delivered any more.
    pub useful_until: Instant,
}

impl fmt::Debug for Reminder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reminder")
            .field("follow_up_id", &self.follow_up_id)
            .field("occurrence", &self.occurrence)
            .field("version", &self.version)
            .field("useful_until", &self.useful_until)
            .finish_non_exhaustive()
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub enum Notification<'r> {
    /// A visible reminder.
    Reminder(&'r Reminder),
    /// Silent and without content: something changed, sync when you can. Not for browsers, which must
    /// show something for everything they receive.
    Poke,
}

/// What became of one sending. Details are identifiers out of the answer, never free text, so that
/// they may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The provider took it over and calls it `name`.
    Delivered {
        /// The provider's name for the message.
        name: String,
    },
    /// The installation is gone: remove the registration, if it is still the one that was sent to.
    Unregistered,
    /// The message was refused: a mistake of ours, unless it `names_registration`.
    Invalid {
        /// The registration itself is no valid one; only then may it be removed.
        names_registration: bool,
        /// What was refused.
        detail: String,
    },
    /// The registration belongs to an app of another project, or to another key of Web Push: disable
    /// it; many of them mean that the operator configured the wrong project or lost the key.
    SenderMismatch,
    /// There is no such project or address: tell the operator, keep the registrations.
    WrongProject {
        /// What the answer said.
        detail: String,
    },
    /// Firebase may not send to APNs or a Web Push service: tell the operator, park what goes to that
    /// platform, keep the registrations.
    ProviderAuth,
    /// Even a fresh access token was refused: tell the operator.
    Unauthenticated {
        /// What the answer said.
        detail: String,
    },
    /// The service account may not send, the interface is switched off, or a push service takes our
    /// signed token for none: tell the operator.
    Forbidden {
        /// What the answer said.
        detail: String,
    },
    /// The service account itself was refused. Permanent: nothing is sent until a restart.
    CredentialsRefused {
        /// What the answer said.
        detail: String,
    },
    /// Not now; the same message may be sent again later.
    Retry(Retry),
}
