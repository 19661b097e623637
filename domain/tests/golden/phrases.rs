//! The cases of `phrases.json`: words heard, and how they are read.

use crate::world::GoldenOffice;
use afterview_domain::clock::{CivilDate, Instant};
use afterview_domain::promise::{Reading, parse};
use serde::Deserialize;

/// One phrase with its reading.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    office: GoldenOffice,
    text: String,
    spoken_at: Instant,
    expected: Expected,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    kind: String,
    frm: Option<CivilDate>,
    by: Option<CivilDate>,
    by_time: Option<String>,
    hedged: bool,
    ambiguous: bool,
    alt: Option<CivilDate>,
    rule: String,
}

impl From<Reading> for Expected {
    fn from(reading: Reading) -> Self {
        Self {
            kind: reading.kind.as_str().to_owned(),
            frm: reading.from,
            by: reading.by,
            by_time: reading.by_time.map(|time| time.format("%H:%M").to_string()),
            hedged: reading.hedged,
            ambiguous: reading.ambiguous,
            alt: reading.alternative,
            rule: reading.rule.into_owned(),
        }
    }
}

/// How the reading of `case` differs from the golden one, if it does.
pub(crate) fn difference(case: &Case) -> Option<String> {
    let found = Expected::from(parse(&case.office.business_office(), &case.text, case.spoken_at));
    (found != case.expected).then(|| {
        format!(
            "{:?} said at {}\n  expected {:?}\n  found    {found:?}",
            case.text, case.spoken_at, case.expected
        )
    })
}
