//! How mail leaves: which of the addresses that the library for SMTP understands are used.
//!
//! **Must never** let a password or a mail out unencrypted, except to this machine itself, or repeat an
//! address that may hold a password.

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use reqwest::Url;
use secrecy::SecretString;
use std::net::IpAddr;

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The server, the name and the password there, as a URL that [`check`] lets pass.
    pub url: SecretString,
    /// Whom mail comes from.
    pub from: Mailbox,
}

const FORM: &str = "must be smtps://user:password@host, or smtp://user:password@host?tls=required";
const UNREADABLE: &str = "has a user or a password that is not percent-encoded UTF-8";
const NO_PASSWORD: &str = "has a user without a password";
const IN_BRACKETS: &str = "must name its host: an IPv6 address cannot be used";
const IN_THE_OPEN: &str = "would send passwords and mail unencrypted: begin it with smtps://, or end it with \
                           ?tls=required; only a server on this machine itself does without";

/// Whether mail can be sent by this URL.
///
/// # Errors
/// What is wrong with it: the end of a sentence that begins with its name.
pub fn check(url: &str) -> Result<(), &'static str> {
    let url = Url::parse(url).map_err(|_unreadable| FORM)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
    if host.starts_with('[') {
        return Err(IN_BRACKETS);
    }
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value);
    match (url.scheme(), tls.as_deref()) {
        ("smtps", None) | ("smtp", Some("required")) => {}
        ("smtp", None | Some("opportunistic")) if is_this_machine(host) => {}
        ("smtp", None | Some("opportunistic")) => return Err(IN_THE_OPEN),
        _ => return Err(FORM),
    }
    let password = url.password().unwrap_or_default();
    if !url.username().is_empty() && password.is_empty() {
        return Err(NO_PASSWORD);
    }
    let reads = |text: &str| percent_decode_str(text).decode_utf8().is_ok();
    if reads(url.username()) && reads(password) { Ok(()) } else { Err(UNREADABLE) }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_ways_and_this_machine_are_good() {
        for url in [
            "smtps://mail.example.org",
            "smtps://anna:p%40ss@mail.example.org:465/greeting.example.org",
            "smtp://anna:secret@mail.example.org:587?tls=required",
            "smtp://localhost:2525",
            "smtp://anna:secret@127.0.0.1?tls=opportunistic",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_would_be_sent_in_the_open_is_refused() {
        for url in [
            "smtp://mail.example.org",
            "smtp://anna:secret@mail.example.org:25",
            "smtp://mail.example.org?tls=opportunistic",
            "smtp://localhost.example.org",
            "smtp://127.0.0.1.example.org",
            "smtp://localhost@mail.example.org",
            "smtp://10.0.0.1",
        ] {
            assert!(check(url).is_err_and(|why| why == IN_THE_OPEN || why == NO_PASSWORD), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_for_a_reason() {
        for (url, why) in [
            ("", FORM),
            ("mail.example.org:465", FORM),
            ("https://mail.example.org", FORM),
            ("smtps://", FORM),
            ("smtp://mail.example.org?tls=maybe", FORM),
            ("smtp://localhost?tls=", FORM),
            ("smtp://mail.example.org?tls=opportunistic&tls=required", IN_THE_OPEN),
            ("smtps://anna@mail.example.org", NO_PASSWORD),
            ("smtps://anna:%ff@mail.example.org", UNREADABLE),
            ("smtps://[::1]", IN_BRACKETS),
        ] {
            assert_eq!(check(url), Err(why), "{url}");
        }
    }
}
