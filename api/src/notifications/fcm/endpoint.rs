//! Which addresses may be given a message or a key: HTTPS, or this machine itself.
//!
//! Both addresses are configurable, for proxies and for tests; neither setting may send a reminder or
//! a credential over a network in the clear.

use reqwest::Url;

/// Reads the address of a service.
///
/// # Errors
/// What such an address must be, as the end of a sentence about it. The address itself is not
/// repeated: it may hold a password.
pub fn endpoint(text: &str) -> Result<Url, &'static str> {
    const EXPECTED: &str = "must be an https address, or an http address of this machine itself";
    let url = Url::parse(text).map_err(|_unreadable| EXPECTED)?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !allowed || url.host_str().is_none_or(str::is_empty) {
        return Err(EXPECTED);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a part behind ? or #");
    }
    Ok(url)
}

/// Whether the address is one of this machine, whatever a name server says.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_allowed_anywhere_and_http_only_on_this_machine() {
        for good in [
            "https://fcm.googleapis.com",
            "https://proxy.example.org:8443/fcm/",
            "http://127.0.0.1:9000",
            "http://127.9.9.9",
            "http://[::1]:9000",
            "http://localhost:9000",
        ] {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com",
            "http://10.0.0.1",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "fcm.googleapis.com",
            "",
        ] {
            let why = "must be an https address, or an http address of this machine itself";
            assert_eq!(endpoint(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn an_address_holds_neither_a_password_nor_a_query() {
        let why = "must not hold a user name or a password";
        assert_eq!(endpoint("https://user:secret@example.org"), Err(why));
        assert_eq!(
            endpoint("https://example.org/?key=secret"),
            Err("must not have a part behind ? or #")
        );
    }
}
