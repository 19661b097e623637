//! What facts are, not how they come, makes the plan.

use crate::config;
use crate::given::{POOL, case};
use crate::world::state;
use crate::world::{nothing_yet, plan_at};
use afterview_domain::entities::contact::ContactRole;
use afterview_domain::entities::{
    Commitment, Contact, Expectation, FollowUp, Interview, Offer, Opportunity, Preferences, Reply,
    Supplement,
};
use afterview_domain::plan::{Route, Snapshot};
use proptest::prelude::*;

/// One record on its way from a device.
#[derive(Debug, Clone)]
enum Fact {
    Opportunity(Opportunity),
    Preferences(Preferences),
    Contact(Contact),
    Interview(Interview),
    Expectation(Expectation),
    Commitment(Commitment),
    FollowUp(FollowUp),
    Reply(Reply),
    Offer(Offer),
    OfferElsewhere(Offer),
    Supplement(Supplement),
}

fn facts_of(snapshot: &Snapshot) -> Vec<Fact> {
    let known = snapshot.clone();
    let first = [Fact::Opportunity(known.opportunity), Fact::Preferences(known.preferences)];
    let met = known.contacts.into_iter().map(Fact::Contact);
    first
        .into_iter()
        .chain(met.chain(known.interviews.into_iter().map(Fact::Interview)))
        .chain(known.expectations.into_iter().map(Fact::Expectation))
        .chain(known.commitments.into_iter().map(Fact::Commitment))
        .chain(known.follow_ups.into_iter().map(Fact::FollowUp))
        .chain(known.replies.into_iter().map(Fact::Reply))
        .chain(known.offers.into_iter().map(Fact::Offer))
        .chain(known.offers_elsewhere.into_iter().map(Fact::OfferElsewhere))
        .chain(known.supplements.into_iter().map(Fact::Supplement))
        .collect()
}

/// Stores `fact`; one that is known is replaced.
fn deliver(snapshot: &mut Snapshot, fact: Fact) {
    match fact {
        Fact::Opportunity(opportunity) => snapshot.opportunity = opportunity,
        Fact::Preferences(preferences) => snapshot.preferences = preferences,
        Fact::Contact(it) => store(&mut snapshot.contacts, it, |it| &it.id),
        Fact::Interview(it) => store(&mut snapshot.interviews, it, |it| &it.id),
        Fact::Expectation(it) => store(&mut snapshot.expectations, it, |it| &it.id),
        Fact::Commitment(it) => store(&mut snapshot.commitments, it, |it| &it.id),
        Fact::FollowUp(it) => store(&mut snapshot.follow_ups, it, |it| &it.id),
        Fact::Reply(it) => store(&mut snapshot.replies, it, |it| &it.id),
        Fact::Offer(it) => store(&mut snapshot.offers, it, |it| &it.id),
        Fact::OfferElsewhere(it) => store(&mut snapshot.offers_elsewhere, it, |it| &it.id),
        Fact::Supplement(it) => store(&mut snapshot.supplements, it, |it| &it.id),
    }
}

fn store<T>(records: &mut Vec<T>, record: T, id: impl Fn(&T) -> &String) {
    records.retain(|known| id(known) != id(&record));
    records.push(record);
}

/// `list` in an order that `seed` decides.
fn shuffle<T>(list: &mut [T], seed: u64) {
    let mut random = seed;
    for last in (1..list.len()).rev() {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(random >> 33).unwrap_or(0) % (last + 1);
        list.swap(last, other);
    }
}

fn shuffled(snapshot: &Snapshot, seed: u64) -> Snapshot {
    let mut other = snapshot.clone();
    shuffle(&mut other.contacts, seed);
    other.contacts.iter_mut().for_each(|contact| shuffle(&mut contact.channels, seed));
    shuffle(&mut other.interviews, seed);
    other.interviews.iter_mut().for_each(|interview| shuffle(&mut interview.attendees, seed));
    shuffle(&mut other.expectations, seed);
    shuffle(&mut other.commitments, seed);
    shuffle(&mut other.follow_ups, seed);
    other.follow_ups.iter_mut().for_each(|record| shuffle(&mut record.included, seed));
    shuffle(&mut other.replies, seed);
    shuffle(&mut other.offers, seed);
    shuffle(&mut other.offers_elsewhere, seed);
    shuffle(&mut other.supplements, seed);
    shuffle(&mut other.opportunity.office.closures, seed);
    shuffle(&mut other.opportunity.office.work_week, seed);
    shuffle(&mut other.preferences.mute, seed);
    other
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_the_facts_changes_nothing(case in case(), seed in any::<u64>()) {
        let first = plan_at(&case.snapshot, case.now);
        prop_assert_eq!(&first, &plan_at(&case.snapshot, case.now));
        let other = shuffled(&case.snapshot, seed);
        prop_assert_eq!(&first, &plan_at(&other, case.now));
        prop_assert_eq!(state(&case.snapshot, case.now), state(&other, case.now));
    }

    #[test]
    fn facts_that_arrive_in_any_order_and_twice_make_the_same_plan(
        case in case(), seed in any::<u64>(), again in 0_usize..20
    ) {
        let mut deliveries = facts_of(&case.snapshot);
        let repeated: Vec<_> = deliveries.iter().rev().take(again).cloned().collect();
        deliveries.extend(repeated);
        shuffle(&mut deliveries, seed);
        let mut known = Snapshot { others_pending: case.snapshot.others_pending, ..nothing_yet() };
        for fact in deliveries {
            deliver(&mut known, fact);
        }
        prop_assert_eq!(plan_at(&case.snapshot, case.now), plan_at(&known, case.now));
        prop_assert_eq!(state(&case.snapshot, case.now), state(&known, case.now));
    }

    #[test]
    fn every_recipient_is_somebody(case in case()) {
        const ROLES: &[&str] = &["self", "employer", "recruiter", "scheduler"];
        for item in plan_at(&case.snapshot, case.now).items {
            let to = item.to.as_str();
            prop_assert!(ROLES.contains(&to) || POOL.contains(&to), "{} is nobody", item.key);
            let people = &case.snapshot.contacts;
            if let Some(id) = &item.contact_id {
                prop_assert!(people.iter().any(|contact| contact.id == *id), "{id} is unknown");
            }
            let speaks = |contact: &Contact| {
                use ContactRole::{Coordinator, HiringManager, InternalRecruiter};
                matches!(contact.role, Coordinator | HiringManager | InternalRecruiter)
            };
            let known = match to {
                "self" => false,
                "employer" | "scheduler" => {
                    item.route == Route::Direct && people.iter().any(speaks)
                }
                "recruiter" => people.iter().any(|c| c.role == ContactRole::AgencyRecruiter),
                id => item.route == Route::Direct && people.iter().any(|contact| {
                    contact.id == id && !matches!(contact.role, ContactRole::Referee | ContactRole::Referrer)
                }),
            };
            prop_assert!(!known || item.contact_id.is_some(), "{} reaches nobody", item.key);
        }
    }
}
