use super::field::{Kind, Need};
use super::*;
use crate::clock::{Instant, from_millis};
use serde_json::{Map, Value, json};

fn at_debrief() -> Instant {
    from_millis(1_778_094_300_000) // 2026-05-06T19:05:00Z
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

fn faults(collection: Collection, body: Value) -> Vec<(String, &'static str)> {
    match parse(collection, &map(body), None, at_debrief()) {
        Ok(fields) => panic!("accepted: {:?}", fields.as_map()),
        Err(errors) => errors.iter().map(|e| (e.pointer.clone(), e.code.as_str())).collect(),
    }
}

fn minimal(collection: Collection) -> Value {
    match collection {
        Collection::Preferences | Collection::Conflicts => json!({}),
        Collection::Opportunities => json!({"employer": "Acme", "role": "Engineer"}),
        Collection::Contacts => json!({"name": "Anna", "role": "interviewer"}),
        Collection::Interviews => json!({
            "opportunity_id": "o1", "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z"
        }),
        Collection::Expectations => {
            json!({"opportunity_id": "o1", "spoken_at": "2026-05-06T19:00:00Z"})
        }
        Collection::Commitments => {
            json!({"opportunity_id": "o1", "kind": "references", "spoken_at": "2026-05-06T19:00:00Z"})
        }
        Collection::FollowUps => {
            json!({"action_key": "o1/thank_you/i1/c1", "opportunity_id": "o1", "kind": "thank_you"})
        }
        Collection::Replies => {
            json!({"opportunity_id": "o1", "at": "2026-05-06T19:00:00Z", "kind": "reply_info"})
        }
        Collection::Offers => {
            json!({"opportunity_id": "o1", "received_at": "2026-05-06T19:00:00Z"})
        }
        Collection::Supplements => json!({"title": "Certificate"}),
    }
}

#[test]
fn every_collection_accepts_its_smallest_record_and_parsing_again_changes_nothing() {
    for collection in Collection::ALL {
        let once =
            parse(collection, &map(minimal(collection)), None, at_debrief()).expect("accepted");
        let twice = parse(collection, once.as_map(), None, at_debrief()).expect("accepted again");
        assert_eq!(once, twice, "{}", collection.as_str());
    }
}

#[test]
fn every_default_of_the_registry_is_a_canonical_value_of_its_field() {
    for collection in Collection::ALL {
        let fields =
            parse(collection, &map(minimal(collection)), None, at_debrief()).expect("accepted");
        for field in collection.shape().fields {
            if let Need::Default(json) = field.need {
                let default: Value = serde_json::from_str(json).expect("default is JSON");
                let given = map(minimal(collection)).contains_key(field.name);
                assert!(
                    given || fields.as_map().get(field.name) == Some(&default),
                    "{}",
                    field.name
                );
            }
        }
    }
}

#[test]
fn all_faults_of_a_body_are_reported_together_with_their_places() {
    let body = json!({
        "employer": "", "role": 7, "colour": "red", "interest": "huge",
        "office": {"time_zone": "Mars/Base", "work_week": [], "calendar": "XX", "closures": ["2026-02-30"]}
    });
    assert_eq!(
        faults(Collection::Opportunities, body),
        [
            ("/colour".to_owned(), "unknown_field"),
            ("/employer".to_owned(), "too_short"),
            ("/role".to_owned(), "type"),
            ("/office/time_zone".to_owned(), "format"),
            ("/office/work_week".to_owned(), "too_short"),
            ("/office/calendar".to_owned(), "not_allowed"),
            ("/office/closures/0".to_owned(), "format"),
            ("/interest".to_owned(), "not_allowed"),
        ]
    );
}

#[test]
fn an_interview_ends_after_it_starts_and_is_held_only_once_over() {
    let mut body = minimal(Collection::Interviews);
    body["ends_at"] = json!("2026-05-06T17:00:00Z");
    assert_eq!(faults(Collection::Interviews, body), [("/ends_at".to_owned(), "inconsistent")]);

    let mut body = minimal(Collection::Interviews);
    body["status"] = json!("held");
    assert!(parse(Collection::Interviews, &map(body.clone()), None, at_debrief()).is_ok());
    body["ends_at"] = json!("2026-05-06T19:10:01Z");
    assert_eq!(faults(Collection::Interviews, body), [("/status".to_owned(), "inconsistent")]);
}

#[test]
fn a_held_interview_can_only_be_corrected_to_a_no_show() {
    let stored = map(json!({
        "opportunity_id": "o1", "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z", "status": "held"
    }));
    let patch = |status: &str| {
        parse_patch(Collection::Interviews, &stored, &map(json!({"status": status})), at_debrief())
    };
    assert!(patch("no_show_them").is_ok());
    assert!(patch("scheduled").is_err());
    assert!(patch("cancelled_me").is_err());
}

#[test]
fn a_merge_patch_clears_with_null_and_goes_into_objects() {
    let stored = parse(
        Collection::Opportunities,
        &map(json!({"employer": "A", "role": "B", "region": "CA-ON", "office": {"name": "X", "calendar": "CZ"}})),
        None,
        at_debrief(),
    )
    .expect("accepted");
    let patch = map(json!({"region": null, "office": {"name": "Y"}}));
    let after = parse_patch(Collection::Opportunities, stored.as_map(), &patch, at_debrief())
        .expect("accepted");
    assert_eq!(after.as_map().get("region"), None);
    assert_eq!(after.as_map()["office"]["name"], "Y");
    assert_eq!(after.as_map()["office"]["calendar"], "CZ");
}

#[test]
fn server_owned_fields_cannot_be_set_from_outside() {
    let mut body = minimal(Collection::FollowUps);
    body["recorded_at"] = json!("2026-05-06T19:00:00Z");
    let fields = parse(Collection::FollowUps, &map(body), None, at_debrief()).expect("accepted");
    assert_eq!(fields.as_map().get("recorded_at"), None);
}

#[test]
fn instants_are_stored_in_utc_whatever_their_offset() {
    let mut body = minimal(Collection::Offers);
    body["received_at"] = json!("2026-05-06T21:00:00.123456+02:00");
    let fields = parse(Collection::Offers, &map(body), None, at_debrief()).expect("accepted");
    assert_eq!(fields.as_map()["received_at"], "2026-05-06T19:00:00.123Z");
}

#[test]
fn references_are_found_inside_lists_of_objects() {
    let mut body = minimal(Collection::Interviews);
    body["attendees"] = json!([{"contact_id": "anna"}, {"contact_id": "ben"}]);
    let fields = parse(Collection::Interviews, &map(body), None, at_debrief()).expect("accepted");
    let found: Vec<_> = references(Collection::Interviews, &fields)
        .into_iter()
        .map(|r| (r.pointer, r.id))
        .collect();
    assert_eq!(
        found,
        [
            ("/opportunity_id".to_owned(), "o1".to_owned()),
            ("/attendees/0/contact_id".to_owned(), "anna".to_owned()),
            ("/attendees/1/contact_id".to_owned(), "ben".to_owned()),
        ]
    );
}

#[test]
fn every_field_of_the_registry_is_documented() {
    for collection in Collection::ALL {
        for field in collection.shape().fields {
            assert!(field.about.ends_with('.'), "{}.{}", collection.as_str(), field.name);
            if let Kind::Text { max, .. } = field.kind {
                assert!(max <= field::LONG_TEXT);
            }
        }
    }
}
