//! The public examples that decide what the rules mean: every case of `golden/phrases.json` and
//! `golden/planner.json` must come out exactly as written there.

#![allow(clippy::expect_used, reason = "a test may stop at what cannot be")]

#[path = "golden/given.rs"]
mod given;
#[path = "golden/phrases.rs"]
mod phrases;
#[path = "golden/planner.rs"]
mod planner;
#[path = "golden/world.rs"]
mod world;

/// Cases of `planner.json` whose rules are still to come. A listed case that passes fails the
/// test, so that the list can only shrink.
const NOT_BUILT_YET: &[&str] = &[];

#[test]
fn every_phrase_is_read_as_the_golden_file_says() {
    let cases: Vec<phrases::Case> = world::read("phrases.json");
    assert!(!cases.is_empty());
    let differing: Vec<String> = cases.iter().filter_map(phrases::difference).collect();
    assert!(
        differing.is_empty(),
        "{} of {} phrases differ:\n{}",
        differing.len(),
        cases.len(),
        differing.join("\n")
    );
}

#[test]
fn every_plan_is_what_the_golden_file_says() {
    let cases: Vec<planner::Case> = world::read("planner.json");
    assert!(!cases.is_empty());
    let mut differing = Vec::new();
    for case in &cases {
        let difference = planner::difference(case);
        match (NOT_BUILT_YET.contains(&case.id.as_str()), difference) {
            (true, Some(_)) => println!("{} {}: not built yet", case.id, case.title),
            (true, None) => differing.push(format!(
                "{} passes: remove it from the list of cases not built yet",
                case.id
            )),
            (false, Some(difference)) => differing.push(difference),
            (false, None) => {}
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {} plans differ:\n{}",
        differing.len(),
        cases.len(),
        differing.join("\n")
    );
}
