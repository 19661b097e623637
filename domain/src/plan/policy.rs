//! The numbers of the advice, each under its name and with its unit.
//!
//! Rules read them from here, so that a policy can be changed, tried and versioned as a whole.
//! Only what makes a rule what it is, such as the quarter of an hour after which a missing
//! interviewer may be asked after, stands as a constant beside that rule.

use crate::clock::CivilTime;
use chrono::TimeDelta;
use std::sync::LazyLock;

/// When a window opens, is best and closes, in business days after the day that it is counted
/// from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offsets {
    /// Business days until the first tactful day.
    pub earliest_bd: i32,
    /// Business days until the best day.
    pub ideal_bd: i32,
    /// Business days until the last day on which it is still timely.
    pub latest_bd: i32,
}

impl Offsets {
    const fn new(earliest_bd: i32, ideal_bd: i32, latest_bd: i32) -> Self {
        Self { earliest_bd, ideal_bd, latest_bd }
    }

    /// The same window, `slack_bd` business days later.
    #[must_use]
    pub const fn later_by(self, slack_bd: i32) -> Self {
        Self {
            earliest_bd: self.earliest_bd + slack_bd,
            ideal_bd: self.ideal_bd + slack_bd,
            latest_bd: self.latest_bd + slack_bd,
        }
    }
}

/// How often and how soon one may ask on one way of contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    /// After the last promised day.
    pub promise: Offsets,
    /// After the last event when nothing was promised.
    pub open: Offsets,
    /// After the first, second, … unanswered message; the last row holds for all further ones.
    pub gaps: Vec<Offsets>,
    /// After how many unanswered messages it is time to let go.
    pub max_unanswered: usize,
    /// Fewest business days between two messages of any kind.
    pub spacing_bd: i32,
}

/// Every number of the advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The version that plans are labelled with.
    pub version: &'static str,
    /// Best time of day for follow-ups, office time.
    pub follow_up_time: CivilTime,
    /// Best time of day for thanks on the next morning, office time.
    pub morning_time: CivilTime,
    /// From the end of the interview to the first tactful moment for thanks.
    pub thank_after: TimeDelta,
    /// From the end of the interview to the best moment for thanks.
    pub thank_ideal_after: TimeDelta,
    /// From the end of the interview to the moment from which thanks are late, at least.
    pub thank_latest_after: TimeDelta,
    /// Business days after which thanks are no longer sent on their own.
    pub thank_expires_bd: i32,
    /// Until when a letter written must be in the post to go out that day, office time.
    pub post_cutoff_time: CivilTime,
    /// Best time of day to post a letter, office time.
    pub post_time: CivilTime,
    /// Business days that a letter travels.
    pub post_transit_bd: i32,
    /// Business days within which a letter must arrive when nothing was promised.
    pub post_arrival_bd: i32,
    /// Direct contact with the employer.
    pub direct: Cadence,
    /// Contact through an agency.
    pub agency: Cadence,
    /// Business days added for a promise made with a "hopefully".
    pub hedge_slack_bd: i32,
    /// Business days from `latest` until a first follow-up becomes a single last one.
    pub stale_first_bd: i32,
    /// Business days from `latest` until a further follow-up is no longer worth it.
    pub stale_next_bd: i32,
    /// Closing for oneself after the last unanswered message.
    pub close_out: Offsets,
    /// After the return of an absent person.
    pub after_return: Offsets,
    /// Business days left to an ideal day that has overtaken the latest one.
    pub overtaken_bd: i32,
    /// From a promise of one's own to the first tactful moment to deliver.
    pub deliver_after: TimeDelta,
    /// Time left at least for something due at once.
    pub deliver_at_least: TimeDelta,
    /// Time of day by which something due must be there, office time.
    pub due_time: CivilTime,
    /// Delivering what a third person must write.
    pub third_party: Offsets,
}

impl Policy {
    /// The policy in force, made once.
    #[must_use]
    pub fn current() -> &'static Self {
        static CURRENT: LazyLock<Policy> = LazyLock::new(Policy::default);
        &CURRENT
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: "1",
            follow_up_time: hour(10),
            morning_time: hour(9),
            thank_after: TimeDelta::minutes(60),
            thank_ideal_after: TimeDelta::minutes(180),
            thank_latest_after: TimeDelta::hours(24),
            thank_expires_bd: 5,
            post_cutoff_time: hour(17),
            post_time: hour(16),
            post_transit_bd: 3,
            post_arrival_bd: 5,
            direct: Cadence {
                promise: Offsets::new(1, 2, 5),
                open: Offsets::new(5, 7, 10),
                gaps: vec![Offsets::new(5, 7, 10), Offsets::new(10, 12, 15)],
                max_unanswered: 2,
                spacing_bd: 3,
            },
            agency: Cadence {
                promise: Offsets::new(1, 1, 3),
                open: Offsets::new(2, 3, 5),
                gaps: vec![Offsets::new(3, 4, 6), Offsets::new(5, 6, 8)],
                max_unanswered: 3,
                spacing_bd: 1,
            },
            hedge_slack_bd: 1,
            stale_first_bd: 20,
            stale_next_bd: 10,
            close_out: Offsets::new(10, 10, 20),
            after_return: Offsets::new(1, 2, 5),
            overtaken_bd: 3,
            deliver_after: TimeDelta::minutes(60),
            deliver_at_least: TimeDelta::hours(4),
            due_time: hour(17),
            third_party: Offsets::new(0, 3, 5),
        }
    }
}

/// The full hour `hour` of a day; midnight for a number that is none.
fn hour(hour: u32) -> CivilTime {
    CivilTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}
