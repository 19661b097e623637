//! Bodies and answers about an account itself: its ways in, its sessions, its tokens, its trail.

use super::auth::{ABOUT_NONCE, EMAIL, MAX_ID_TOKEN, field, text};
use super::body;
use crate::store::access_tokens::TokenRow;
use crate::store::accounts::AccountView as Stored;
use crate::store::audit::EventRow;
use crate::store::identities::IdentityRow;
use crate::store::sessions::SessionRow;
use afterview_domain::clock::{format_instant, from_millis};
use afterview_domain::entities::field::{Kind, Need, Shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const ABOUT_PASSWORD: &str = "At least 10 characters.";

/// What getting another way to sign in takes.
#[derive(Deserialize)]
pub struct UpgradeBody {
    /// E-mail address.
    pub email: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// The provider's name.
    pub provider: Option<String>,
    /// The ID token.
    pub id_token: Option<String>,
    /// What the token's `nonce` is the digest of.
    pub nonce: Option<String>,
}

static UPGRADE: Shape = Shape {
    name: "Upgrade",
    about: "A way to sign in: `email` and `password`, or `provider`, `id_token` and `nonce`.",
    fields: &[
        field("email", text(3, 254), Need::Optional, "E-mail address."),
        field("password", text(10, 200), Need::Optional, ABOUT_PASSWORD),
        field("provider", text(1, 40), Need::Optional, "The provider's name, such as google."),
        field("id_token", text(1, MAX_ID_TOKEN), Need::Optional, "The provider's ID token."),
        field("nonce", text(16, 200), Need::Optional, ABOUT_NONCE),
    ],
};
body!(UpgradeBody, UPGRADE);

/// What changing the address takes.
#[derive(Deserialize)]
pub struct EmailBody {
    /// The new address.
    pub email: String,
    /// The present password.
    pub password: String,
}

static CHANGE_EMAIL: Shape = Shape {
    name: "AccountPatch",
    about: "Another address for an account with a password.",
    fields: &[EMAIL, field("password", text(1, 200), Need::Required, "The present password.")],
};
body!(EmailBody, CHANGE_EMAIL);

/// What deleting an account without an app takes.
#[derive(Deserialize)]
pub struct DeletionBody {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
}

static DELETION: Shape = Shape {
    name: "AccountDeletion",
    about: "Whoever deletes an account on the page knows its address and password.",
    fields: &[EMAIL, field("password", text(1, 200), Need::Required, "The password.")],
};
body!(DeletionBody, DELETION);

/// What changing the password takes.
#[derive(Deserialize)]
pub struct ChangePasswordBody {
    /// The present password.
    pub current_password: String,
    /// The new one.
    pub new_password: String,
}

static CHANGE_PASSWORD: Shape = Shape {
    name: "PasswordChange",
    about: "Another password, by somebody who knows the present one.",
    fields: &[
        field("current_password", text(1, 200), Need::Required, "The present password."),
        field("new_password", text(10, 200), Need::Required, ABOUT_PASSWORD),
    ],
};
body!(ChangePasswordBody, CHANGE_PASSWORD);

/// What asking for a mail takes.
#[derive(Deserialize)]
pub struct ForgotBody {
    /// The account's address.
    pub email: String,
}

static FORGOT: Shape = Shape {
    name: "PasswordForgotten",
    about: "The address of an account whose password is forgotten.",
    fields: &[EMAIL],
};
body!(ForgotBody, FORGOT);

/// What setting the password anew takes.
#[derive(Deserialize)]
pub struct ResetBody {
    /// The token of the mail.
    pub token: String,
    /// The new password.
    pub new_password: String,
}

static RESET: Shape = Shape {
    name: "PasswordReset",
    about: "A new password, by somebody who reads the mail of the account's address.",
    fields: &[
        field("token", text(1, 300), Need::Required, "The token of the mail. It works once."),
        field("new_password", text(10, 200), Need::Required, ABOUT_PASSWORD),
    ],
};
body!(ResetBody, RESET);

/// What a new personal access token takes.
#[derive(Deserialize)]
pub struct TokenBody {
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// How long it lives.
    pub expires_in_days: i64,
}

/// Everything that a token may allow.
const SCOPES: &[&str] = &["read", "write", "sync", "calendar", "webhooks", "account"];

static TOKEN: Shape = Shape {
    name: "AccessTokenRequest",
    about: "A personal access token for a program of the account's owner.",
    fields: &[
        field("name", text(1, 100), Need::Required, "What it is for, such as Home Assistant."),
        field(
            "scopes",
            Kind::Set { of: &Kind::Word(SCOPES), min: 1, max: SCOPES.len() },
            Need::Required,
            "What it allows. Give it as little as will do.",
        ),
        field(
            "expires_in_days",
            Kind::Integer { min: 1, max: 365 },
            Need::Default("90"),
            "After how many days it ends.",
        ),
    ],
};
body!(TokenBody, TOKEN);

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct AccountView {
    /// Its name.
    pub id: String,
    /// The address with which to sign in; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether it has a password.
    pub has_password: bool,
    /// Who it is at providers of identities.
    pub identities: Vec<IdentityView>,
    /// Whether this device is the only way in: signed out, nobody gets in any more.
    pub is_guest: bool,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// Who an account is at a provider of identities.
#[derive(Serialize, ToSchema)]
pub struct IdentityView {
    /// The provider's name.
    #[schema(examples("google"))]
    pub provider: String,
    /// The address that the provider told when the two were joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When the two were joined.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl AccountView {
    /// The account called `id`.
    #[must_use]
    pub fn of(id: &str, account: Stored, identities: Vec<IdentityRow>) -> Self {
        Self {
            id: id.to_owned(),
            has_password: account.password_hash.is_some(),
            is_guest: account.email.is_none() && identities.is_empty(),
            email: account.email,
            identities: identities.into_iter().map(IdentityView::from).collect(),
            created_at: instant(account.created_at),
        }
    }
}

impl From<IdentityRow> for IdentityView {
    fn from(row: IdentityRow) -> Self {
        Self { provider: row.provider, email: row.email, created_at: instant(row.created_at) }
    }
}

/// A device that is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// Its name, as in `session_id` of its tokens.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// What the user calls the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// Such as `ios`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// When it signed in.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last there, to a quarter of an hour.
    #[schema(format = DateTime)]
    pub last_active_at: String,
    /// When it ends unless it comes again.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

impl SessionView {
    /// The session, seen by the one called `current`.
    #[must_use]
    pub fn of(row: SessionRow, current: &str) -> Self {
        Self {
            current: row.session_id == current,
            id: row.session_id,
            device_name: row.device_name,
            platform: row.platform,
            app_id: row.app_id,
            app_version: row.app_version,
            created_at: instant(row.created_at),
            last_active_at: instant(row.rotated_at),
            expires_at: instant(row.expires_at),
        }
    }
}

/// The open sessions, the one used last first.
#[derive(Serialize, ToSchema)]
pub struct SessionList {
    /// The sessions.
    pub items: Vec<SessionView>,
}

/// A personal access token, without the token itself.
#[derive(Serialize, ToSchema)]
pub struct AccessTokenView {
    /// Its name.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// From when on it opens nothing.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// When it was used, to a quarter of an hour; left out if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub last_used_at: Option<String>,
}

impl From<TokenRow> for AccessTokenView {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.token_id,
            name: row.name,
            scopes: row.scope.split(' ').map(str::to_owned).collect(),
            created_at: instant(row.created_at),
            expires_at: instant(row.expires_at),
            last_used_at: row.last_used_at.map(instant),
        }
    }
}

/// The personal access tokens that work, oldest first.
#[derive(Serialize, ToSchema)]
pub struct AccessTokenList {
    /// The tokens.
    pub items: Vec<AccessTokenView>,
}

/// A new personal access token.
#[derive(Serialize, ToSchema)]
pub struct NewAccessToken {
    /// Send it as `Authorization: Bearer …`. It is shown this once.
    #[schema(examples("aft_…"))]
    pub token: String,
    /// Its name.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// From when on it opens nothing.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

impl NewAccessToken {
    /// The token, shown once.
    #[must_use]
    pub fn of(token: String, row: TokenRow) -> Self {
        let AccessTokenView { id, name, scopes, created_at, expires_at, .. } = row.into();
        Self { token, id, name, scopes, created_at, expires_at }
    }
}

/// Something that happened at an account's door.
#[derive(Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its name.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What, such as `signed_in`, `session_revoked`, `token_created` or `exported`. New kinds may come.
    #[schema(examples("signed_in"))]
    pub kind: String,
    /// The session or the personal access token that did it; left out when nobody was signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// How, or what it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("password"))]
    pub about: Option<String>,
}

impl From<EventRow> for AuditEvent {
    fn from(row: EventRow) -> Self {
        let EventRow { account_id: _, id, at, kind, session_id, about } = row;
        Self { id, at: instant(at), kind, session_id, about }
    }
}

/// A page of the audit trail, the newest first.
#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    /// The events.
    pub items: Vec<AuditEvent>,
    /// Where the next page begins; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

fn instant(millis: i64) -> String {
    format_instant(from_millis(millis))
}
