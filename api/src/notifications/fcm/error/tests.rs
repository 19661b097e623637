use super::*;
use reqwest::header::HeaderValue;
use serde_json::json;
use std::time::Duration;

fn now() -> Instant {
    "2026-05-12T14:00:00Z".parse().expect("a date")
}

fn of(status: u16, body: &str) -> Verdict {
    verdict(status, &HeaderMap::new(), body.as_bytes(), now())
}

/// An answer with an `FcmError` behind another detail.
fn fcm(status: u16, code: &str) -> Verdict {
    let details = json!([
        { "@type": "type.googleapis.com/google.rpc.Help", "links": [] },
        { "@type": FCM_ERROR, "errorCode": code },
    ]);
    of(status, &json!({ "error": { "status": "X", "details": details } }).to_string())
}

fn project(cause: Cause) -> Verdict {
    Verdict::Retry(Retry::of(cause))
}

fn detail(text: &str) -> String {
    text.to_owned()
}

#[test]
fn a_message_that_was_taken_over_has_a_name() {
    let name = "projects/p/messages/0:1500415314455276%31bd1c96".to_owned();
    assert_eq!(of(200, &json!({ "name": name }).to_string()), Verdict::Delivered { name });
}

#[test]
fn a_success_without_a_name_is_somebody_elses() {
    for body in ["", "{}", "<html>Welcome to this hotel</html>", r#"{"name": "hotel"}"#] {
        assert_eq!(of(200, body), project(Cause::Failed), "{body}");
    }
}

#[test]
fn only_a_404_that_says_unregistered_is_about_the_registration() {
    assert_eq!(fcm(404, "UNREGISTERED"), Verdict::Unregistered);
    let body = r#"{"error": {"code": 404, "status": "NOT_FOUND", "message": "words"}}"#;
    assert_eq!(of(404, body), Verdict::WrongProject { detail: detail("404 NOT_FOUND") });
    assert_eq!(of(404, "<html>"), Verdict::WrongProject { detail: detail("404") });
    assert!(!matches!(fcm(400, "UNREGISTERED"), Verdict::Unregistered));
    assert!(!matches!(fcm(503, "UNREGISTERED"), Verdict::Unregistered));
}

#[test]
fn an_error_code_counts_only_in_an_fcm_error() {
    let details = json!([{ "@type": "type.example/Other", "errorCode": "UNREGISTERED" }]);
    let body = json!({ "error": { "details": details } }).to_string();
    assert_eq!(of(404, &body), Verdict::WrongProject { detail: detail("404") });
}

#[test]
fn an_invalid_argument_blames_the_registration_only_by_its_field() {
    let blaming = |field: &str| {
        let details = json!([
            { "@type": FCM_ERROR, "errorCode": "INVALID_ARGUMENT" },
            { "@type": "type.googleapis.com/google.rpc.BadRequest",
              "fieldViolations": [{ "field": field, "description": "words" }] },
        ]);
        of(400, &json!({ "error": { "details": details } }).to_string())
    };
    for (field, names_registration) in
        [("message.token", true), ("message.fid", true), ("message.android.ttl", false)]
    {
        let detail = format!("400 INVALID_ARGUMENT {field}");
        assert_eq!(blaming(field), Verdict::Invalid { names_registration, detail });
    }
    let alone =
        Verdict::Invalid { names_registration: false, detail: detail("400 X INVALID_ARGUMENT") };
    assert_eq!(fcm(400, "INVALID_ARGUMENT"), alone);
}

#[test]
fn a_403_is_the_senders_or_the_operators() {
    assert_eq!(fcm(403, "SENDER_ID_MISMATCH"), Verdict::SenderMismatch);
    let details = json!([{ "reason": "SERVICE_DISABLED", "metadata": {} }]);
    let body = json!({ "error": { "status": "PERMISSION_DENIED", "details": details } });
    let forbidden = Verdict::Forbidden { detail: detail("403 PERMISSION_DENIED SERVICE_DISABLED") };
    assert_eq!(of(403, &body.to_string()), forbidden);
}

#[test]
fn a_401_is_about_apns_or_about_our_token() {
    assert_eq!(fcm(401, "THIRD_PARTY_AUTH_ERROR"), Verdict::ProviderAuth);
    assert_eq!(fcm(401, "APNS_AUTH_ERROR"), Verdict::ProviderAuth);
    let body = r#"{"error": {"status": "UNAUTHENTICATED"}}"#;
    assert_eq!(of(401, body), Verdict::Unauthenticated { detail: detail("401 UNAUTHENTICATED") });
    assert_eq!(of(401, ""), Verdict::Unauthenticated { detail: detail("401") });
}

#[test]
fn a_quota_of_one_device_slows_that_device_only() {
    let of_quota = |subject: &str| {
        let details = json!([
            { "@type": "type.googleapis.com/google.rpc.QuotaFailure",
              "violations": [{ "subject": subject, "description": "words" }] },
            { "@type": FCM_ERROR, "errorCode": "QUOTA_EXCEEDED" },
        ]);
        of(429, &json!({ "error": { "details": details } }).to_string())
    };
    let device = Retry { scope: Scope::Device, ..Retry::of(Cause::Quota) };
    assert_eq!(of_quota("device:abc"), Verdict::Retry(device));
    assert_eq!(of_quota("project:p"), project(Cause::Quota));
    assert_eq!(fcm(429, "QUOTA_EXCEEDED"), project(Cause::Quota));
    assert_eq!(of(429, "<html>"), project(Cause::Quota));
}

#[test]
fn what_fails_for_everybody_is_tried_again() {
    for (status, body) in [
        (500, "{}"),
        (502, "<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>"),
        (503, r#"{"error": {"details": "none"}}"#),
        (504, ""),
        (408, ""),
    ] {
        assert_eq!(of(status, body), project(Cause::Failed), "{status}");
    }
    assert_eq!(fcm(503, "UNAVAILABLE"), project(Cause::Failed));
    assert_eq!(fcm(500, "INTERNAL"), project(Cause::Failed));
}

#[test]
fn a_retry_after_is_taken_over_in_both_forms() {
    for header in ["120", "Tue, 12 May 2026 14:02:00 GMT"] {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(header))]);
        for (status, cause) in [(429, Cause::Quota), (503, Cause::Failed)] {
            let asked = Some(Duration::from_secs(120));
            let expected = Verdict::Retry(Retry { asked, ..Retry::of(cause) });
            assert_eq!(verdict(status, &headers, b"", now()), expected, "{header}");
        }
    }
}

#[test]
fn answers_of_somebody_else_leave_registrations_alone() {
    for status in [100, 204, 302, 405, 418] {
        let detail = status.to_string();
        assert_eq!(of(status, "<html>"), Verdict::WrongProject { detail });
    }
}

#[test]
fn a_misshapen_answer_reads_as_none() {
    for body in [
        "null",
        "[]",
        "7",
        r#"{"error": null}"#,
        r#"{"error": []}"#,
        r#"{"error": {"details": {}}}"#,
        r#"{"error": {"status": 5, "details": [null, 5, {"@type": 5}, {"fieldViolations": 5}]}}"#,
        "\u{0}",
    ] {
        let expected = Verdict::Invalid { names_registration: false, detail: detail("400") };
        assert_eq!(of(400, body), expected, "{body}");
    }
    assert_eq!(
        verdict(400, &HeaderMap::new(), &[0xff; 9], now()),
        Verdict::Invalid { names_registration: false, detail: detail("400") }
    );
}

#[test]
fn words_of_an_answer_are_not_passed_on() {
    let details = json!([
        { "reason": "Thank Anna at Acme" },
        { "fieldViolations": [{ "field": "dQw4:secret-token", "description": "Anna" }] },
    ]);
    let body = json!({ "error": { "status": "Anna is", "message": "Anna", "details": details } });
    let expected = Verdict::Invalid { names_registration: false, detail: detail("400") };
    assert_eq!(of(400, &body.to_string()), expected);
}
