use super::*;
use crate::clock::from_millis;
use crate::entities::{Fields, parse};
use crate::sync::{Author, Next};

/// 2026-05-06T19:05:00Z.
const START: i64 = 1_778_094_300_000;

fn author(stamp: i64) -> Author<'static> {
    let now = from_millis(stamp);
    Author { device: "phone", now, effective: now, stamp, mutation: None }
}

fn after(days: i64) -> Instant {
    from_millis(START) + TimeDelta::days(days)
}

fn fields(fields: Value) -> Fields {
    let Value::Object(map) = fields else { panic!("not an object") };
    parse(Collection::Supplements, &map, None, from_millis(0)).expect("valid")
}

fn certificate() -> Record {
    let fields =
        fields(json!({"opportunity_id": "acme", "title": "A", "url": "https://a.example"}));
    Record::created(Collection::Supplements, "s1", fields, author(START - 10))
}

fn conflict(reason: &str, policy: &str, state: &str) -> Record {
    let fields = json!({ "reason": reason, "policy": policy, "state": state });
    let Value::Object(fields) = fields else { panic!("not an object") };
    Record::created(Collection::Conflicts, "c1", Fields::stored(fields), author(START))
}

#[test]
fn the_content_of_a_tombstone_is_due_after_180_days_and_only_once() {
    let record = certificate();
    assert_eq!(due(&record, after(10_000)), None);
    let tombstone = record.deleted(None, author(START)).record;
    assert_eq!(due(&tombstone, after(180) - TimeDelta::milliseconds(1)), None);
    assert_eq!(due(&tombstone, after(180)), Some(Due::Purge));
    assert_eq!(due(&tombstone.purged(), after(10_000)), None);
}

#[test]
fn nothing_but_names_and_revisions_is_left_of_a_purged_tombstone() {
    let mut tombstone = certificate().deleted(Some("opportunities/acme"), author(START)).record;
    tombstone.extra.insert("mood".to_owned(), json!("good"));
    assert!(!tombstone.is_purged() && !certificate().is_purged());
    let left = tombstone.purged();
    assert!(left.is_purged());
    assert_eq!(Value::from(left.doc.clone()), json!({"opportunity_id": "acme"}));
    assert!(left.extra.is_empty() && left.field_meta.is_empty());
    assert_eq!(
        (left.rev, left.created_rev, left.deleted_rev, left.cascade_of.as_deref()),
        (START, START - 10, Some(START), Some("opportunities/acme"))
    );
    assert_eq!(left.opportunity_id(), Some("acme"));
}

#[test]
fn a_purged_name_is_used_again_as_if_it_were_new() {
    let left = certificate().deleted(None, author(START)).record.purged();
    let (fields, stamp) = (fields(json!({"title": "B"})), START + 5);
    let next = Next { fields: fields.clone(), extra: Map::new(), given: Map::new() };
    let change = left.moved_on(&next, author(stamp)).expect("a change");
    let fresh = Record::created(Collection::Supplements, "s1", fields, author(stamp));
    assert_eq!(change.record, fresh);
    assert_eq!(Value::from(change.changed), json!({"deleted_rev": {"old": START, "new": null}}));
}

#[test]
fn a_lost_value_stops_asking_after_90_days() {
    let open = conflict("concurrent", "later", "open");
    assert_eq!(due(&open, after(90) - TimeDelta::milliseconds(1)), None);
    assert_eq!(due(&open, after(90)), Some(Due::Closing));
}

#[test]
fn texts_refusals_and_deletions_wait_for_the_candidate() {
    let patient = [
        ("concurrent", "text", "open"),
        ("concurrent", "later", "resolved"),
        ("rejected", "refused", "open"),
        ("delete_vs_edit", "deletion", "open"),
        ("edit_vs_delete", "deletion", "open"),
        ("possible_double_send", "sent", "open"),
    ];
    for (reason, policy, state) in patient {
        let conflict = conflict(reason, policy, state);
        assert_eq!(due(&conflict, after(399)), None, "{reason} {policy} {state}");
        assert_eq!(due(&conflict, after(400)), Some(Due::Deletion), "{reason} {policy} {state}");
    }
}

#[test]
fn only_what_is_too_many_goes() {
    assert_eq!([excess(0, 3), excess(3, 3), excess(5, 3)], [0, 0, 2]);
}
