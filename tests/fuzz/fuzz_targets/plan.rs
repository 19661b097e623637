//! Any facts that the checks let pass, at any moment: a plan comes of them, and it is sound.

#![no_main]

#[expect(dead_code, reason = "an office alone is for phrases, an edit for pushes")]
mod soup;

use afterview_domain::clock::{Instant, MAX_YEAR, MIN_YEAR};
use afterview_domain::entities::opportunity::Office;
use afterview_domain::plan::{
    Item, ItemKind, Policy, Proposal, Snapshot, Verdict, compare, diff, outline, plan, reminders,
    tact_check,
};
use arbitrary::Unstructured;
use chrono::{Datelike, Timelike};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;

fuzz_target!(|data: &[u8]| {
    let mut bytes = Unstructured::new(data);
    let (Ok(now), Ok(facts)) = (soup::moment(&mut bytes), soup::snapshot(&mut bytes)) else {
        return;
    };
    let policy = Policy::default();
    let first = plan(&facts, &policy, now);
    if !(MIN_YEAR..=MAX_YEAR).contains(&now.year()) {
        return; // No clock says so: enough that it ended.
    }
    assert!(first.items.is_sorted_by(|a, b| compare(a, b).is_lt()));
    let keys: BTreeSet<_> = first.items.iter().map(|item| &item.key).collect();
    assert_eq!(keys.len(), first.items.len());
    assert!(first.next_change_at.is_none_or(|next| next > now));
    for item in &first.items {
        check(item, &facts.opportunity.office, now);
    }
    assert!(!first.headline.text().is_empty());
    let turned = reversed(&facts);
    assert_eq!(first, plan(&turned, &policy, now));
    assert_eq!(diff(&outline(&first), &first), []);
    let due = reminders(&first, &[]);
    assert_eq!(reminders(&first, &due), due);
    for item in &first.items {
        let proposal = Proposal { at: now, channel: None, contact_id: None };
        let check = tact_check(&facts, &policy, now, item, &proposal);
        assert_eq!(check.score, item.tact_now);
    }
});

fn check(item: &Item, office: &Office, now: Instant) {
    assert!(item.do_at.is_none_or(|do_at| do_at >= now), "{item:#?}");
    if item.verdict == Verdict::Blocked {
        assert_eq!((item.do_at, item.remind_at), (None, None));
    }
    // The hours of the policy, 9 to 17, are meant for offices that are open then.
    let usual = office.send_open.hour() < 9 && office.send_close.hour() >= 17;
    if usual {
        assert!(item.earliest <= item.ideal, "{item:#?}");
        assert!(item.ideal <= item.latest || item.kind == ItemKind::NoShowPing, "{item:#?}");
    }
    for reason in &item.reasons {
        assert!(!reason.text().contains('{'));
    }
}

fn reversed(facts: &Snapshot) -> Snapshot {
    let mut turned = facts.clone();
    turned.contacts.reverse();
    turned.interviews.reverse();
    turned.expectations.reverse();
    turned.commitments.reverse();
    turned.follow_ups.reverse();
    turned.replies.reverse();
    turned.offers.reverse();
    turned.offers_elsewhere.reverse();
    turned.supplements.reverse();
    turned
}
