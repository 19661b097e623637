//! Days off, zones and years: how the calendar enters the advice.

use crate::given::{
    YEAR, candidate_zone, case, case_without_a_date, home, moved, read, tells_apart,
};
use crate::world::plan_at;
use crate::{asking, config, has_rule};
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::Instant;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::{Item, Plan, Verdict};
use afterview_domain::promise::parse;
use chrono::{NaiveDateTime, TimeDelta};
use proptest::prelude::*;

/// What is the same 52 weeks later: everything but the year and what depends on the zone of the
/// candidate. Times are those of the office's clock, moved by `by`.
#[derive(Debug, PartialEq)]
struct Advice {
    key: String,
    verdict: Verdict,
    window: [NaiveDateTime; 3],
    expires: Option<NaiveDateTime>,
    do_at: Option<NaiveDateTime>,
    tact: (Option<u8>, Option<u8>),
    rules: Vec<&'static str>,
}

fn advice(plan: &Plan, home: &BusinessOffice, by: TimeDelta) -> Vec<Advice> {
    let local = |at: Instant| home.civil(at) + by;
    let of = |item: &Item| Advice {
        key: item.key.clone(),
        verdict: item.verdict,
        window: [item.earliest, item.ideal, item.latest].map(local),
        expires: item.expires.map(local),
        do_at: item.do_at.map(local),
        tact: (item.tact_now, item.tact_at_do),
        rules: item.reasons.iter().map(|reason| reason.rule).collect(),
    };
    plan.items.iter().map(of).collect()
}

/// Whether the words of such a reply are read as a promise.
const fn names_a_date(kind: ReplyKind) -> bool {
    matches!(kind, ReplyKind::NewDate | ReplyKind::OnHold)
}

proptest! {
    #![proptest_config(config())]

    // The words of a written promise are read whenever a plan is made. A day off may move what they
    // mean; then what lay after the promised day may no longer do so, and it is another story.
    #[test]
    fn another_day_off_never_makes_a_follow_up_earlier(case in case(), days in -5_i64..90) {
        let mut closed = case.snapshot.clone();
        let day_off = case.base.date_naive() + TimeDelta::days(days);
        closed.opportunity.office.closures.push(day_off);
        let (open_office, closed_office) = (home(&case.snapshot), home(&closed));
        let mut written = case.snapshot.replies.iter().filter(|r| names_a_date(r.kind));
        let is_moved_past_something = written.any(|reply| {
            let by = |office| parse(office, &reply.text, reply.at).by;
            let days = by(&open_office).zip(by(&closed_office));
            days.is_some_and(|(before, after)| tells_apart(&case.snapshot, before, after))
        });
        if is_moved_past_something {
            return Ok(());
        }
        let (before, after) = (plan_at(&case.snapshot, case.now), plan_at(&closed, case.now));
        if let (Some(before), Some(after)) = (asking(&before), asking(&after))
            && before.kind == after.kind && !has_rule(before, "G2-STALE")
        {
            prop_assert!(before.earliest <= after.earliest && before.ideal <= after.ideal);
        }
    }

    #[test]
    fn the_candidates_zone_moves_only_reminders(case in case(), zone in candidate_zone()) {
        if case.snapshot.opportunity.office.time_zone.is_none() {
            return Ok(());
        }
        let mut travelled = case.snapshot.clone();
        travelled.preferences.time_zone = zone;
        let home = plan_at(&case.snapshot, case.now);
        let mut abroad = plan_at(&travelled, case.now);
        prop_assert_eq!(abroad.items.len(), home.items.len());
        for (abroad, home) in abroad.items.iter_mut().zip(&home.items) {
            prop_assert_eq!(abroad.remind_at.is_some(), home.remind_at.is_some());
            abroad.remind_at = home.remind_at;
            abroad.flags.remove("schedule_send");
            abroad.flags.extend(home.flags.get("schedule_send").cloned());
        }
        abroad.next_change_at = home.next_change_at;
        prop_assert_eq!(home, abroad);
    }

    #[test]
    fn the_same_story_a_year_later_is_advised_alike(case in case_without_a_date()) {
        let home = home(&case.snapshot);
        let now = plan_at(&case.snapshot, case.now);
        let later = read(moved(&case.snapshot, YEAR));
        let later = plan_at(&later, case.now + YEAR);
        prop_assert_eq!(advice(&now, &home, YEAR), advice(&later, &home, TimeDelta::zero()));
        prop_assert_eq!((now.ball, now.headline.rule), (later.ball, later.headline.rule));
    }
}
