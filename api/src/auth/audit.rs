//! The audit trail of an account, for its owner: what happened at its door.
//!
//! Every event is written in the transaction of what it tells of; only exports, noted before their first
//! line, and imports, noted after their last, are events by themselves. **Must never** tell a secret, or what
//! an address of the network was: a trail is personal data itself.

use crate::app::AppState;
use crate::error::ApiError;
use crate::store::audit::EventRow;
use crate::store::{DbConnection, audit as trail};
use afterview_domain::clock::Instant;

/// Declares the kinds of events and their names, once.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $text:literal;)+) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $variant),+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

kinds! {
    /// The account was made; about: how.
    Registered = "registered";
    /// A device signed in; about: how.
    SignedIn = "signed_in";
    /// A device signed out.
    SignedOut = "signed_out";
    /// A session was ended from elsewhere; about: which.
    SessionRevoked = "session_revoked";
    /// A session was ended to make room for a new one; about: which.
    SessionDisplaced = "session_displaced";
    /// A used refresh token came again, so its session was ended; about: which.
    RefreshTokenReused = "refresh_token_reused";
    /// A personal access token was made; about: its name.
    TokenCreated = "token_created";
    /// A personal access token was ended; about: its name.
    TokenRevoked = "token_revoked";
    /// A webhook was made; about: its host.
    WebhookCreated = "webhook_created";
    /// The address of a webhook was changed; about: its host now.
    WebhookRedirected = "webhook_redirected";
    /// A webhook got another secret; about: its host.
    WebhookSecretRotated = "webhook_secret_rotated";
    /// A webhook was deleted; about: its host.
    WebhookDeleted = "webhook_deleted";
    /// A guest became an account that can sign in elsewhere, or got another way to; about: how.
    Upgraded = "upgraded";
    /// The address of e-mail was changed.
    EmailChanged = "email_changed";
    /// The password was changed by somebody who knew it.
    PasswordChanged = "password_changed";
    /// A mail was asked for by which the password can be set anew.
    PasswordResetRequested = "password_reset_requested";
    /// The password was set anew by such a mail.
    PasswordReset = "password_reset";
    /// A calendar feed was made; about: its name.
    CalendarFeedCreated = "calendar_feed_created";
    /// A calendar feed got another address; about: its name.
    CalendarFeedRotated = "calendar_feed_rotated";
    /// A calendar feed was ended; about: its name.
    CalendarFeedRevoked = "calendar_feed_revoked";
    /// Everything of the account was read out.
    Exported = "exported";
    /// Records were read in.
    Imported = "imported";
    /// The deletion of the account was asked for.
    DeletionRequested = "deletion_requested";
}

/// An event of an account. `session_id` is who did it, if somebody was signed in.
#[must_use]
pub fn event(
    state: &AppState,
    account_id: &str,
    kind: Kind,
    session_id: Option<&str>,
    about: Option<String>,
    now: Instant,
) -> EventRow {
    EventRow {
        account_id: account_id.to_owned(),
        id: state.ids.record_id(now),
        at: now.timestamp_millis(),
        kind: kind.as_str().to_owned(),
        session_id: session_id.map(str::to_owned),
        about,
    }
}

/// Notes an event that is a transaction by itself.
///
/// # Errors
/// [`Code::Unavailable`](crate::error::Code::Unavailable).
pub async fn note(
    state: &AppState,
    account_id: &str,
    kind: Kind,
    session_id: Option<&str>,
    about: Option<String>,
) -> Result<(), ApiError> {
    let event = event(state, account_id, kind, session_id, about, state.clock.now());
    let insert =
        move |connection: &mut DbConnection| Ok::<_, ApiError>(trail::insert(connection, &event)?);
    state.store.write_unsynced(account_id, insert).await
}
