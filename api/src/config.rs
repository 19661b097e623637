//! Every setting, in one place: its variable, its default, what it means and what is allowed.
//!
//! Read once at start-up from a map of variables, so that tests never touch the process
//! environment. All faults are reported together.
//!
//! **Must never** show a password, be it in a fault or when it is printed itself. Keys are not in here at
//! all, only their paths.

mod reader;

use crate::mail::MailSettings;
use crate::notifications::fcm;
use crate::outbound::Reach;
use crate::store::{StoreOptions, Synchronous, Watch};
use ipnet::IpNet;
use reader::Reader;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// One setting as the help shows it.
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The default as it would be written.
    pub default: &'static str,
    /// What it means, in one line.
    pub about: &'static str,
}

const ADMIN_LISTEN: &str = "AFTERVIEW_ADMIN_LISTEN";
const LISTEN: &str = "AFTERVIEW_LISTEN";
const PUBLIC_URL: &str = "AFTERVIEW_PUBLIC_URL";
const DATABASE_URL: &str = "AFTERVIEW_DATABASE_URL";
const SQLITE_SYNCHRONOUS: &str = "AFTERVIEW_SQLITE_SYNCHRONOUS";
const DATABASE_READERS: &str = "AFTERVIEW_DATABASE_READERS";
const POSTGRES_WRITERS: &str = "AFTERVIEW_POSTGRES_WRITERS";
const POSTGRES_POOLER: &str = "AFTERVIEW_POSTGRES_POOLER";
const POSTGRES_LISTEN_URL: &str = "AFTERVIEW_POSTGRES_LISTEN_URL";
const SECRETS_DIR: &str = "AFTERVIEW_SECRETS_DIR";
const FCM_CREDENTIALS: &str = "AFTERVIEW_FCM_CREDENTIALS";
const FCM_BASE_URL: &str = "AFTERVIEW_FCM_BASE_URL";
const PUSH_ALLOW_PRIVATE: &str = "AFTERVIEW_PUSH_ALLOW_PRIVATE";
const WEBHOOK_ALLOW_PRIVATE: &str = "AFTERVIEW_WEBHOOK_ALLOW_PRIVATE";
const TRUSTED_PROXIES: &str = "AFTERVIEW_TRUSTED_PROXIES";
const CORS_ORIGINS: &str = "AFTERVIEW_CORS_ORIGINS";
const RATE_LIMITS: &str = "AFTERVIEW_RATE_LIMITS";
const OIDC: &str = "AFTERVIEW_OIDC";
const SMTP_URL: &str = "AFTERVIEW_SMTP_URL";
const MAIL_FROM: &str = "AFTERVIEW_MAIL_FROM";
const SLOW_QUERY_MS: &str = "AFTERVIEW_SLOW_QUERY_MS";
const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const LOG: &str = "AFTERVIEW_LOG";
const LOG_FORMAT: &str = "AFTERVIEW_LOG_FORMAT";

/// The web server's own notes at start-up, and on clients that send no HTTP, help nobody.
const DEFAULT_LOG: &str = "info,actix_server=warn,actix_http=off";

/// Every setting of this version.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: LISTEN,
        default: "127.0.0.1:8080",
        about: "address and port to listen on; port 0 picks a free one and prints it",
    },
    Setting {
        name: ADMIN_LISTEN,
        default: "off",
        about: "another address and port, for /metrics, /livez and /readyz; nobody is asked who he is there, so keep it in your own network",
    },
    Setting {
        name: PUBLIC_URL,
        default: "http:// and the address",
        about: "how clients reach this server: issuer of tokens, links",
    },
    Setting {
        name: DATABASE_URL,
        default: "sqlite://./data/afterview.db",
        about: "the database: sqlite:// and a file, which is made when absent, or postgres:// and what libpq reads",
    },
    Setting {
        name: SQLITE_SYNCHRONOUS,
        default: "full",
        about: "full: a commit survives a power cut; normal: the last ones may be lost, the file stays sound",
    },
    Setting {
        name: DATABASE_READERS,
        default: "2",
        about: "connections that read side by side, 1 to 64",
    },
    Setting {
        name: POSTGRES_WRITERS,
        default: "2",
        about: "connections to PostgreSQL that write side by side, 1 to 64; SQLite has one",
    },
    Setting {
        name: POSTGRES_POOLER,
        default: "none",
        about: "transaction: a pooler gives each transaction another session, so nothing is prepared ahead",
    },
    Setting {
        name: POSTGRES_LISTEN_URL,
        default: "the database",
        about: "a direct way to the same PostgreSQL, past a pooler: nodes hear of each other there",
    },
    Setting {
        name: SECRETS_DIR,
        default: "./data/secrets",
        about: "where the signing keys and the key of Web Push live; made at first start, readable by the owner only",
    },
    Setting {
        name: FCM_CREDENTIALS,
        default: "none",
        about: "file of the Firebase service account that sends reminders; without one they go to the log",
    },
    Setting {
        name: FCM_BASE_URL,
        default: fcm::DEFAULT_URL,
        about: "where Firebase Cloud Messaging is reached: https, or http on this machine",
    },
    Setting {
        name: PUSH_ALLOW_PRIVATE,
        default: "off",
        about: "on: Web Push also reaches private addresses, such as a UnifiedPush server in one's own network",
    },
    Setting {
        name: WEBHOOK_ALLOW_PRIVATE,
        default: "off",
        about: "on: webhooks also reach this machine and private addresses, and plain http: for development",
    },
    Setting {
        name: TRUSTED_PROXIES,
        default: "none",
        about: "addresses or networks, separated by commas, whose X-Forwarded-For is believed",
    },
    Setting {
        name: CORS_ORIGINS,
        default: "none",
        about: "web pages of other origins that may call the API, such as https://app.example.org, separated by commas",
    },
    Setting {
        name: RATE_LIMITS,
        default: "on",
        about: "off: no client is told to come back later, such as behind a gateway that does it",
    },
    Setting {
        name: OIDC,
        default: "none",
        about: "TOML file of the providers of identities (OpenID Connect) that people sign in with, such as Google",
    },
    Setting {
        name: SMTP_URL,
        default: "none",
        about: "the server that takes our mail: smtps://user:password@host, or smtp:// and ?tls=required at the end",
    },
    Setting {
        name: MAIL_FROM,
        default: "none",
        about: "whom mail comes from, such as Afterview <no-reply@example.org>; needed with the one above",
    },
    Setting {
        name: SLOW_QUERY_MS,
        default: "250",
        about: "statements and units of work that take longer are logged, in milliseconds; 0: none are",
    },
    Setting {
        name: LOG,
        default: DEFAULT_LOG,
        about: "what is logged on standard error: error, warn, info, debug, trace, or filters per module",
    },
    Setting { name: LOG_FORMAT, default: "text", about: "text or json" },
    Setting {
        name: OTLP_ENDPOINT,
        default: "none",
        about: "collector that takes spans by OTLP over http, in a program built with the feature otlp; other OTEL_ variables mean what they always do",
    },
];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Who takes spans.
#[derive(Debug, Clone)]
pub struct Collector {
    /// The whole address; it may hold a password.
    pub endpoint: SecretString,
    /// Whether the environment says what this service is called.
    pub is_named: bool,
}

/// The settings, typed and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Where figures and health are told besides; `None`: nowhere.
    pub admin_listen: Option<SocketAddr>,
    /// How clients reach this server, without a slash at the end; `None` until the port is known.
    pub public_url: Option<String>,
    /// The database.
    pub database_url: SecretString,
    /// Durability of a commit on SQLite.
    pub sqlite_synchronous: Synchronous,
    /// How many connections read side by side.
    pub database_readers: usize,
    /// How many connections to PostgreSQL write side by side.
    pub postgres_writers: usize,
    /// Whether a pooler gives every transaction another session.
    pub postgres_pooled: bool,
    /// Where nodes hear of each other, if not at the database's own address.
    pub postgres_listen_url: Option<SecretString>,
    /// Folder of the signing keys and the key of Web Push.
    pub secrets_dir: PathBuf,
    /// The service account file for Firebase Cloud Messaging; `None`: reminders go to the log.
    pub fcm_credentials: Option<PathBuf>,
    /// Where Firebase Cloud Messaging is reached.
    pub fcm_base_url: String,
    /// How far Web Push reaches.
    pub push_reach: Reach,
    /// How far webhooks reach.
    pub webhook_reach: Reach,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// Whether clients that ask too often are told so.
    pub rate_limits: bool,
    /// The file of the providers of identities; `None`: people sign in with passwords only.
    pub oidc: Option<PathBuf>,
    /// How mail leaves; `None`: it does not.
    pub mail: Option<MailSettings>,
    /// From when on a statement or a unit of work is slow; `None`: none is.
    pub slow_query: Option<Duration>,
    /// Who takes spans; `None`: nobody.
    pub otlp: Option<Collector>,
    /// Filter of log lines.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
}

/// Everything that is wrong with the settings.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the settings from `variables`, of which only names with our prefix are looked at.
    ///
    /// # Errors
    /// One sentence for each variable that is wrong or unknown.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { variables, faults: Vec::new() };
        reader.refuse_unknown();
        let config = Self {
            listen: reader.parsed(
                LISTEN,
                SocketAddr::from(([127, 0, 0, 1], 8080)),
                "an address and port such as 127.0.0.1:8080",
            ),
            admin_listen: reader.admin_listen(),
            public_url: reader.public_url(),
            database_url: reader.database_url(),
            sqlite_synchronous: reader
                .choice(
                    SQLITE_SYNCHRONOUS,
                    &[("full", Synchronous::Full), ("normal", Synchronous::Normal)],
                )
                .unwrap_or_default(),
            database_readers: reader.count(DATABASE_READERS, 2),
            postgres_writers: reader.count(POSTGRES_WRITERS, 2),
            postgres_pooled: reader
                .choice(POSTGRES_POOLER, &[("none", false), ("transaction", true)])
                .unwrap_or_default(),
            postgres_listen_url: reader.listen_url(),
            secrets_dir: reader.text(SECRETS_DIR).unwrap_or("./data/secrets").into(),
            fcm_credentials: reader.text(FCM_CREDENTIALS).map(PathBuf::from),
            fcm_base_url: reader.fcm_base_url(),
            push_reach: reader
                .choice(PUSH_ALLOW_PRIVATE, &[("off", Reach::Public), ("on", Reach::Anywhere)])
                .unwrap_or_default(),
            webhook_reach: reader
                .choice(WEBHOOK_ALLOW_PRIVATE, &[("off", Reach::Public), ("on", Reach::Anywhere)])
                .unwrap_or_default(),
            trusted_proxies: reader.networks(TRUSTED_PROXIES),
            cors_origins: reader.origins(CORS_ORIGINS),
            rate_limits: reader
                .choice(RATE_LIMITS, &[("on", true), ("off", false)])
                .unwrap_or(true),
            oidc: reader.text(OIDC).map(PathBuf::from),
            mail: reader.mail(),
            slow_query: reader.slow_query(),
            otlp: reader.otlp(),
            log: reader.log_filter(),
            log_format: reader
                .choice(LOG_FORMAT, &[("text", LogFormat::Text), ("json", LogFormat::Json)])
                .unwrap_or(LogFormat::Text),
        };
        if config.postgres_pooled && config.postgres_listen_url.is_none() {
            reader
                .faults
                .push(format!("{POSTGRES_POOLER}=transaction needs {POSTGRES_LISTEN_URL}"));
        }
        if reader.faults.is_empty() { Ok(config) } else { Err(ConfigError(reader.faults)) }
    }

    /// How to open the store.
    #[must_use]
    pub fn store(&self) -> StoreOptions {
        StoreOptions {
            url: self.database_url.clone(),
            synchronous: self.sqlite_synchronous,
            readers: self.database_readers,
            writers: self.postgres_writers,
            pooled: self.postgres_pooled,
            listen_url: self.postgres_listen_url.clone(),
            watch: Arc::new(Watch::new(self.slow_query)),
        }
    }
}

/// The variables of the process, on top of those of a `.env` file in the working folder.
///
/// # Errors
/// One sentence when the file is there but cannot be read as `NAME=value` lines.
#[expect(clippy::disallowed_methods, reason = "the only place that reads the environment")]
pub fn variables() -> Result<BTreeMap<String, String>, ConfigError> {
    let mut variables = BTreeMap::new();
    match dotenvy::from_path_iter(".env") {
        Ok(entries) => {
            for (number, entry) in (1..).zip(entries) {
                let (name, value) = entry.map_err(|error| dotenv_fault(number, &error))?;
                variables.insert(name, value);
            }
        }
        Err(error) if error.not_found() => {}
        Err(_unreadable) => return Err(ConfigError(vec![".env cannot be read".to_owned()])),
    }
    variables.extend(
        std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }),
    );
    Ok(variables)
}

/// The text of the entry is not repeated: it may hold a secret.
fn dotenv_fault(number: usize, error: &dotenvy::Error) -> ConfigError {
    let why = match error {
        dotenvy::Error::Io(_) => "cannot be read",
        _ => "is not NAME=value",
    };
    ConfigError(vec![format!(".env: entry {number} {why}")])
}

#[cfg(test)]
mod tests;
