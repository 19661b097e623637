//! Bodies and answers of signing up, in, on and out.

use super::body;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) const fn field(
    name: &'static str,
    kind: Kind,
    need: Need,
    about: &'static str,
) -> Field {
    Field { name, kind, need, about }
}

pub(super) const fn text(min: usize, max: usize) -> Kind {
    Kind::Text { min, max }
}

/// The device that signs in.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DeviceBody {
    /// What the user calls it.
    pub name: Option<String>,
    /// Such as `ios`.
    pub platform: Option<String>,
    /// The app.
    pub app_id: Option<String>,
    /// Its version.
    pub app_version: Option<String>,
}

static DEVICE: Shape = Shape {
    name: "Device",
    about: "The device that signs in. A session is a device.",
    fields: &[
        field(
            "name",
            text(1, 100),
            Need::Optional,
            "What the user calls it, such as Anna's phone.",
        ),
        field("platform", text(1, 40), Need::Optional, "Such as ios, android or web."),
        field("app_id", text(1, 200), Need::Optional, "The app's identifier."),
        field("app_version", text(1, 40), Need::Optional, "The app's version."),
    ],
};

pub(super) const EMAIL: Field = field(
    "email",
    text(3, 254),
    Need::Required,
    "E-mail address; upper and lower case are the same.",
);
const DEVICE_FIELD: Field =
    field("device", Kind::Object(&DEVICE), Need::Default("{}"), "The device that signs in.");

/// What signing up takes.
#[derive(Deserialize)]
pub struct RegisterBody {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// The candidate's time zone.
    pub time_zone: Option<String>,
    /// The device.
    pub device: DeviceBody,
}

static REGISTER: Shape = Shape {
    name: "Register",
    about: "A new account.",
    fields: &[
        EMAIL,
        field("password", text(10, 200), Need::Required, "At least 10 characters."),
        TIME_ZONE,
        DEVICE_FIELD,
    ],
};
body!(RegisterBody, REGISTER);

/// What starting without an account takes.
#[derive(Deserialize)]
pub struct GuestBody {
    /// The candidate's time zone.
    pub time_zone: Option<String>,
    /// The device.
    pub device: DeviceBody,
}

const TIME_ZONE: Field = field(
    "time_zone",
    Kind::TimeZone,
    Need::Optional,
    "The candidate's time zone; it can be changed in the preferences. Without it UTC.",
);

static GUEST: Shape = Shape {
    name: "Guest",
    about: "An account that only this device can reach, until it is upgraded.",
    fields: &[TIME_ZONE, DEVICE_FIELD],
};
body!(GuestBody, GUEST);

/// What signing in with an ID token takes.
#[derive(Deserialize)]
pub struct OidcBody {
    /// The ID token.
    pub id_token: String,
    /// What the token's `nonce` is the digest of.
    pub nonce: String,
    /// The candidate's time zone, for a new account.
    pub time_zone: Option<String>,
    /// The device.
    pub device: DeviceBody,
}

/// An ID token in a body: at most this many characters.
pub(super) const MAX_ID_TOKEN: usize = 16_000;

/// What is said of a nonce.
pub(super) const ABOUT_NONCE: &str = "Random characters that the app kept. It gave the provider \
their SHA-256 in lower-case hexadecimal as `nonce`, so an ID token alone is of no use to a thief.";

static OIDC: Shape = Shape {
    name: "OidcSignIn",
    about: "Somebody whom a provider of identities knows.",
    fields: &[
        field("id_token", text(1, MAX_ID_TOKEN), Need::Required, "The ID token of the provider."),
        field("nonce", text(16, 200), Need::Required, ABOUT_NONCE),
        TIME_ZONE,
        DEVICE_FIELD,
    ],
};
body!(OidcBody, OIDC);

/// What signing in takes.
#[derive(Deserialize)]
pub struct LoginBody {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// The device.
    pub device: DeviceBody,
}

static LOGIN: Shape = Shape {
    name: "Login",
    about: "A known account on a device.",
    fields: &[
        EMAIL,
        field("password", text(1, 200), Need::Required, "The password."),
        DEVICE_FIELD,
    ],
};
body!(LoginBody, LOGIN);

/// What a refresh takes.
#[derive(Deserialize)]
pub struct RefreshBody {
    /// The refresh token.
    pub refresh_token: String,
}

static REFRESH: Shape = Shape {
    name: "Refresh",
    about: "A refresh token to exchange.",
    fields: &[field(
        "refresh_token",
        text(1, 300),
        Need::Required,
        "The token of the last answer. It works once.",
    )],
};
body!(RefreshBody, REFRESH);

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
pub struct SessionTokens {
    /// The account.
    pub account_id: String,
    /// The session, which is a device.
    pub session_id: String,
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(examples("Bearer"))]
    pub token_type: String,
    /// Seconds until the access token ends.
    #[schema(examples(900))]
    pub expires_in: i64,
    /// Exchange it for new tokens; it works once.
    pub refresh_token: String,
    /// What the access token allows, separated by blanks.
    #[schema(examples("read write sync"))]
    pub scope: String,
}

/// The public keys that verify access tokens (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct JsonWebKeySet {
    /// The keys, newest first.
    pub keys: Vec<crate::auth::keys::Jwk>,
}
