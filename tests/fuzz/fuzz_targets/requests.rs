//! Any headers and any query: each is read as one thing or refused by name, and the cursor of a list is
//! good for this list alone.

#![no_main]

use actix_web::dev::Payload;
use actix_web::http::Uri;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use actix_web::{FromRequest, HttpRequest};
use afterview_api::compat::{rxdb, stamp, watermelondb};
use afterview_api::error::{ApiError, Code};
use afterview_api::http::client_address::client_address;
use afterview_api::http::conditional::{is_known, known_tags, precondition, span_holds, span_tag};
use afterview_api::http::idempotency::IdempotencyKey;
use afterview_api::http::query::{MAX_LIMIT, Query};
use afterview_domain::clock::from_millis;
use afterview_domain::sync::Precondition;
use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use std::net::IpAddr;

const NOW_MILLIS: i64 = 1_778_090_000_000;

const HEADERS: &[&str] = &["if-match", "if-none-match", "idempotency-key", "x-forwarded-for"];

/// Parameters of the interface, each of its kind.
const PARAMETERS: &[&str] =
    &["cursor", "limit", "now", "opportunity_id", "status", "collections", "since", "q"];

fuzz_target!(|data: &[u8]| {
    // Whatever the bytes do not suffice for is left out.
    let _ = request(&mut Unstructured::new(data)).map(|request| {
        headers(&request);
        query(&request);
    });
    let text = String::from_utf8_lossy(data);
    assert!(stamp(Some(&text)) >= 0);
    let pulls = watermelondb::Pulls::read(Some(&text));
    assert_eq!(watermelondb::Pulls::read(Some(&pulls.to_text())), pulls);
    let _ = serde_json::from_str::<watermelondb::Migration>(&text);
    const { assert!(rxdb::DEFAULT_BATCH <= rxdb::MAX_BATCH) };
});

fn request(bytes: &mut Unstructured<'_>) -> Result<HttpRequest> {
    let mut request = TestRequest::get();
    while bytes.arbitrary()? {
        let name = HeaderName::from_static(bytes.choose(HEADERS)?);
        if let Ok(value) = HeaderValue::from_bytes(bytes.arbitrary::<&[u8]>()?) {
            request = request.append_header((name, value));
        }
    }
    let mut pairs = Vec::new();
    while bytes.arbitrary()? {
        pairs.push(format!("{}={}", bytes.choose(PARAMETERS)?, bytes.arbitrary::<&str>()?));
    }
    let rest = bytes.peek_bytes(bytes.len()).unwrap_or_default();
    pairs.push(String::from_utf8_lossy(rest).into_owned());
    let uri = format!("/v1/contacts?{}", pairs.join("&"));
    // What is no address never gets here.
    if uri.parse::<Uri>().is_ok() {
        request = request.uri(&uri);
    }
    Ok(request.to_http_request())
}

fn headers(request: &HttpRequest) {
    match precondition(request) {
        Ok(Some(Precondition::Exists(revs))) => {
            assert!(request.headers().contains_key("if-match"), "{revs:?}")
        }
        Ok(Some(Precondition::Absent)) => {
            assert!(
                request
                    .headers()
                    .get("if-none-match")
                    .is_some_and(|it| it.as_bytes().contains(&b'*'))
            );
        }
        Ok(None) => assert!(!request.headers().contains_key("if-match")),
        Err(error) => refused(&error, &[Code::InvalidParameter]),
    }
    let now = from_millis(NOW_MILLIS);
    for tag in known_tags(request) {
        assert!(is_known(request, tag));
        let _ = span_holds(tag, 7, now);
    }
    assert!(span_holds(&span_tag(7, now, None), 7, now));
    if let Err(error) = IdempotencyKey::from_request(request, &mut Payload::None).into_inner() {
        refused(&error, &[Code::InvalidParameter]);
    }
    forwarded(request.headers());
}

/// A trusted proxy is believed, nobody else.
fn forwarded(headers: &HeaderMap) {
    let trusted = ["10.0.0.0/8".parse().expect("a net")];
    let (stranger, proxy): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [10, 0, 0, 1].into());
    assert_eq!(client_address(stranger, headers, &trusted), stranger);
    let seen = client_address(proxy, headers, &trusted);
    assert!(seen == proxy || headers.contains_key("x-forwarded-for"));
}

fn query(request: &HttpRequest) {
    let query = match Query::of(request, PARAMETERS) {
        Ok(query) => query,
        Err(error) => return refused(&error, &[Code::InvalidParameter]),
    };
    let wrong = [Code::InvalidParameter];
    match query.limit() {
        Ok(limit) => assert!((1..=MAX_LIMIT).contains(&limit)),
        Err(error) => refused(&error, &wrong),
    }
    let take = |error: Option<ApiError>| error.iter().for_each(|error| refused(error, &wrong));
    take(query.instant("now").err());
    take(query.id("opportunity_id").err());
    take(query.word("status", &["open", "sent"]).err());
    take(query.collections("collections").err());
    take(query.count("since").err());
    if let Err(error) = query.position("contacts") {
        refused(&error, &[Code::InvalidCursor]);
    }
    let position = query.text("cursor").unwrap_or_default();
    let cursor = query.cursor("contacts", position);
    let next = TestRequest::get().uri(&format!("/v1/contacts?cursor={cursor}")).to_http_request();
    let next = Query::of(&next, PARAMETERS).expect("a cursor fits an address");
    if query.digest("contacts") == next.digest("contacts") {
        assert_eq!(next.position("contacts").ok().flatten().as_deref(), Some(position));
    }
    assert_eq!(next.position("offers").err().map(|error| error.code()), Some(Code::InvalidCursor));
}

fn refused(error: &ApiError, codes: &[Code]) {
    assert!(codes.contains(&error.code()), "{error}");
    assert!(!error.problem().detail.is_empty());
}
