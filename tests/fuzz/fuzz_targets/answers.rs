//! Any answer of a provider, and any address that a client chose: the verdict repeats no free text, no
//! wait is longer than it may be, and no address leads into a private network.

#![no_main]

use afterview_api::auth::oidc::max_age;
use afterview_api::notifications::Verdict;
use afterview_api::notifications::retry::{ASKED_CAP, CAP};
use afterview_api::notifications::web_push::Subscription;
use afterview_api::notifications::{fcm, web_push};
use afterview_api::outbound::{Outbound, Reach, is_public};
use afterview_api::webhooks::target;
use afterview_domain::clock::from_millis;
use libfuzzer_sys::fuzz_target;
use reqwest::Url;
use reqwest::header::{CACHE_CONTROL, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;

const NOW_MILLIS: i64 = 1_778_090_000_000;

/// A point of P-256 and a secret, as a browser gives them.
const POINT: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

static OUTBOUND: LazyLock<Outbound> =
    LazyLock::new(|| Outbound::new(Reach::Public, Duration::from_secs(1)).expect("TLS"));

fuzz_target!(|data: &[u8]| {
    // A status, a line for the headers, and a body.
    let Some((status, rest)) = data.split_first_chunk::<2>() else { return };
    let mut lines = rest.splitn(2, |byte| *byte == b'\n');
    let (header, body) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    answer(u16::from_be_bytes(*status), header, body);
    let text = String::from_utf8_lossy(rest);
    address(&text);
    subscription(&text);
});

fn answer(status: u16, header: &[u8], body: &[u8]) {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(header) {
        headers.extend([RETRY_AFTER, LOCATION, CACHE_CONTROL].map(|name| (name, value.clone())));
    }
    // Most statuses are of a few kinds.
    let known = [200, 201, 400, 401, 403, 404, 406, 410, 413, 429, 500, 503];
    let status = known.get(usize::from(status >> 8)).copied().unwrap_or(status);
    let now = from_millis(NOW_MILLIS);
    check(&fcm::error::verdict(status, &headers, body, now));
    check(&web_push::error::verdict(status, &headers, body, now));
    let _ = fcm::is_granted(status, body, now);
    let _ = max_age(&headers);
}

fn check(verdict: &Verdict) {
    match verdict {
        Verdict::Retry(retry) => {
            assert!(retry.asked.is_none_or(|asked| asked <= ASKED_CAP), "{retry:?}");
            for attempt in [0, 1, 40, u32::MAX] {
                assert!(retry.wait(attempt, 1.0) <= CAP.max(ASKED_CAP), "{retry:?}");
            }
        }
        Verdict::Invalid { detail, .. }
        | Verdict::WrongProject { detail }
        | Verdict::Unauthenticated { detail }
        | Verdict::Forbidden { detail }
        | Verdict::CredentialsRefused { detail } => {
            let plain = |c: char| c.is_ascii_alphanumeric() || " ._[]".contains(c);
            assert!(detail.chars().all(plain) && detail.len() < 1_000, "{detail}");
        }
        Verdict::Delivered { .. }
        | Verdict::Unregistered
        | Verdict::SenderMismatch
        | Verdict::ProviderAuth => {}
    }
}

fn address(text: &str) {
    let Ok(url) = target::parse(text, &OUTBOUND) else { return };
    assert_eq!(url.scheme(), "https");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    assert_eq!(target::parse(url.as_str(), &OUTBOUND).ok().as_ref(), Some(&url));
    let host = target::host_of(url.as_str()).expect("a host");
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    assert!(bare.parse::<IpAddr>().map_or(true, is_public), "{url}");
}

fn subscription(text: &str) {
    let mut parts = text.splitn(3, ' ');
    let (endpoint, point, auth) = (parts.next(), parts.next(), parts.next());
    let given = |part: Option<&str>, else_this: &str| {
        part.filter(|part| !part.is_empty()).unwrap_or(else_this).to_owned()
    };
    let endpoint = given(endpoint, "https://push.example.org/x");
    match Subscription::parse(&endpoint, &given(point, POINT), &given(auth, AUTH)) {
        Ok(read) => {
            assert!(Url::parse(&endpoint).is_ok());
            assert_eq!(format!("{read:?}"), "Subscription [hidden]");
        }
        Err(problems) => assert!((1..=3).contains(&problems.len())),
    }
}
