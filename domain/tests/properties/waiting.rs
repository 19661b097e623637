//! What the passing of time alone changes.

use crate::given::{case, pause, quiet_time};
use crate::world::plan_at;
use crate::{asking, config, has_rule, progress};
use afterview_domain::plan::{ItemChannel, ItemKind, Verdict};
use chrono::Timelike;
use proptest::prelude::*;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn verdicts_only_move_forward(case in case(), pause in pause()) {
        let pause = quiet_time(&case.snapshot, case.now, pause);
        let now = plan_at(&case.snapshot, case.now);
        let later = plan_at(&case.snapshot, case.now + pause);
        for item in &now.items {
            let Some(later) = later.items.iter().find(|later| later.key == item.key) else {
                continue;
            };
            if let (Some(before), Some(after)) = (progress(item.verdict), progress(later.verdict)) {
                prop_assert!(before <= after, "{} went back", item.key);
            }
        }
        if let (Some(now), Some(later)) = (asking(&now), asking(&later))
            && let (Some(before), Some(after)) = (progress(now.verdict), progress(later.verdict))
        {
            prop_assert!(before <= after, "from {} back to {}", now.key, later.key);
        }
    }

    #[test]
    fn what_is_blocked_is_never_pushed(case in case()) {
        for item in plan_at(&case.snapshot, case.now).items {
            if item.verdict == Verdict::Blocked {
                prop_assert_eq!((item.do_at, item.remind_at), (None, None));
            }
        }
    }

    // What is late is not asked about. Two kinds are not timed by tact: what the candidate planned by
    // hand, and what was due at once when it was promised (C7), an hour later at any hour. A letter goes
    // out when the post does. And an office that closes before ten has no good hour on the first day of
    // the week.
    #[test]
    fn waiting_for_the_advised_moment_is_never_less_tactful(case in case()) {
        if case.snapshot.opportunity.office.send_close.hour() < 10 {
            return Ok(());
        }
        for item in plan_at(&case.snapshot, case.now).items {
            let stays_timely = item.do_at.is_some_and(|do_at| do_at <= item.latest);
            let timed_by_tact = item.kind != ItemKind::Custom
                && item.channel != ItemChannel::Handwritten
                && !has_rule(&item, "C7-DUE-NOW");
            if !stays_timely || !timed_by_tact {
                continue;
            }
            if let (Some(then), Some(now)) = (item.tact_at_do, item.tact_now) {
                prop_assert!(then >= now, "{}: {now} now, {then} then", item.key);
            }
        }
    }
}
