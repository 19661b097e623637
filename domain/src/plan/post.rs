//! Thanks by post: only when the letter arrives before it is too late (T6).

use super::draft::{Draft, Times};
use super::facts::Facts;
use super::item::ItemChannel;
use super::reason::Reason;
use super::say;
use crate::calendar::shift;
use crate::clock::CivilDate;
use crate::entities::Interview;
use crate::entities::contact::ChannelKind;
use crate::entities::preferences::ThankChannel;

/// Whether the contact can be reached by `kind`. Somebody without recorded ways can be reached by
/// all: nothing was recorded, which does not mean that there is nothing.
pub(super) fn can_reach(facts: &Facts<'_>, contact: &str, kind: ChannelKind) -> bool {
    facts.contact(contact).is_none_or(|contact| {
        contact.channels.is_empty() || contact.channels.iter().any(|channel| channel.kind == kind)
    })
}

/// Makes a letter of the note when the candidate likes letters and this one would arrive in time;
/// else it stays an e-mail and says why.
pub(super) fn choose(facts: &Facts<'_>, interview: &Interview, draft: Draft) -> Draft {
    let channel = match facts.snapshot.preferences.thank_channel {
        ThankChannel::Email => return draft,
        ThankChannel::Handwritten => ItemChannel::Handwritten,
        ThankChannel::Both => ItemChannel::Both,
    };
    let posted = posting_day(facts, interview);
    let arrives = facts.add(posted, facts.policy.post_transit_bd);
    let in_time = arrives <= last_useful_day(facts, interview);
    if !in_time || !can_reach(facts, &draft.to, ChannelKind::Postal) {
        let reason = Reason::new("T6-MAIL-TOO-SLOW").with("arrives", say::day(arrives));
        return draft.because(reason).flagged(format!("mail_would_arrive={arrives}"));
    }
    let reason = Reason::new("T6-MAIL-OK")
        .with("posted", say::day(posted))
        .with("arrives", say::day(arrives));
    let draft = draft
        .by(channel)
        .because(reason)
        .flagged(format!("mail_on={posted}"))
        .flagged(format!("arrives={arrives}"));
    if channel == ItemChannel::Both {
        return draft;
    }
    let at_post = |day| facts.office.at(day, facts.policy.post_time);
    let times = Times {
        earliest: draft.times.earliest,
        ideal: at_post(posted).max(draft.times.earliest),
        latest: at_post(facts.add(posted, 1)),
    };
    Draft { times, ..draft }
}

/// The day on which the letter is posted: that of the interview if there is time left.
fn posting_day(facts: &Facts<'_>, interview: &Interview) -> CivilDate {
    let day = facts.day(interview.ends_at);
    let cutoff = facts.office.at(day, facts.policy.post_cutoff_time);
    let written = shift(interview.ends_at, facts.policy.thank_after);
    let same_day = facts.office.is_business_day(day) && written <= cutoff;
    if same_day { day } else { facts.add(day, 1) }
}

/// The last day on which the letter may arrive.
fn last_useful_day(facts: &Facts<'_>, interview: &Interview) -> CivilDate {
    match facts.promise {
        Some(promise) => facts.add(promise.from, -1),
        None => facts.add(facts.day(interview.ends_at), facts.policy.post_arrival_bd),
    }
}
