//! What every plan looks like.

use crate::given::{Case, case, home};
use crate::world::{follow_up, plan_at};
use crate::{config, has_rule, outline};
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::from_millis;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::plan::{
    Item, ItemChannel, ItemKind, Policy, Proposal, Reason, Snapshot, compare, diff, plan, rules,
    tact_check,
};
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split('}').next())
}

/// Whether `item` goes out when the office is open (M3). What cannot wait does not (X1, X2, C7, O4, a
/// withdrawal before an interview), nor a letter, the answer to an offer, or what the candidate planned by hand.
fn keeps_office_hours(item: &Item) -> bool {
    let at_its_own_time = matches!(
        item.kind,
        ItemKind::NoShowPing | ItemKind::Apologise | ItemKind::RespondOffer | ItemKind::Custom
    );
    let cannot_wait = has_rule(item, "C7-DUE-NOW") || has_rule(item, "O4-OFF-HOURS-OK");
    let is_private = item.to == "self";
    let before_interview = item.kind == ItemKind::Withdrawal && item.ideal == item.latest;
    !before_interview
        && !at_its_own_time
        && !cannot_wait
        && !is_private
        && item.channel != ItemChannel::Handwritten
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_plan_is_well_formed(case in case()) {
        let plan = plan_at(&case.snapshot, case.now);
        let keys: BTreeSet<_> = plan.items.iter().map(|item| &item.key).collect();
        prop_assert_eq!(keys.len(), plan.items.len());
        prop_assert!(plan.items.is_sorted_by(|a, b| compare(a, b).is_lt()));
        prop_assert!(plan.next_change_at.is_none_or(|next| next > case.now));
        for item in &plan.items {
            prop_assert!(item.earliest <= item.ideal, "{} is best before it is tactful", item.key);
            let ends = item.ideal <= item.latest || item.kind == ItemKind::NoShowPing;
            prop_assert!(ends, "{} is best when it is late", item.key);
            prop_assert!(item.do_at.is_none_or(|do_at| do_at >= case.now));
            for reason in item.all_reasons().chain([&plan.headline]) {
                let rule = rules::find(reason.rule).expect("a registered rule");
                for name in placeholders(rule.template) {
                    prop_assert!(reason.param(name).is_some(), "{} lacks {name}", rule.id);
                }
            }
        }
    }

    #[test]
    fn nothing_is_advised_outside_office_hours(case in case()) {
        let office = home(&case.snapshot);
        for item in plan_at(&case.snapshot, case.now).items {
            if let Some(do_at) = item.do_at.filter(|_| keeps_office_hours(&item)) {
                prop_assert_eq!(office.next_send(do_at), do_at, "{}", item.key);
            }
        }
    }

    #[test]
    fn nothing_changes_before_the_announced_moment(case in case(), part in 0_i32..=100) {
        let plan = plan_at(&case.snapshot, case.now);
        let next = plan.next_change_at.unwrap_or(case.now + TimeDelta::days(400));
        let waited = (next - case.now - TimeDelta::milliseconds(1)) * part / 100;
        prop_assert_eq!(outline(&plan), outline(&plan_at(&case.snapshot, case.now + waited)));
    }

    #[test]
    fn absurd_policies_and_moments_do_no_harm(
        case in case(), millis in -8_000_000_000_000_000_i64..8_000_000_000_000_000
    ) {
        let now = from_millis(millis);
        let policy = Policy { hedge_slack_bd: 100_000, ..Policy::default() };
        let _ = plan(&case.snapshot, &policy, now);
        let nameless = vec![follow_up("", FollowUpKind::Custom, None)];
        let _ = plan(&Snapshot { follow_ups: nameless, ..case.snapshot }, &policy, now);
    }
}

/// Rules that explain what the advice leaves out or takes for granted, and so are no reason of any
/// item.
const NEVER_GIVEN: [&str; 5] = ["B2-NO-THANKS", "E1-NEWEST", "E2-CONFIRMED", "E4-VOID", "E5-ENDED"];

/// The points and concerns about doing `item` by `channel` now.
fn objections(case: &Case, item: &Item, channel: ItemChannel) -> Vec<Reason> {
    let proposal = Proposal { at: case.now, channel: Some(channel), contact_id: None };
    let policy = Policy::default();
    let check = tact_check(&case.snapshot, &policy, case.now, item, &proposal);
    check.points.into_iter().map(|point| point.reason).chain(check.concerns).collect()
}

/// A property that no story reaches protects nothing.
#[test]
fn the_stories_told_reach_every_rule() {
    let mut runner = TestRunner::deterministic();
    let mut unseen: BTreeSet<_> = rules::all().map(|rule| rule.id).collect();
    let stories = case();
    for _ in 0..4_000 {
        let case = stories.new_tree(&mut runner).expect("a story").current();
        let plan = plan_at(&case.snapshot, case.now);
        unseen.remove(plan.headline.rule);
        for item in &plan.items {
            let others = item.alternatives.iter().map(|other| &other.reason);
            for reason in item.all_reasons().chain(others) {
                unseen.remove(reason.rule);
            }
            for channel in [ItemChannel::Email, ItemChannel::Phone, ItemChannel::InPerson] {
                for reason in objections(&case, item, channel) {
                    unseen.remove(reason.rule);
                }
            }
        }
        let later = plan_at(&case.snapshot, case.now + TimeDelta::days(3));
        let office = BusinessOffice::new(&case.snapshot.opportunity.office, chrono_tz::UTC);
        for change in diff(&afterview_domain::plan::outline(&plan), &later) {
            unseen.remove(change.reason(&office).rule);
        }
    }
    for rule in NEVER_GIVEN {
        assert!(unseen.remove(rule), "{rule} is given after all");
    }
    assert_eq!(unseen, BTreeSet::new(), "no story reaches these rules");
}
