//! A hiring that takes long: rounds of interviews with everything that belongs to them.

use crate::world::{at, follow_up, interview, nothing_yet, owed, promised, reply};
use afterview_domain::clock::Instant;
use afterview_domain::entities::commitment::CommitmentStatus;
use afterview_domain::entities::contact::{Channel, ChannelKind, ContactRole};
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::{Attendee, InterviewStatus};
use afterview_domain::entities::offer::OfferStatus;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{
    Commitment, Contact, FollowUp, Interview, Offer, Reply, Supplement,
};
use afterview_domain::plan::Snapshot;
use chrono::TimeDelta;

/// How many facts one round brings.
const ROUND: usize = 12;

/// When the last round ended, two days before advice is asked for.
const LAST_ROUND: &str = "2026-05-06T18:00:00Z";

/// When advice is asked for.
pub(crate) fn now() -> Instant {
    at("2026-05-08T15:00:00Z")
}

/// A story of `facts` facts: of twelve, two people, an interview, a promise, something owed, four
/// messages, two answers and a qualification. What is over twelve is still open.
pub(crate) fn of(facts: usize) -> Snapshot {
    let mut story = nothing_yet();
    let (rounds, rest) = (facts / ROUND, facts % ROUND);
    for round in 0..rounds {
        let days = i64::try_from((rounds - round - 1) * 9).expect("few rounds");
        add_round(&mut story, round, at(LAST_ROUND) - TimeDelta::days(days));
    }
    for number in 0..rest {
        add_loose_end(&mut story, number);
    }
    story
}

/// Something that is still open: a duty, a promise to read, an offer from elsewhere, a plan of one's
/// own.
fn add_loose_end(story: &mut Snapshot, number: usize) {
    let (id, at) = (format!("open{number}"), now() - TimeDelta::hours(1));
    match number % 4 {
        0 => story.commitments.push(owed(&id, at, Some((at + TimeDelta::days(5)).date_naive()))),
        1 => {
            let text = "probably in about two weeks".to_owned();
            story.replies.push(Reply { text, ..reply(&id, at, ReplyKind::NewDate) });
        }
        2 => {
            let deadline = Some(at + TimeDelta::days(6));
            let (opportunity_id, status) = ("other".to_owned(), OfferStatus::Open);
            let offer = Offer { id, opportunity_id, received_at: at, deadline, status };
            story.offers_elsewhere.push(offer);
        }
        _ => {
            let record = follow_up(&format!("opp/custom/{id}/self"), FollowUpKind::Custom, None);
            story.follow_ups.push(FollowUp { due_at: Some(now()), id, ..record });
        }
    }
}

fn add_round(story: &mut Snapshot, round: usize, held_at: Instant) {
    let (id, first, second) = (format!("i{round}"), format!("a{round}"), format!("b{round}"));
    let later = |hours| held_at + TimeDelta::hours(hours);
    story.contacts.extend([person(&first), person(&second)]);
    let present = |id: &String| Attendee { contact_id: id.clone(), present: true };
    story.interviews.push(Interview {
        attendees: vec![present(&first), present(&second)],
        ..interview(&id, held_at, InterviewStatus::Held)
    });
    let by = later(24 * 7).date_naive();
    story.expectations.push(promised(&format!("e{round}"), later(1), by));
    let delivered = Some(later(30));
    let duty = owed(&format!("c{round}"), later(1), Some(later(24 * 3).date_naive()));
    story.commitments.push(Commitment {
        status: CommitmentStatus::Fulfilled,
        fulfilled_at: delivered,
        ..duty
    });
    let acts = [
        (format!("opp/thank_you/{id}/{first}"), FollowUpKind::ThankYou, later(3)),
        (format!("opp/fulfil/c{round}/employer"), FollowUpKind::Fulfil, later(30)),
        (format!("opp/follow_up/1/employer#{round}"), FollowUpKind::FollowUp, later(24 * 8)),
        (format!("opp/custom/note{round}/self"), FollowUpKind::Custom, later(5)),
    ];
    let acts = acts.map(|(key, kind, sent_at)| follow_up(&key, kind, Some(sent_at)));
    story.follow_ups.extend(acts);
    let answers = [(ReplyKind::ReplyInfo, 4), (ReplyKind::NextRound, 24 * 8 + 4)];
    let answers = answers.map(|(kind, hours)| {
        let id = format!("r{round}.{hours}");
        reply(&id, later(hours), kind)
    });
    story.replies.extend(answers);
    story.supplements.push(Supplement {
        id: format!("s{round}"),
        opportunity_id: None,
        title: "Certificate".to_owned(),
        earned_at: None,
        used_by: (round > 0).then(|| "f".to_owned()),
    });
}

fn person(id: &str) -> Contact {
    let channel = |kind: ChannelKind| Channel {
        kind,
        value: "known".to_owned(),
        invited: false,
        connected: false,
    };
    Contact {
        id: id.to_owned(),
        opportunity_id: None,
        name: id.to_owned(),
        role: ContactRole::Interviewer,
        channels: vec![channel(ChannelKind::Email), channel(ChannelKind::Phone)],
        preferred: None,
        no_thanks: false,
    }
}
