//! What the candidate does and what they answer: how deeds change the advice.

use crate::given::{base, case, fact, home, pause, tells_apart};
use crate::world::{plan_at, promised, record_of, reply};
use crate::{asking, config, has_rule, is_asking};
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{Expectation, FollowUp};
use afterview_domain::plan::{ItemKind, Snapshot, Verdict};
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::select;

/// Answers of a person that decide nothing.
const ANSWERS: &[ReplyKind] = &[
    ReplyKind::ReplyInfo,
    ReplyKind::NewDate,
    ReplyKind::Request,
    ReplyKind::NextRound,
    ReplyKind::OnHold,
    ReplyKind::DoNotContact,
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn doing_what_is_advised_settles_it(case in case(), pause in pause()) {
        for item in plan_at(&case.snapshot, case.now).items {
            let Some(do_at) = item.do_at else { continue };
            let Some(record) = record_of(&item, do_at) else { continue };
            let mut done = case.snapshot.clone();
            let same = |known: &FollowUp| known.action_key == record.action_key;
            // What is recorded ahead of time has not happened yet, but has the key.
            let ahead = |known: &FollowUp| known.sent_at.is_some_and(|at| at > case.now);
            if done.follow_ups.iter().any(|known| same(known) && ahead(known)) {
                continue;
            }
            done.follow_ups.retain(|known| !same(known));
            done.follow_ups.push(record);
            let action_key = item.action_key();
            for at in [do_at, do_at + pause] {
                let after = plan_at(&done, at);
                prop_assert!(after.items.iter().all(|other| other.action_key() != action_key));
                prop_assert!(after.items.iter().filter(|item| is_asking(item)).count() <= 1);
            }
            if item.kind == ItemKind::FollowUp {
                let after = plan_at(&done, do_at);
                let next = asking(&after).map(|next| next.verdict);
                let waits = matches!(next, None | Some(Verdict::TooSoon | Verdict::Blocked));
                prop_assert!(waits, "at once again: {next:?}");
            }
        }
    }

    #[test]
    fn an_answer_never_raises_the_count_of_unanswered_messages(
        case in case(), kind in select(ANSWERS), at in fact()
    ) {
        let count = |answer: Option<ReplyKind>| {
            let mut snapshot = case.snapshot.clone();
            let answered_at = (case.base + (at - base())).min(case.now);
            snapshot.replies.extend(answer.map(|kind| reply("answer", answered_at, kind)));
            asking(&plan_at(&snapshot, case.now)).and_then(|item| item.n)
        };
        let before = count(None);
        if let (Some(before), Some(after)) = (before, count(Some(kind))) {
            prop_assert!(after <= before);
        }
        prop_assert_eq!(count(Some(ReplyKind::OutOfOffice)), before);
    }

    // The last day is compared only where no spacing (M2) is involved: a best day that spacing has
    // moved is given three more days, which may be more than the later promise leaves.
    #[test]
    fn an_earlier_promise_never_makes_the_follow_up_later(
        case in case(), (at, by, earlier) in (fact(), 0_i64..30, 0_i64..10), hedged in any::<bool>()
    ) {
        let spoken_at = case.base + (at - base());
        let early = home(&case.snapshot).date_of(spoken_at) + TimeDelta::days(by);
        let late = early + TimeDelta::days(earlier);
        if tells_apart(&case.snapshot, early, late) {
            return Ok(());
        }
        let promised_by = |day| {
            let promise = Expectation { hedged, ..promised("e", spoken_at, day) };
            let snapshot = Snapshot { expectations: vec![promise], ..case.snapshot.clone() };
            plan_at(&snapshot, case.now)
        };
        let (early, late) = (promised_by(early), promised_by(late));
        if let (Some(early), Some(late)) = (asking(&early), asking(&late))
            && early.kind == late.kind
        {
            prop_assert!(early.earliest <= late.earliest && early.ideal <= late.ideal);
            let spaced = has_rule(early, "M2-SPACING") || has_rule(late, "M2-SPACING");
            prop_assert!(early.latest <= late.latest || spaced);
        }
    }
}
