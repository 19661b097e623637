//! To whom a message goes: the person behind "the employer", "the recruiter", "the scheduler".
//!
//! Action keys keep the part that somebody plays, because it is the same on every device; who plays
//! it is found anew in every plan (W1). Referees and referrers never do: nobody else asks for the
//! candidate (W3).
//!
//! **Must never** change a key or a time.

use super::draft::{EMPLOYER, RECRUITER, SCHEDULER, SELF};
use super::facts::Facts;
use super::item::{Item, ItemKind, Route};
use crate::entities::Contact;
use crate::entities::contact::ContactRole;

/// A person with the reason why it is the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person<'a> {
    pub(super) contact: &'a Contact,
    pub(super) why: &'static str,
}

/// W1: everybody who could receive `item`, the first choice first.
pub(super) fn candidates<'a>(facts: &Facts<'a>, item: &Item) -> Vec<Person<'a>> {
    let mut found: Vec<Person<'a>> = Vec::new();
    let mut add = |contact: Option<&'a Contact>, why: &'static str| {
        let wanted = contact.filter(|contact| !is_outsider(contact));
        if let Some(contact) = wanted.filter(|c| !found.iter().any(|p| p.contact.id == c.id)) {
            found.push(Person { contact, why });
        }
    };
    let own_choice = facts.unsent(&item.action_key()).and_then(|record| record.to.as_deref());
    add(own_choice.and_then(|id| facts.contact(id)), "as your own choice");
    match (item.route, item.to.as_str()) {
        (_, SELF) => return Vec::new(),
        (Route::ViaRecruiter, _) | (_, RECRUITER) => {
            add(agency_recruiter(facts), "as the agency's recruiter");
        }
        (Route::ViaCoordinator, _) => {
            add(with_role(facts, ContactRole::Coordinator), "as the one who can pass the note on");
            add(
                with_role(facts, ContactRole::InternalRecruiter),
                "as the one who can pass the note on",
            );
        }
        (Route::Direct, EMPLOYER) => employer(facts, item, add),
        (Route::Direct, SCHEDULER) => {
            add(
                with_role(facts, ContactRole::Coordinator),
                "as the one who arranges the interviews",
            );
            add(
                with_role(facts, ContactRole::InternalRecruiter),
                "as the one who arranges the interviews",
            );
            employer(facts, item, add);
        }
        (Route::Direct, id) => add(facts.contact(id), "as the one it is about"),
    }
    found
}

/// Whoever speaks for the employer, in the order of W1; an answer goes first to who wrote.
fn employer<'a>(
    facts: &Facts<'a>,
    item: &Item,
    mut add: impl FnMut(Option<&'a Contact>, &'static str),
) {
    if facts.via_agency() {
        add(agency_recruiter(facts), "as the agency's recruiter");
    }
    let answers =
        matches!(item.kind, ItemKind::GraciousReply | ItemKind::AckOffer | ItemKind::RespondOffer);
    if answers {
        let writer = facts.replies.iter().rev().find(|reply| reply.kind.is_human());
        let writer = writer.and_then(|reply| reply.from.as_deref());
        add(writer.and_then(|id| facts.contact(id)), "as the one who wrote to you");
    }
    let promised_by = facts.promise.and_then(|promise| promise.promised_by);
    add(promised_by.and_then(|id| facts.contact(id)), "as the one who promised the answer");
    add(
        with_role(facts, ContactRole::InternalRecruiter),
        "as the one who looks after the applications",
    );
    add(with_role(facts, ContactRole::Coordinator), "as the one who looks after the applications");
    add(with_role(facts, ContactRole::HiringManager), "as the one who decides");
    for interview in facts.held.iter().rev() {
        let mut met: Vec<_> = interview.attendees.iter().filter(|who| who.present).collect();
        met.sort_by_key(|attendee| &attendee.contact_id);
        for attendee in met {
            add(facts.contact(&attendee.contact_id), "as the one you met last");
        }
    }
}

/// The recruiter of the agency: the one named, else the first by id.
pub(super) fn agency_recruiter<'a>(facts: &Facts<'a>) -> Option<&'a Contact> {
    let named = facts.snapshot.opportunity.agency_contact_id.as_deref();
    let named = named.and_then(|id| facts.contact(id)).filter(|named| !is_outsider(named));
    named.or_else(|| with_role(facts, ContactRole::AgencyRecruiter))
}

/// The first contact by id who plays `role`.
fn with_role<'a>(facts: &Facts<'a>, role: ContactRole) -> Option<&'a Contact> {
    let contacts = facts.snapshot.contacts.iter();
    contacts.filter(|contact| contact.role == role).min_by_key(|contact| &contact.id)
}

/// W3: somebody who may vouch for the candidate, but not ask for the candidate.
pub(super) const fn is_outsider(contact: &Contact) -> bool {
    matches!(contact.role, ContactRole::Referee | ContactRole::Referrer)
}
