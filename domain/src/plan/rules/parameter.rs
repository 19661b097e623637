//! The numbers that rules read from the policy, so that whoever reads about a rule sees those in
//! force.
//!
//! **Must never** repeat a number: each is read from the [`Policy`].

use crate::clock::CivilTime;
use crate::plan::policy::{Offsets, Policy};
use chrono::TimeDelta;

/// A number of the policy that a rule reads.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Where it stands in the policy, such as `direct.promise.ideal`.
    pub name: &'static str,
    read: Read,
}

/// How to read it.
#[derive(Debug, Clone, Copy)]
enum Read {
    BusinessDays(fn(&Policy) -> i32),
    /// After the first, second, … unanswered message.
    GrowingDays(fn(&Policy) -> Vec<i32>),
    Messages(fn(&Policy) -> usize),
    Time(fn(&Policy) -> CivilTime),
    Minutes(fn(&Policy) -> TimeDelta),
}

impl Parameter {
    /// Its value in `policy`, ready to be read by people: `2`, `5, 10` or `10:00`.
    #[must_use]
    pub fn value(&self, policy: &Policy) -> String {
        match self.read {
            Read::BusinessDays(read) => read(policy).to_string(),
            Read::GrowingDays(read) => {
                let days: Vec<String> = read(policy).iter().map(ToString::to_string).collect();
                days.join(", ")
            }
            Read::Messages(read) => read(policy).to_string(),
            Read::Time(read) => read(policy).format("%H:%M").to_string(),
            Read::Minutes(read) => read(policy).num_minutes().to_string(),
        }
    }

    /// What the value counts: `business_days`, `messages`, `time_of_day` (of the office) or
    /// `minutes`.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self.read {
            Read::BusinessDays(_) | Read::GrowingDays(_) => "business_days",
            Read::Messages(_) => "messages",
            Read::Time(_) => "time_of_day",
            Read::Minutes(_) => "minutes",
        }
    }
}

const fn days(name: &'static str, read: fn(&Policy) -> i32) -> Parameter {
    Parameter { name, read: Read::BusinessDays(read) }
}

const fn growing(name: &'static str, read: fn(&Policy) -> Vec<i32>) -> Parameter {
    Parameter { name, read: Read::GrowingDays(read) }
}

const fn messages(name: &'static str, read: fn(&Policy) -> usize) -> Parameter {
    Parameter { name, read: Read::Messages(read) }
}

const fn time(name: &'static str, read: fn(&Policy) -> CivilTime) -> Parameter {
    Parameter { name, read: Read::Time(read) }
}

const fn minutes(name: &'static str, read: fn(&Policy) -> TimeDelta) -> Parameter {
    Parameter { name, read: Read::Minutes(read) }
}

/// One number of each row.
fn each(rows: &[Offsets], number: fn(&Offsets) -> i32) -> Vec<i32> {
    rows.iter().map(number).collect()
}

/// The best hour for a follow-up.
pub(super) const FOLLOW_UP_TIME: &[Parameter] = &[time("follow_up_time", |p| p.follow_up_time)];

/// The best hour for thanks on the next morning.
pub(super) const MORNING_TIME: &[Parameter] = &[time("morning_time", |p| p.morning_time)];

/// From the end of an interview to the first tactful moment for thanks.
pub(super) const THANK_AFTER: &[Parameter] = &[minutes("thank_after", |p| p.thank_after)];

/// From the end of an interview to the best moment for thanks.
pub(super) const THANK_IDEAL: &[Parameter] =
    &[minutes("thank_ideal_after", |p| p.thank_ideal_after)];

/// From when thanks are late.
pub(super) const THANK_LATEST: &[Parameter] =
    &[minutes("thank_latest_after", |p| p.thank_latest_after)];

/// Until when thanks are sent on their own.
pub(super) const THANK_EXPIRES: &[Parameter] = &[days("thank_expires", |p| p.thank_expires_bd)];

/// How a letter travels.
pub(super) const POST: &[Parameter] = &[
    time("post_cutoff_time", |p| p.post_cutoff_time),
    time("post_time", |p| p.post_time),
    days("post_transit", |p| p.post_transit_bd),
    days("post_arrival", |p| p.post_arrival_bd),
];

/// After the last promised day.
pub(super) const PROMISE: &[Parameter] = &[
    days("direct.promise.earliest", |p| p.direct.promise.earliest_bd),
    days("direct.promise.ideal", |p| p.direct.promise.ideal_bd),
    days("direct.promise.latest", |p| p.direct.promise.latest_bd),
    days("agency.promise.earliest", |p| p.agency.promise.earliest_bd),
    days("agency.promise.ideal", |p| p.agency.promise.ideal_bd),
    days("agency.promise.latest", |p| p.agency.promise.latest_bd),
];

/// After the last event when nothing was promised.
pub(super) const OPEN: &[Parameter] = &[
    days("direct.open.earliest", |p| p.direct.open.earliest_bd),
    days("direct.open.ideal", |p| p.direct.open.ideal_bd),
    days("direct.open.latest", |p| p.direct.open.latest_bd),
    days("agency.open.earliest", |p| p.agency.open.earliest_bd),
    days("agency.open.ideal", |p| p.agency.open.ideal_bd),
    days("agency.open.latest", |p| p.agency.open.latest_bd),
];

/// After the first, second, … unanswered message.
pub(super) const GAPS: &[Parameter] = &[
    growing("direct.gaps.earliest", |p| each(&p.direct.gaps, |row| row.earliest_bd)),
    growing("direct.gaps.ideal", |p| each(&p.direct.gaps, |row| row.ideal_bd)),
    growing("direct.gaps.latest", |p| each(&p.direct.gaps, |row| row.latest_bd)),
    growing("agency.gaps.earliest", |p| each(&p.agency.gaps, |row| row.earliest_bd)),
    growing("agency.gaps.ideal", |p| each(&p.agency.gaps, |row| row.ideal_bd)),
    growing("agency.gaps.latest", |p| each(&p.agency.gaps, |row| row.latest_bd)),
];

/// After how many unanswered messages it is time to let go.
pub(super) const MAX_UNANSWERED: &[Parameter] = &[
    messages("direct.max_unanswered", |p| p.direct.max_unanswered),
    messages("agency.max_unanswered", |p| p.agency.max_unanswered),
];

/// Between any two messages.
pub(super) const SPACING: &[Parameter] = &[
    days("direct.spacing", |p| p.direct.spacing_bd),
    days("agency.spacing", |p| p.agency.spacing_bd),
];

/// Patience for a promise made with a "hopefully".
pub(super) const HEDGE_SLACK: &[Parameter] = &[days("hedge_slack", |p| p.hedge_slack_bd)];

/// Until when a first follow-up may be a usual one.
pub(super) const STALE_FIRST: &[Parameter] = &[days("stale_first", |p| p.stale_first_bd)];

/// Until when a further follow-up is worth it.
pub(super) const STALE_NEXT: &[Parameter] = &[days("stale_next", |p| p.stale_next_bd)];

/// Closing for oneself after the last unanswered message.
pub(super) const CLOSE_OUT: &[Parameter] = &[
    days("close_out.earliest", |p| p.close_out.earliest_bd),
    days("close_out.ideal", |p| p.close_out.ideal_bd),
    days("close_out.latest", |p| p.close_out.latest_bd),
];

/// After somebody's return.
pub(super) const AFTER_RETURN: &[Parameter] = &[
    days("after_return.earliest", |p| p.after_return.earliest_bd),
    days("after_return.ideal", |p| p.after_return.ideal_bd),
    days("after_return.latest", |p| p.after_return.latest_bd),
];

/// What is left to an ideal day that has overtaken the latest one.
pub(super) const OVERTAKEN: &[Parameter] = &[days("overtaken", |p| p.overtaken_bd)];

/// From a promise of one's own to the first tactful moment to deliver.
pub(super) const DELIVER_AFTER: &[Parameter] = &[minutes("deliver_after", |p| p.deliver_after)];

/// Time left at least for something due at once.
pub(super) const DELIVER_AT_LEAST: &[Parameter] =
    &[minutes("deliver_at_least", |p| p.deliver_at_least)];

/// By when something due must be there.
pub(super) const DUE_TIME: &[Parameter] = &[time("due_time", |p| p.due_time)];

/// What a third person must write.
pub(super) const THIRD_PARTY: &[Parameter] = &[
    days("third_party.ideal", |p| p.third_party.ideal_bd),
    days("third_party.latest", |p| p.third_party.latest_bd),
];
