//! The same story at another time.

use afterview_domain::clock::{CivilDate, Instant};
use afterview_domain::plan::Snapshot;
use chrono::TimeDelta;

/// The story of `snapshot`, `by` whole days later.
pub(crate) fn moved(snapshot: &Snapshot, by: TimeDelta) -> Snapshot {
    let mut story = snapshot.clone();
    instants(&mut story).for_each(|at| *at += by);
    dates(&mut story).for_each(|date| *date += by);
    story
}

fn instants(story: &mut Snapshot) -> impl Iterator<Item = &mut Instant> {
    let interviews = story.interviews.iter_mut().flat_map(|interview| {
        let planned = [&mut interview.starts_at, &mut interview.ends_at];
        planned.into_iter().chain(&mut interview.status_changed_at)
    });
    let commitments = story.commitments.iter_mut();
    let acts = story.follow_ups.iter_mut().flat_map(|record| {
        let acted = record.sent_at.iter_mut().chain(&mut record.skipped_at);
        let put_off = record.snoozed_until.iter_mut().chain(&mut record.snoozed_window);
        acted.chain(put_off).chain(&mut record.due_at)
    });
    let replies = story.replies.iter_mut();
    let offers = story.offers.iter_mut().chain(&mut story.offers_elsewhere);
    let opportunity = &mut story.opportunity;
    let turns = opportunity.withdrawn_at.iter_mut().chain(&mut opportunity.closed_at);
    interviews
        .chain(turns)
        .chain(story.expectations.iter_mut().map(|expectation| &mut expectation.spoken_at))
        .chain(commitments.flat_map(|c| [&mut c.spoken_at].into_iter().chain(&mut c.fulfilled_at)))
        .chain(acts)
        .chain(replies.flat_map(|r| [&mut r.at].into_iter().chain(&mut r.deadline)))
        .chain(offers.flat_map(|o| [&mut o.received_at].into_iter().chain(&mut o.deadline)))
}

fn dates(story: &mut Snapshot) -> impl Iterator<Item = &mut CivilDate> {
    let expectations = story.expectations.iter_mut();
    expectations
        .flat_map(|e| e.from.iter_mut().chain(&mut e.by).chain(&mut e.alternative))
        .chain(story.commitments.iter_mut().flat_map(|commitment| &mut commitment.due))
        .chain(story.replies.iter_mut().flat_map(|reply| &mut reply.returns))
        .chain(story.supplements.iter_mut().flat_map(|supplement| &mut supplement.earned_at))
        .chain(&mut story.opportunity.office.closures)
}
