//! Around the interview itself: get ready to close it well, and write down how it ended.

use super::draft::{Draft, Drafts, Times};
use super::facts::{Facts, is_scheduled};
use super::item::ItemKind;
use super::reason::Reason;
use crate::calendar::shift;
use crate::entities::Interview;
use chrono::TimeDelta;

/// K1 and K2, for every interview that nobody has reported on.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    if facts.outcome.is_some() {
        return;
    }
    for interview in facts.interviews.iter().filter(|interview| is_scheduled(interview)) {
        let draft = if is_ahead(facts, interview) {
            let times = Times {
                earliest: shift(interview.starts_at, TimeDelta::hours(-24)),
                ideal: shift(interview.starts_at, TimeDelta::minutes(-60)),
                latest: interview.starts_at,
            };
            let draft = Draft::private(ItemKind::PrepClose, &interview.id, times);
            let draft = draft.because(Reason::new("K1"));
            draft.flagged("ask_owner").flagged("ask_items").flagged("ask_when")
        } else if interview.ends_at <= facts.now {
            let times = Times {
                earliest: interview.ends_at,
                ideal: shift(interview.ends_at, TimeDelta::minutes(15)),
                latest: shift(interview.ends_at, TimeDelta::hours(24)),
            };
            Draft::private(ItemKind::LogDebrief, &interview.id, times).because(Reason::new("K2"))
        } else {
            continue;
        };
        drafts.push(draft.about_interview(&interview.id));
    }
}

/// Whether the interview is still to come.
pub(super) fn is_ahead(facts: &Facts<'_>, interview: &Interview) -> bool {
    is_scheduled(interview) && interview.starts_at > facts.now
}
