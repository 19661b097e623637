use super::*;
use reqwest::header::{HeaderValue, RETRY_AFTER};
use serde_json::json;
use std::time::Duration;

fn now() -> Instant {
    "2026-05-12T14:00:00Z".parse().expect("a date")
}

fn of(status: u16, body: &str) -> Verdict {
    verdict(status, &HeaderMap::new(), body.as_bytes(), now())
}

fn with(status: u16, header: reqwest::header::HeaderName, value: &'static str) -> Verdict {
    let headers = HeaderMap::from_iter([(header, HeaderValue::from_static(value))]);
    verdict(status, &headers, b"", now())
}

fn apple(status: u16, reason: &str) -> Verdict {
    of(status, &json!({ "reason": reason }).to_string())
}

fn mozilla(status: u16, errno: u32) -> Verdict {
    let body = json!({ "code": status, "errno": errno, "error": "Words", "message": "words" });
    of(status, &body.to_string())
}

fn refused(detail: &str) -> Verdict {
    Verdict::Invalid { names_registration: false, detail: detail.to_owned() }
}

fn again(cause: Cause, asked: Option<u64>) -> Verdict {
    let asked = asked.map(Duration::from_secs);
    Verdict::Retry(Retry { asked, scope: Scope::Device, cause })
}

#[test]
fn a_message_that_was_taken_over_is_called_by_its_address_if_it_has_one() {
    let address = "https://push.example.org/m/1";
    for status in [200, 201, 202, 204] {
        let name = address.to_owned();
        assert_eq!(with(status, LOCATION, address), Verdict::Delivered { name });
        assert_eq!(of(status, ""), Verdict::Delivered { name: String::new() });
    }
    let long = HeaderValue::from_str(&format!("https://{}", "x".repeat(1000))).expect("a header");
    let headers = HeaderMap::from_iter([(LOCATION, long)]);
    assert_eq!(verdict(201, &headers, b"", now()), Verdict::Delivered { name: String::new() });
}

#[test]
fn a_subscription_that_is_not_known_any_more_is_gone() {
    for status in [404, 410] {
        assert_eq!(of(status, ""), Verdict::Unregistered);
        assert_eq!(mozilla(status, 106), Verdict::Unregistered);
        assert_eq!(apple(status, "Unregistered"), Verdict::Unregistered);
    }
}

#[test]
fn a_key_that_does_not_belong_to_the_subscription_is_a_mismatch() {
    let words = "the VAPID credentials do not correspond to those of the subscription";
    assert_eq!(of(403, words), Verdict::SenderMismatch);
    assert_eq!(of(401, ""), Verdict::SenderMismatch);
    assert_eq!(mozilla(401, 109), Verdict::SenderMismatch);
    assert_eq!(apple(400, "VapidPkHashMismatch"), Verdict::SenderMismatch);
    assert_eq!(apple(403, "VapidPkHashMismatch"), Verdict::SenderMismatch);
}

#[test]
fn a_token_that_is_none_is_the_operators_matter_and_costs_no_subscription() {
    let detail = "403 BadJwtToken".to_owned();
    assert_eq!(apple(403, "BadJwtToken"), Verdict::Forbidden { detail });
}

#[test]
fn what_was_wrong_with_a_message_is_ours_and_said_in_identifiers() {
    assert_eq!(of(400, "Missing TTL header"), refused("400"));
    assert_eq!(mozilla(400, 110), refused("400 errno 110"));
    assert_eq!(apple(400, "BadWebPushTopic"), refused("400 BadWebPushTopic"));
    assert_eq!(of(413, ""), refused("413"));
    assert_eq!(mozilla(413, 104), refused("413 errno 104"));
    assert_eq!(apple(400, "words about <b>you</b>"), refused("400"));
}

#[test]
fn a_redirection_is_not_followed_and_nothing_else_is_understood() {
    for status in [100, 203, 301, 307, 308, 402, 405, 418, 600] {
        assert_eq!(of(status, ""), refused(&status.to_string()));
    }
}

#[test]
fn too_many_messages_make_this_subscription_wait() {
    for status in [406, 429] {
        assert_eq!(of(status, ""), again(Cause::Quota, None));
        assert_eq!(with(status, RETRY_AFTER, "90"), again(Cause::Quota, Some(90)));
    }
    let date = "Tue, 12 May 2026 14:02:00 GMT";
    assert_eq!(with(429, RETRY_AFTER, date), again(Cause::Quota, Some(120)));
    assert_eq!(with(429, RETRY_AFTER, "soon"), again(Cause::Quota, None));
}

#[test]
fn a_push_service_that_fails_is_asked_again_later() {
    for status in [408, 500, 502, 503, 504, 507] {
        assert_eq!(of(status, "<html>"), again(Cause::Failed, None));
        assert_eq!(with(status, RETRY_AFTER, "30"), again(Cause::Failed, Some(30)));
    }
}

#[test]
fn no_wait_is_ever_everybodys() {
    for status in 100..=999 {
        if let Verdict::Retry(retry) = of(status, "") {
            assert_eq!(retry.scope, Scope::Device, "{status}");
        }
    }
}
