use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_variables(&owned.collect())
}

#[test]
fn an_empty_environment_is_enough() {
    let config = read(&[]).expect("defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database_url, "sqlite://./data/afterview.db");
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
            "AFTERVIEW_LOG_FORMAT=xml is not text or json",
        ]
    );
}
