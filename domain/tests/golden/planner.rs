//! The cases of `planner.json`: facts, a moment, and the plan that follows.

use crate::given::Given;
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::plan::{Item, plan};
use serde::Deserialize;

/// One plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) title: String,
    given: Given,
    now: Instant,
    expected: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    kind: String,
    key: String,
    to: String,
    channel: String,
    verdict: String,
    earliest: Instant,
    ideal: Instant,
    latest: Instant,
    expires: Option<Instant>,
    do_at: Option<Instant>,
    remind_at: Option<Instant>,
    tact_now: Option<u8>,
    tact_ideal: Option<u8>,
    rules: Vec<String>,
    flags: Vec<String>,
}

/// How the plan of `case` differs from the golden one, if it does: one line per differing field.
pub(crate) fn difference(case: &Case) -> Option<String> {
    let (snapshot, policy) = case.given.world();
    let found: Vec<_> = plan(&snapshot, &policy, case.now).items.iter().map(lines).collect();
    let expected: Vec<_> = case.expected.iter().map(expected_lines).collect();
    let mut differences = Vec::new();
    for at in 0..found.len().max(expected.len()) {
        match (expected.get(at), found.get(at)) {
            (Some(expected), Some(found)) => {
                let pairs =
                    expected.iter().zip(found).filter(|(expected, found)| expected != found);
                differences.extend(pairs.map(|(expected, found)| {
                    format!("  item {at} {}: expected {}, found {}", found.0, expected.1, found.1)
                }));
            }
            (Some(missing), None) => differences.push(format!("  item {at} missing: {missing:?}")),
            (None, Some(extra)) => differences.push(format!("  item {at} too many: {extra:?}")),
            (None, None) => {}
        }
    }
    let heading = format!("{} {} (now {})", case.id, case.title, format_instant(case.now));
    (!differences.is_empty()).then(|| format!("{heading}\n{}", differences.join("\n")))
}

type Line = (&'static str, String);

fn lines(item: &Item) -> Vec<Line> {
    let rules: Vec<_> = item.reasons.iter().map(|reason| reason.rule).collect();
    let flags: Vec<_> = item.flags.iter().collect();
    vec![
        ("key", item.key.clone()),
        ("kind", item.kind.as_str().to_owned()),
        ("to", item.to.clone()),
        ("channel", item.channel.as_str().to_owned()),
        ("verdict", item.verdict.as_str().to_owned()),
        ("earliest", format_instant(item.earliest)),
        ("ideal", format_instant(item.ideal)),
        ("latest", format_instant(item.latest)),
        ("expires", format!("{:?}", item.expires.map(format_instant))),
        ("do_at", format!("{:?}", item.do_at.map(format_instant))),
        ("remind_at", format!("{:?}", item.remind_at.map(format_instant))),
        ("tact_now", format!("{:?}", item.tact_now)),
        ("tact_ideal", format!("{:?}", item.tact_at_do)),
        ("rules", format!("{rules:?}")),
        ("flags", format!("{flags:?}")),
    ]
}

fn expected_lines(item: &Expected) -> Vec<Line> {
    vec![
        ("key", item.key.clone()),
        ("kind", item.kind.clone()),
        ("to", item.to.clone()),
        ("channel", item.channel.clone()),
        ("verdict", item.verdict.clone()),
        ("earliest", format_instant(item.earliest)),
        ("ideal", format_instant(item.ideal)),
        ("latest", format_instant(item.latest)),
        ("expires", format!("{:?}", item.expires.map(format_instant))),
        ("do_at", format!("{:?}", item.do_at.map(format_instant))),
        ("remind_at", format!("{:?}", item.remind_at.map(format_instant))),
        ("tact_now", format!("{:?}", item.tact_now)),
        ("tact_ideal", format!("{:?}", item.tact_ideal)),
        ("rules", format!("{:?}", item.rules)),
        ("flags", format!("{:?}", item.flags)),
    ]
}
