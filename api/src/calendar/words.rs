//! The words of events that tell everything.
//!
//! **Must never** be called for a calendar that is private.

use super::event::Event;
use crate::planning::{Dossier, view};
use afterview_domain::entities::Interview;
use afterview_domain::entities::interview::{InterviewKind, InterviewStatus};
use afterview_domain::plan::{Item, Reason};
use afterview_domain::text::{Pack, act};

/// The event of an interview with everything worth knowing on the way to it.
pub(super) fn told(dossier: &Dossier, interview: &Interview, event: Event) -> Event {
    let snapshot = &dossier.snapshot;
    let opportunity = &snapshot.opportunity;
    let mut paragraphs = Vec::new();
    paragraphs.extend(interview.round.map(|round| format!("Round {round}.")));
    let of_attendee = |id: &String| snapshot.contacts.iter().find(|contact| contact.id == *id);
    let met = interview.attendees.iter().filter_map(|attendee| of_attendee(&attendee.contact_id));
    let names: Vec<&str> = met.map(|contact| contact.name.as_str()).collect();
    if !names.is_empty() {
        paragraphs.push(format!("With {}.", names.join(", ")));
    }
    if interview.status == InterviewStatus::Scheduled {
        let pack = Pack::for_locale(&snapshot.preferences.locale);
        paragraphs.push(format!("Before you leave:\n{}", pack.closing_text()));
    }
    let on_site = interview.kind == InterviewKind::Onsite;
    Event {
        summary: format!(
            "{}: {}, {}",
            called(interview.kind),
            opportunity.employer,
            opportunity.role
        ),
        description: Some(paragraphs.join("\n\n")).filter(|text| !text.is_empty()),
        location: opportunity.office.name.clone().filter(|_| on_site),
        category: Some("Interview"),
        ..event
    }
}

const fn called(kind: InterviewKind) -> &'static str {
    match kind {
        InterviewKind::Screen => "Screening",
        InterviewKind::Phone => "Telephone interview",
        InterviewKind::Video => "Video interview",
        InterviewKind::Onsite => "Interview",
        InterviewKind::Panel => "Panel interview",
        InterviewKind::Technical => "Technical interview",
        InterviewKind::TakeHomeReview => "Review of the take-home task",
        InterviewKind::Final => "Final interview",
        InterviewKind::Informal => "Informal talk",
    }
}

/// The event of a follow-up with the advice.
pub(super) fn advised(dossier: &Dossier, item: &Item, event: Event) -> Event {
    let view = view::planned(dossier, item);
    let act = act(item, view.to_name.as_deref().unwrap_or("them"));
    let reasons: Vec<String> = item.all_reasons().map(Reason::text).collect();
    Event {
        summary: format!("{act} ({})", dossier.snapshot.opportunity.employer),
        description: Some(reasons.join("\n")).filter(|text| !text.is_empty()),
        category: Some("Follow-up"),
        ..event
    }
}
