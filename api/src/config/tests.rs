use super::*;
use secrecy::ExposeSecret;

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_variables(&owned.collect())
}

#[test]
fn an_empty_environment_is_enough() {
    let config = read(&[]).expect("defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database_url.expose_secret(), "sqlite://./data/afterview.db");
    assert_eq!(config.sqlite_synchronous, Synchronous::Full);
    assert_eq!(config.fcm_credentials, None);
    assert_eq!(config.fcm_base_url, "https://fcm.googleapis.com");
    assert_eq!(config.push_reach, Reach::Public);
    assert_eq!(config.oidc, None);
}

#[test]
fn the_file_of_the_providers_of_identities_is_a_path_that_is_not_read_yet() {
    let config = read(&[("AFTERVIEW_OIDC", " conf/providers.toml ")]).expect("a path");
    assert_eq!(config.oidc, Some(PathBuf::from("conf/providers.toml")));
    assert!(config.mail.is_none());
}

#[test]
fn all_faults_are_reported_together_and_without_the_database_url() {
    let faults = read(&[
        ("AFTERVIEW_LISTEN", "localhost"),
        ("AFTERVIEW_DATABASE_URL", "mysql://user:secret@host/db"),
        ("AFTERVIEW_LOG_FORMAT", "xml"),
        ("AFTERVIEW_PUBLIC_URL", "example.org"),
        ("AFTERVIEW_FCM_BASE_URL", "http://user:secret@fcm.example.org"),
        ("AFTERVIEW_PUSH_ALLOW_PRIVATE", "yes"),
        ("AFTERVIEW_SMTP_URL", "smtp://user:secret@mail.example.org"),
        ("AFTERVIEW_MAIL_FROM", "nobody"),
        ("AFTERVIEW_DATABSE_URL", "sqlite://x"),
        ("PATH", "/bin"),
    ]);
    let ConfigError(faults) = faults.expect_err("faults");
    assert_eq!(
        faults,
        [
            "AFTERVIEW_DATABSE_URL is not a setting of this version (see afterview --help)",
            "AFTERVIEW_LISTEN=localhost is not an address and port such as 127.0.0.1:8080",
            "AFTERVIEW_PUBLIC_URL=example.org is not an http or https address",
            "AFTERVIEW_DATABASE_URL must be sqlite:// and the path of a file, or a postgres:// URL",
            "AFTERVIEW_FCM_BASE_URL must be an https address, or an http address of this machine itself",
            "AFTERVIEW_PUSH_ALLOW_PRIVATE=yes is not off or on",
            "AFTERVIEW_SMTP_URL would send passwords and mail unencrypted: begin it with smtps://, or end it \
             with ?tls=required; only a server on this machine itself does without",
            "AFTERVIEW_MAIL_FROM=nobody is not an address such as Afterview <no-reply@example.org>",
            "AFTERVIEW_LOG_FORMAT=xml is not text or json",
        ]
    );
}

#[test]
fn mail_needs_a_server_and_a_sender() {
    let from = ("AFTERVIEW_MAIL_FROM", "Afterview <no-reply@example.org>");
    let url = ("AFTERVIEW_SMTP_URL", "smtps://user:secret@mail.example.org");
    let mail = read(&[from, url]).expect("both").mail.expect("mail");
    assert_eq!(mail.from.to_string(), from.1);
    let fault = |pairs: &[_]| read(pairs).expect_err("half of it").to_string();
    assert_eq!(fault(&[from]), "AFTERVIEW_MAIL_FROM needs AFTERVIEW_SMTP_URL");
    assert_eq!(fault(&[url]), "AFTERVIEW_SMTP_URL needs AFTERVIEW_MAIL_FROM");
}

#[test]
fn what_is_printed_shows_no_password() {
    let config = read(&[
        ("AFTERVIEW_DATABASE_URL", "postgres://user:hunter2@host/db"),
        ("AFTERVIEW_POSTGRES_LISTEN_URL", "postgres://user@host/db?password=hunter2"),
        ("AFTERVIEW_SMTP_URL", "smtps://user:hunter2@mail.example.org"),
        ("AFTERVIEW_MAIL_FROM", "no-reply@example.org"),
    ]);
    let config = config.expect("good");
    for printed in [format!("{config:?}"), format!("{:#?}", config.store())] {
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
