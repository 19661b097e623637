//! Reading single settings.
//!
//! **Must never** repeat the value of a setting that may hold a secret.

use super::{
    ADMIN_LISTEN, Collector, DATABASE_URL, DEFAULT_LOG, FCM_BASE_URL, LOG, MAIL_FROM,
    OTLP_ENDPOINT, POSTGRES_LISTEN_URL, PUBLIC_URL, SETTINGS, SLOW_QUERY_MS, SMTP_URL,
};
use crate::mail::{MailSettings, settings};
use crate::notifications::fcm;
use ipnet::IpNet;
use lettre::message::Mailbox;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Reads settings one by one and remembers every fault.
pub(super) struct Reader<'v> {
    pub(super) variables: &'v BTreeMap<String, String>,
    pub(super) faults: Vec<String>,
}

impl<'v> Reader<'v> {
    pub(super) fn text(&self, name: &str) -> Option<&'v str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn fault(&mut self, name: &str, value: &str, expected: &str) {
        self.faults.push(format!("{name}={value} is not {expected}"));
    }

    pub(super) fn refuse_unknown(&mut self) {
        for name in self.variables.keys().filter(|name| name.starts_with("AFTERVIEW_")) {
            if !SETTINGS.iter().any(|setting| setting.name == name) {
                self.faults.push(format!(
                    "{name} is not a setting of this version (see afterview --help)"
                ));
            }
        }
    }

    pub(super) fn parsed<T: std::str::FromStr>(
        &mut self,
        name: &str,
        default: T,
        expected: &str,
    ) -> T {
        let Some(text) = self.text(name) else { return default };
        text.parse().unwrap_or_else(|_not| {
            self.fault(name, text, expected);
            default
        })
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let chosen = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if chosen.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(name, text, &words.join(" or "));
        }
        chosen
    }

    pub(super) fn public_url(&mut self) -> Option<String> {
        let text = self.text(PUBLIC_URL)?;
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
            self.fault(PUBLIC_URL, text, "an http or https address");
        }
        Some(text.trim_end_matches('/').to_owned())
    }

    pub(super) fn database_url(&mut self) -> SecretString {
        let text = self.text(DATABASE_URL).unwrap_or("sqlite://./data/afterview.db");
        let path = text.strip_prefix("sqlite://");
        if path.is_none_or(str::is_empty) && !is_postgres(text) {
            // The value is not repeated: a database URL may hold a password.
            self.faults.push(format!(
                "{DATABASE_URL} must be sqlite:// and the path of a file, or a postgres:// URL"
            ));
        }
        text.into()
    }

    pub(super) fn listen_url(&mut self) -> Option<SecretString> {
        let text = self.text(POSTGRES_LISTEN_URL)?;
        if !is_postgres(text) {
            self.faults.push(format!("{POSTGRES_LISTEN_URL} must be a postgres:// URL"));
        }
        Some(text.into())
    }

    pub(super) fn mail(&mut self) -> Option<MailSettings> {
        let (url, from) = (self.text(SMTP_URL), self.text(MAIL_FROM));
        if let Some(why) = url.and_then(|url| settings::check(url).err()) {
            // The value is not repeated: it may hold a password.
            self.faults.push(format!("{SMTP_URL} {why}"));
        }
        let sender: Option<Mailbox> = from.and_then(|from| from.parse().ok());
        match (url, from) {
            (Some(_), None) => self.faults.push(format!("{SMTP_URL} needs {MAIL_FROM}")),
            (None, Some(_)) => self.faults.push(format!("{MAIL_FROM} needs {SMTP_URL}")),
            (_, Some(from)) if sender.is_none() => {
                self.fault(MAIL_FROM, from, "an address such as Afterview <no-reply@example.org>");
            }
            _ => {}
        }
        Some(MailSettings { url: url?.into(), from: sender? })
    }

    pub(super) fn admin_listen(&mut self) -> Option<SocketAddr> {
        let text = self.text(ADMIN_LISTEN).filter(|text| *text != "off")?;
        let address = text.parse().ok();
        if address.is_none() {
            self.fault(ADMIN_LISTEN, text, "off or an address and port such as 127.0.0.1:9464");
        }
        address
    }

    pub(super) fn slow_query(&mut self) -> Option<Duration> {
        let millis: u32 = self.parsed(SLOW_QUERY_MS, 250, "a whole number of milliseconds");
        (millis > 0).then(|| Duration::from_millis(u64::from(millis)))
    }

    pub(super) fn count(&mut self, name: &str, default: usize) -> usize {
        let count = self.parsed(name, default, "a whole number from 1 to 64");
        if !(1..=64).contains(&count) {
            self.fault(name, &count.to_string(), "a whole number from 1 to 64");
        }
        count
    }

    pub(super) fn fcm_base_url(&mut self) -> String {
        let text = self.text(FCM_BASE_URL).unwrap_or(fcm::DEFAULT_URL);
        if let Err(why) = fcm::endpoint::endpoint(text) {
            // The value is not repeated: it may hold a password.
            self.faults.push(format!("{FCM_BASE_URL} {why}"));
        }
        text.to_owned()
    }

    /// The parts of a list that is separated by commas.
    fn list(&self, name: &str) -> Vec<&'v str> {
        let parts = self.text(name).into_iter().flat_map(|text| text.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    pub(super) fn networks(&mut self, name: &str) -> Vec<IpNet> {
        let mut networks = Vec::new();
        for part in self.list(name) {
            let network =
                part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            match network {
                Ok(network) => networks.push(network),
                Err(_neither) => {
                    self.fault(name, part, "an address or a network such as 10.0.0.0/8");
                }
            }
        }
        networks
    }

    pub(super) fn origins(&mut self, name: &str) -> Vec<String> {
        let mut origins = Vec::new();
        for part in self.list(name) {
            let host = part.strip_prefix("https://").or_else(|| part.strip_prefix("http://"));
            if host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*'])) {
                origins.push(part.to_owned());
            } else {
                self.fault(name, part, "an origin such as https://app.example.org");
            }
        }
        origins
    }

    /// The collector of spans, by the variables that every SDK of OpenTelemetry reads.
    pub(super) fn otlp(&mut self) -> Option<Collector> {
        let base = self.text(OTLP_ENDPOINT);
        let own = self.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").map(str::to_owned);
        let endpoint =
            own.or_else(|| base.map(|base| format!("{}/v1/traces", base.trim_end_matches('/'))))?;
        let is_off =
            self.text("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true"))
                || self.text("OTEL_TRACES_EXPORTER") == Some("none");
        if is_off {
            return None;
        }
        if !cfg!(feature = "otlp") {
            self.faults
                .push(format!("{OTLP_ENDPOINT} needs a program built with the feature otlp"));
        }
        // The value is not repeated: it may hold a password.
        if !["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme)) {
            self.faults.push(format!("{OTLP_ENDPOINT} is not an http or https address"));
        }
        let attributes = self.text("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
        let is_named =
            self.text("OTEL_SERVICE_NAME").is_some() || attributes.contains("service.name=");
        Some(Collector { endpoint: endpoint.into(), is_named })
    }

    pub(super) fn log_filter(&mut self) -> String {
        let text = self.text(LOG).unwrap_or(DEFAULT_LOG);
        if text.parse::<tracing_subscriber::EnvFilter>().is_err() {
            self.fault(LOG, text, "a log filter such as info or afterview_api=debug");
        }
        text.to_owned()
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}
