//! Who has seen an edit beats it, whatever the clocks say.

use crate::bench::{Bench, NOW_MS};
use crate::config;
use crate::values::{Edit, edits};
use afterview_domain::entities::Collection;
use afterview_tests::simulation::START_MS;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The range of an ECMAScript date, which is that of a device's clock.
const CLOCK_RANGE: i64 = 8_640_000_000_000_000;

const TWO_YEARS_MS: i64 = 2 * 365 * 86_400_000;

/// A time that a clock may show: about right, two years off, or at the end of all time.
fn clock() -> impl Strategy<Value = i64> {
    prop_oneof![
        START_MS - 1_000..NOW_MS + 1_000,
        NOW_MS - TWO_YEARS_MS..NOW_MS + TWO_YEARS_MS,
        Just(CLOCK_RANGE),
        Just(-CLOCK_RANGE),
        -CLOCK_RANGE..CLOCK_RANGE,
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_edit_that_has_seen_another_wins_whatever_the_clocks_say(
        (c, edits) in edits(2),
        clocks in prop::array::uniform4(clock()),
    ) {
        let run = |clocks: Option<[i64; 4]>| {
            let mut bench = Bench::new();
            let id = bench.record(c).id.clone();
            let mut said = Vec::new();
            for (n, device) in ["phone", "tablet"].iter().enumerate() {
                let [at, shows] = clocks.map_or([NOW_MS; 2], |all| [all[2 * n], all[2 * n + 1]]);
                let mut mutation = edits[n].mutation();
                for (name, value) in [("mid", json!(*device)), ("c", json!(c.as_str())),
                    ("id", json!(id)), ("base", json!(bench.rev(c))), ("at", json!(at))] {
                    mutation[name] = value;
                }
                said.push(bench.request(device, &mutation, shows, NOW_MS));
            }
            (bench, said)
        };
        // An offer that is settled and an interview that was held stay so for those who know.
        let (right, said) = run(None);
        let (wrong, also) = run(Some(clocks));
        for (said, also) in said.iter().zip(&also) {
            prop_assert_eq!(&said["status"], &also["status"]);
        }
        prop_assert_eq!(right.content(c), wrong.content(c));
        if said[1]["status"] == "applied" {
            prop_assert_eq!(wrong.conflicts().count(), 0);
            let content = wrong.content(c);
            for (name, value) in edits[1].part("set") {
                let held = content.get(&name).cloned().unwrap_or_default();
                let whole = name == "office" || name == "artifact";
                prop_assert!(whole || held == value, "{name}: {held} in place of {value}");
            }
        }
    }

    #[test]
    fn of_two_edits_that_have_not_seen_each_other_the_later_one_wins(
        ages_min in [0..55i64, 0..55i64], arrival in any::<bool>(),
    ) {
        prop_assume!(ages_min[0] != ages_min[1]);
        let c = Collection::Opportunities;
        let mut bench = Bench::new();
        let base = bench.rev(c);
        let roles = ["v1", "v2"];
        for n in if arrival { [0, 1] } else { [1, 0] } {
            let edit = Edit::of("role", json!({"set": {"role": roles[n]}}), ages_min[n]);
            bench.edit(roles[n], c, base, &edit);
        }
        let later = usize::from(ages_min[1] < ages_min[0]);
        prop_assert_eq!(&bench.content(c)["role"], roles[later]);
        let lost: Vec<&Value> = bench.conflicts().map(|doc| &doc["lost"]["role"]).collect();
        prop_assert_eq!(lost, [roles[1 - later]]);
    }

    #[test]
    fn an_edit_took_effect_between_what_it_saw_and_now(
        at in clock(),
        shows in clock(),
        base in prop_oneof![Just(None), (0..3 * NOW_MS).prop_map(Some), (0..CLOCK_RANGE).prop_map(Some)],
    ) {
        let mut bench = Bench::new();
        let mut send = |op: &str, base, (at, shows), now_ms| {
            let mutation = json!({
                "mid": op, "c": "supplements", "id": "y", "op": op, "base": base, "at": at,
                "set": {"title": op},
            });
            bench.request("phone", &mutation, shows, now_ms)
        };
        // Nobody else has a say in it.
        send("create", None, (START_MS, START_MS), START_MS);
        let said = send("patch", base, (at, shows), NOW_MS);
        prop_assert_eq!(&said["status"], "applied");
        let effective = bench.effective("y", "title");
        let by_the_clock = i128::from(NOW_MS) - (i128::from(shows) - i128::from(at));
        let earliest = i128::from(base.unwrap_or(0));
        prop_assert_eq!(i128::from(effective), by_the_clock.max(earliest).min(i128::from(NOW_MS)));
    }
}
