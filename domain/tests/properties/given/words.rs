//! Words heard, and how they become dates.

use afterview_domain::calendar::BusinessOffice;
use afterview_domain::entities::Expectation;
use afterview_domain::entities::expectation::ExpectationKind;
use afterview_domain::plan::Snapshot;
use afterview_domain::promise::{ReadingKind, parse};
use proptest::prelude::*;
use proptest::sample::select;

/// Words that count days or name weekdays, and words without a date.
const DATELESS: &[&str] = &[
    "by the end of the week",
    "end of next week",
    "early next week",
    "later this week",
    "next week",
    "by Friday",
    "hopefully by Thursday",
    "next Tuesday",
    "Tuesday week",
    "this Monday",
    "tomorrow by 3pm",
    "close of business",
    "a couple of days",
    "a few days",
    "several days",
    "a week or two",
    "one to two weeks",
    "2-3 business days",
    "within ten business days",
    "within 48 hours",
    "a couple of weeks",
    "probably in about a week",
    "ten business days",
    "two weeks",
    "soon",
    "we'll be in touch",
    "when the stars align",
    "",
];

/// Words that name a date or a part of a month.
const DATED: &[&str] = &[
    "by the 15th",
    "after the 15th",
    "the 31st",
    "March 3",
    "3 November",
    "2026-11-02",
    "end of the month",
    "mid to late April",
    "early October",
    "end of the quarter",
    "after the holidays",
    "a month",
];

/// Any words.
pub(super) fn phrase() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => select(DATELESS), 1 => select(DATED)]
}

/// Puts "in two weeks" in the place of words that name a date.
pub(super) fn forget_dates(snapshot: &mut Snapshot) {
    let expectations = snapshot.expectations.iter_mut().map(|expectation| &mut expectation.text);
    let replies = snapshot.replies.iter_mut().map(|reply| &mut reply.text);
    for text in expectations.chain(replies).filter(|text| DATED.contains(&text.as_str())) {
        "in two weeks".clone_into(text);
    }
}

/// Reads the words of `expectation` unless its dates are confirmed, as is done before it is stored.
pub(super) fn read(expectation: &mut Expectation, office: &BusinessOffice) {
    if expectation.kind == ExpectationKind::Confirmed {
        return;
    }
    let reading = parse(office, &expectation.text, expectation.spoken_at);
    expectation.kind = match reading.kind {
        ReadingKind::Exact => ExpectationKind::Exact,
        ReadingKind::Window => ExpectationKind::Window,
        ReadingKind::Vague => ExpectationKind::Vague,
        ReadingKind::Unparsed => ExpectationKind::Unparsed,
    };
    expectation.from = reading.from;
    expectation.by = reading.by;
    expectation.by_time = reading.by_time;
    expectation.hedged = reading.hedged;
    expectation.ambiguous = reading.ambiguous;
    expectation.alternative = reading.alternative;
}
