//! The facts about one planned item, laid out for writing: who, what was said, which names.
//!
//! **Must never** choose words.

use super::Others;
use crate::dto::mail::Receiver;
use crate::planning::Dossier;
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::Instant;
use afterview_domain::entities::contact::ChannelKind;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{Contact, Interview, Offer, Supplement};
use afterview_domain::plan::{Item, Route};
use afterview_domain::text::{
    Addressee, Deliverable, DraftInput, Finding, LintContext, Pack, Promised, lint, moment_for,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Of several new qualifications a text names at most so many, the newest first.
const MAX_SUPPLEMENTS: usize = 3;

/// Everything that lies on the desk when a text for one item is written.
pub(super) struct Desk<'d> {
    dossier: &'d Dossier,
    item: &'d Item,
    kind: FollowUpKind,
    stored: Option<&'d Map<String, Value>>,
    /// The recipient as in [`Item::to`].
    pub(super) to: &'d str,
    pub(super) contact: Option<&'d Contact>,
    interview: Option<&'d Interview>,
    slots: BTreeMap<String, String>,
    supplements: Vec<&'d str>,
    office: BusinessOffice,
    now: Instant,
}

impl<'d> Desk<'d> {
    pub(super) fn new(
        dossier: &'d Dossier,
        item: &'d Item,
        to: Option<&'d str>,
        given: &BTreeMap<String, String>,
        now: Instant,
    ) -> Self {
        let snapshot = &dossier.snapshot;
        let stored = dossier.follow_ups.get(&item.follow_up_id());
        let stored_to = stored.and_then(|doc| doc.get("to")).and_then(Value::as_str);
        let to = to.or(stored_to).unwrap_or(&item.to);
        let interviews = snapshot.interviews.iter();
        let interview = match &item.interview_id {
            Some(id) => interviews.clone().find(|interview| interview.id == *id),
            None => interviews.filter(|i| i.ends_at <= now).max_by_key(|i| (i.starts_at, &i.id)),
        };
        let kept = stored.and_then(|doc| doc.get("slots")).and_then(Value::as_object);
        let mut slots: BTreeMap<String, String> = kept
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
        slots.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self {
            contact: contact(dossier, to).or_else(|| contact(dossier, item.contact_id.as_deref()?)),
            supplements: supplements(&snapshot.supplements),
            office: BusinessOffice::new(
                &snapshot.opportunity.office,
                snapshot.preferences.time_zone,
            ),
            kind: kind(item),
            dossier,
            item,
            stored,
            to,
            interview,
            slots,
            now,
        }
    }

    pub(super) fn stored_text(&self, name: &str) -> Option<&'d str> {
        self.stored?.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The identifier in the middle of the key: of the commitment or the offer that it is about.
    fn subject_id(&self) -> &'d str {
        self.item.key.split('/').nth(2).unwrap_or_default()
    }

    pub(super) fn input(&self) -> DraftInput<'_> {
        let snapshot = &self.dossier.snapshot;
        let commitments = &snapshot.commitments;
        let about = commitments.iter().find(|commitment| commitment.id == self.subject_id());
        let sent_at = self.item.do_at.unwrap_or(self.item.ideal).max(self.now);
        DraftInput {
            kind: self.kind,
            n: self.item.n,
            flags: &self.item.flags,
            recipient: match self.contact {
                Some(contact) => Addressee::Person(&contact.name),
                None if self.to == "self" => Addressee::Candidate,
                None => Addressee::Unnamed,
            },
            employer: &snapshot.opportunity.employer,
            role: &snapshot.opportunity.role,
            interest: snapshot.opportunity.interest,
            moment: self.moment(),
            variant: self.present().position(|who| who == self.to).unwrap_or_default(),
            interview_day: self.interview.map(|held| self.office.date_of(held.starts_at)),
            send_day: self.office.date_of(sent_at),
            promise: self.promise(),
            supplements: &self.supplements,
            deliverable: about.map(|commitment| Deliverable {
                kind: commitment.kind,
                title: commitment.title.as_deref(),
            }),
            deadline: self.deadline().map(|at| self.office.civil(at)),
            title: self.stored_text("title").or(self.item.title.as_deref()),
            my_name: None,
            slots: &self.slots,
            own_subject: None,
            own_body: None,
        }
    }

    pub(super) fn findings(
        &self,
        others: &Others,
        subject: Option<&str>,
        body: &str,
        pack: &Pack,
    ) -> Vec<Finding> {
        let snapshot = &self.dossier.snapshot;
        let slot = |name: &str| self.slots.get(name).map(String::as_str);
        let mut offers = snapshot.offers.iter().chain(&snapshot.offers_elsewhere);
        let context = LintContext {
            kind: self.kind,
            subject,
            recipient: self.contact.map(|contact| contact.name.as_str()),
            my_name: slot("my_name"),
            employer: &snapshot.opportunity.employer,
            role: &snapshot.opportunity.role,
            other_employers: &strs(&others.employers),
            other_roles: &strs(&others.roles),
            moment: slot("moment").or_else(|| self.moment()),
            promise_words: slot("promise_words").or(self.promise().map(|promise| promise.words)),
            siblings: &self.siblings(),
            has_offer: offers.any(|offer| !offer.status.is_final()),
        };
        lint(body, &context, pack)
    }

    /// Who took part, as far as known.
    fn present(&self) -> impl Iterator<Item = &'d str> {
        let attendees = self.interview.into_iter().flat_map(|interview| &interview.attendees);
        attendees.filter(|who| who.present).map(|who| who.contact_id.as_str())
    }

    fn moment(&self) -> Option<&'d str> {
        let present: Vec<&str> = self.present().collect();
        moment_for(&self.interview?.talking_points, &present, self.to)
    }

    /// Their newest words about the next step, where the plan counts with a promise, and for telling
    /// the recruiter.
    fn promise(&self) -> Option<Promised<'d>> {
        let counts = self.item.reasons.iter().any(|reason| reason.rule == "F1-PROMISE");
        if !counts && self.kind != FollowUpKind::Debrief {
            return None;
        }
        let snapshot = &self.dossier.snapshot;
        let said = snapshot
            .expectations
            .iter()
            .map(|promise| (promise.spoken_at, Promised { words: &promise.text, by: promise.by }));
        let replies = snapshot.replies.iter().filter(|reply| reply.kind == ReplyKind::NewDate);
        let written = replies.map(|reply| (reply.at, Promised { words: &reply.text, by: None }));
        let known = said.chain(written).filter(|(at, _)| *at <= self.now);
        known.max_by_key(|(at, _)| *at).map(|(_, promise)| promise)
    }

    fn deadline(&self) -> Option<Instant> {
        let snapshot = &self.dossier.snapshot;
        let mut offers = snapshot.offers.iter().chain(&snapshot.offers_elsewhere);
        let is_meant = |offer: &&Offer| offer.id == self.subject_id();
        offers.find(is_meant).and_then(|offer| offer.deadline)
    }

    /// The stored texts to others who took part in the same interview.
    fn siblings(&self) -> Vec<&'d str> {
        if self.kind != FollowUpKind::ThankYou {
            return Vec::new();
        }
        let own = self.item.follow_up_id();
        let text = |doc: &'d Map<String, Value>, name: &str| doc.get(name).and_then(Value::as_str);
        let others = self.dossier.follow_ups.iter().filter(|(id, doc)| {
            **id != own
                && text(doc, "kind") == Some(FollowUpKind::ThankYou.as_str())
                && text(doc, "interview_id") == self.item.interview_id.as_deref()
                && text(doc, "status") != Some("skipped")
                && doc.get("archived") != Some(&Value::Bool(true))
        });
        others.filter_map(|(_, doc)| text(doc, "body")).collect()
    }

    /// The recipient's mailbox, or that of whoever passes the text on.
    pub(super) fn receiver(&self) -> Option<Receiver> {
        let contact = match self.item.route {
            Route::Direct => self.contact?,
            Route::ViaRecruiter | Route::ViaCoordinator => {
                contact(self.dossier, self.item.contact_id.as_deref()?)?
            }
        };
        let mut ways = contact.channels.iter();
        let mail = ways.find(|channel| channel.kind == ChannelKind::Email)?;
        Some(Receiver { name: contact.name.clone(), address: mail.value.clone() })
    }
}

/// The contact called `id`.
fn contact<'d>(dossier: &'d Dossier, id: &str) -> Option<&'d Contact> {
    dossier.snapshot.contacts.iter().find(|contact| contact.id == id)
}

/// New qualifications that no follow-up has carried yet, the newest first.
fn supplements(all: &[Supplement]) -> Vec<&str> {
    let mut open: Vec<_> = all.iter().filter(|supplement| supplement.used_by.is_none()).collect();
    open.sort_by_key(|supplement| (std::cmp::Reverse(supplement.earned_at), &supplement.id));
    open.iter().take(MAX_SUPPLEMENTS).map(|supplement| supplement.title.as_str()).collect()
}

/// The kind of record that belongs to a planned item: the words are the same.
fn kind(item: &Item) -> FollowUpKind {
    let word = Value::from(item.kind.as_str());
    serde_json::from_value(word).unwrap_or(FollowUpKind::Custom)
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
