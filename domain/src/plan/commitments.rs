//! What the candidate owes them: by when to deliver it.

use super::draft::{Draft, Drafts, EMPLOYER, Times};
use super::facts::Facts;
use super::item::ItemKind;
use super::reason::Reason;
use super::{say, thank_you};
use crate::calendar::shift;
use crate::clock::{CivilDate, CivilTime};
use crate::entities::Commitment;
use crate::entities::commitment::CommitmentKind;

/// C1 to C7 for every open duty. After a no nothing is owed any more.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    if facts.is_rejected() {
        return;
    }
    drafts.extend(facts.duties.iter().map(|duty| {
        let draft = match duty.due {
            Some(due) => with_due_date(facts, duty, due),
            None if is_third_party(duty) => third_party(facts, duty),
            None => with_thanks(facts, duty),
        };
        Draft { interview_id: duty.interview_id.clone(), ..draft }.flagged(duty.kind.as_str())
    }));
}

/// C1, C2, C7: the working day before a due date, which for one's own duties rolls back.
fn with_due_date(facts: &Facts<'_>, duty: &Commitment, due: CivilDate) -> Draft {
    let (office, policy) = (&facts.office, facts.policy);
    let rolled = office.roll_back(due);
    let soonest = shift(duty.spoken_at, policy.deliver_after);
    let latest = office.at_hour(rolled, policy.due_time);
    let best = office.at_hour(facts.add(rolled, -1), policy.follow_up_time);
    let overdue_at_once = latest <= soonest;
    let times = if overdue_at_once {
        let end_of_day = CivilTime::from_hms_opt(23, 59, 0).unwrap_or(policy.due_time);
        let at_least = shift(duty.spoken_at, policy.deliver_at_least);
        Times {
            earliest: duty.spoken_at,
            ideal: soonest,
            latest: office.at(due, end_of_day).max(at_least),
        }
    } else {
        let ideal = best.max(office.next_send(soonest).min(latest));
        Times { earliest: duty.spoken_at, ideal, latest }
    };
    let mut draft = deliver(duty, times).because(Reason::new("C1").with("due", say::day(due)));
    if rolled != due {
        let reason = Reason::new("C2-ROLL-BACK");
        draft = draft.because(reason.with("due", say::day(due)).with("rolled", say::day(rolled)));
    }
    if overdue_at_once {
        draft = draft.because(Reason::new("C7-DUE-NOW"));
        draft.any_hour = facts.now <= times.latest;
    }
    draft
}

/// C4: somebody else must write it.
fn third_party(facts: &Facts<'_>, duty: &Commitment) -> Draft {
    let (office, policy, day) = (&facts.office, facts.policy, facts.day(duty.spoken_at));
    let times = Times {
        earliest: duty.spoken_at,
        ideal: office.at_hour(facts.add(day, policy.third_party.ideal_bd), policy.follow_up_time),
        latest: office.closing(facts.add(day, policy.third_party.latest_bd)),
    };
    let allowed = say::business_days(policy.third_party.ideal_bd);
    let reason = Reason::new("C4-THIRD-PARTY").with("ideal", allowed);
    deliver(duty, times).because(reason).flagged("ask_referee_today")
}

/// C5: no date was set.
fn with_thanks(facts: &Facts<'_>, duty: &Commitment) -> Draft {
    let times = Times {
        earliest: duty.spoken_at,
        ideal: thank_you::window(facts, duty.spoken_at).times.ideal,
        latest: facts.office.closing(facts.add(facts.day(duty.spoken_at), 1)),
    };
    deliver(duty, times).because(Reason::new("C5-WITH-THANKS")).flagged("bundle_with_thanks")
}

fn deliver(duty: &Commitment, times: Times) -> Draft {
    let draft = Draft::new(ItemKind::Fulfil, &duty.id, EMPLOYER, times);
    Draft { title: duty.title.clone(), ..draft }
}

fn is_third_party(duty: &Commitment) -> bool {
    duty.third_party || duty.kind == CommitmentKind::RecommendationLetter
}
