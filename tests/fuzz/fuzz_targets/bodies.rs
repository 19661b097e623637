//! Any JSON as each body that the interface takes, as each record, and as a line of an import: what is
//! read reads the same again, what is refused says where and why, and to bring a record in twice is to
//! bring it in once.

#![no_main]

#[expect(dead_code, reason = "nothing is pushed")]
mod memory;
#[expect(dead_code, unused_imports, reason = "facts and offices are for plans and phrases")]
mod soup;

use afterview_api::dto::{
    Body, account, auth, calendar_feed, device, draft, follow_up_bodies, promise, sync, tact,
    webhook,
};
use afterview_api::error::{ApiError, Code};
use afterview_api::portability::import;
use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::entities::parse::{parse_patch, parse_shape};
use afterview_domain::entities::{Collection, parse};
use afterview_domain::sync::{BroughtIn, bring_in};
use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memory::Memory;
use serde_json::{Map, Value, json};

/// 6 May 2026, in the middle of the facts.
const NOW_MILLIS: i64 = 1_778_090_000_000;

/// The readers of all bodies.
const READERS: &[fn(&mut Unstructured<'_>) -> Result<()>] = &[
    read::<account::ChangePasswordBody>,
    read::<account::DeletionBody>,
    read::<account::EmailBody>,
    read::<account::ForgotBody>,
    read::<account::ResetBody>,
    read::<account::TokenBody>,
    read::<account::UpgradeBody>,
    read::<auth::GuestBody>,
    read::<auth::LoginBody>,
    read::<auth::OidcBody>,
    read::<auth::RefreshBody>,
    read::<auth::RegisterBody>,
    read::<calendar_feed::FeedBody>,
    read::<calendar_feed::FeedPatch>,
    read::<device::DeviceReport>,
    read::<draft::DraftBody>,
    read::<follow_up_bodies::CorrectBody>,
    read::<follow_up_bodies::CustomBody>,
    read::<follow_up_bodies::ReopenBody>,
    read::<follow_up_bodies::SentBody>,
    read::<follow_up_bodies::SkipBody>,
    read::<follow_up_bodies::SnoozeBody>,
    read::<follow_up_bodies::UndoBody>,
    read::<promise::DebriefBody>,
    read::<promise::ParseBody>,
    read::<sync::ResolveBody>,
    read::<sync::SyncBody>,
    read::<sync::SyncSnoozeBody>,
    read::<tact::TactCheckBody>,
    read::<webhook::WebhookBody>,
    read::<webhook::WebhookPatchBody>,
];

fuzz_target!(|data: &[u8]| {
    let now = from_millis(NOW_MILLIS);
    let text = String::from_utf8_lossy(data);
    if let Err(faults) = import::read(&text, now) {
        refused(&faults.into());
    }
    let mut bytes = Unstructured::new(data);
    let Ok(which) = bytes.arbitrary::<u8>() else { return };
    // The rest is of no use when the bytes are at their end.
    let _ = match READERS.get(usize::from(which)) {
        Some(reader) => reader(&mut bytes),
        None => record(&mut bytes, now),
    };
});

fn read<B: Body>(bytes: &mut Unstructured<'_>) -> Result<()> {
    let map = match raw(bytes) {
        Some(map) => map,
        None => {
            let mut made = soup::object(bytes, B::SHAPE)?;
            spoil(bytes, &mut made)?;
            made
        }
    };
    match (parse_shape(B::SHAPE, &map), B::read(&map)) {
        (Ok(fields), Ok(_)) => assert_eq!(parse_shape(B::SHAPE, &fields), Ok(fields)),
        (Err(_), Err(error)) => refused(&error),
        (table, read) => panic!("table and type differ: {table:?} {:?}", read.err()),
    }
    Ok(())
}

fn record(bytes: &mut Unstructured<'_>, now: Instant) -> Result<()> {
    let collection = *bytes.choose(&Collection::ALL)?;
    let map = match raw(bytes) {
        Some(map) => map,
        None => {
            let mut made = soup::edit(bytes, collection)?;
            spoil(bytes, &mut made)?;
            made
        }
    };
    match parse(collection, &map, None, now) {
        Ok(fields) => {
            let stored = fields.as_map();
            assert_eq!(parse(collection, stored, Some(stored), now).as_ref(), Ok(&fields));
            let empty = parse_patch(collection, stored, &Map::new(), now);
            assert_eq!(empty.as_ref(), Ok(&fields), "an empty patch changes something");
        }
        Err(faults) => refused(&faults.into()),
    }
    let times =
        ["created_at", "updated_at"].map(|name| (name.to_owned(), json!("2026-05-01T09:00:00Z")));
    let mut served = map;
    served.extend(times);
    served.entry("id").or_insert(json!("one"));
    let line = json!({ "type": "record", "collection": collection.as_str(), "record": served });
    match import::read(&line.to_string(), now) {
        Ok(incoming) => twice(&incoming.expect("a record")),
        Err(faults) => refused(&faults.into()),
    }
    Ok(())
}

fn twice(incoming: &afterview_domain::sync::Incoming) {
    let mut log = Memory::at(NOW_MILLIS);
    // Many belong to something that is not there.
    let Ok(first) = bring_in(&mut log, incoming) else { return };
    assert_eq!(first, BroughtIn::Created);
    let state = log.state.clone();
    assert_eq!(bring_in(&mut log, incoming).expect("as before"), BroughtIn::Unchanged);
    assert_eq!(log.state, state);
}

/// What is left of the input as JSON.
fn raw(bytes: &Unstructured<'_>) -> Option<Map<String, Value>> {
    let rest = bytes.peek_bytes(bytes.len())?;
    serde_json::from_slice(rest).ok()
}

/// Puts something else into a place or two.
fn spoil(bytes: &mut Unstructured<'_>, map: &mut Map<String, Value>) -> Result<()> {
    while bytes.arbitrary()? {
        let names: Vec<String> = map.keys().cloned().chain(["novel".to_owned()]).collect();
        let name = bytes.choose(&names)?.clone();
        let odd = [
            json!(null),
            json!(-1),
            json!(i64::MAX),
            json!(1e300),
            json!(""),
            json!("\u{0}"),
            json!("ä".repeat(bytes.arbitrary::<u16>()?.into())),
            json!("2026-05-06T19:05:00.123456789+14:00"),
            json!([[]]),
            json!({ "": {} }),
        ];
        map.insert(name, bytes.choose(&odd)?.clone());
    }
    Ok(())
}

fn refused(error: &ApiError) {
    assert_eq!(error.code(), Code::ValidationFailed, "{error}");
    let problem = error.problem();
    assert!(!problem.errors.is_empty(), "{error}");
    for fault in &problem.errors {
        assert!(fault.pointer.is_empty() || fault.pointer.starts_with('/'), "{fault:?}");
        assert!(!fault.detail.is_empty() && !fault.code.is_empty(), "{fault:?}");
    }
}
