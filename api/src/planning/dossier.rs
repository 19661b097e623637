//! Gathering the facts of one opportunity, or of all of them, from the stored records.
//!
//! **Must never** write, and never show one account the records of another.

use crate::error::ApiError;
use crate::store::DbConnection;
use crate::store::docs::{docs_for_plans, docs_of_collections, docs_of_contacts, two_open};
use afterview_domain::clock::Instant;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{
    Collection, Commitment, Contact, Expectation, FollowUp, Interview, Offer, Opportunity,
    Preferences, Reply, Supplement,
};
use afterview_domain::plan::{Plan, Policy, Snapshot, plan};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The facts of one opportunity and the stored follow-ups as they are.
pub struct Dossier {
    /// What the planner reads.
    pub snapshot: Snapshot,
    /// Stored follow-ups by id.
    pub follow_ups: StoredFollowUps,
}

/// The fields of stored follow-ups by id.
pub type StoredFollowUps = BTreeMap<String, Map<String, Value>>;

impl Dossier {
    /// Of which opportunity.
    #[must_use]
    pub fn opportunity_id(&self) -> &str {
        &self.snapshot.opportunity.id
    }

    /// Whether they made an offer: only then do the other opportunities matter.
    fn has_offer(&self) -> bool {
        !self.snapshot.offers.is_empty()
            || self.snapshot.replies.iter().any(|reply| reply.kind == ReplyKind::Offer)
    }

    /// What to do as of `now`.
    #[must_use]
    pub fn plan(&self, now: Instant) -> Plan {
        plan(&self.snapshot, Policy::current(), now)
    }
}

/// The facts of one opportunity; `None` if there is no such opportunity.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn of_opportunity(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: &str,
) -> Result<Option<Dossier>, ApiError> {
    Ok(of_opportunities(connection, account_id, &[opportunity_id])?.pop())
}

/// The facts of some opportunities, of each that there is, in the order of their ids.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn of_opportunities(
    connection: &mut DbConnection,
    account_id: &str,
    opportunities: &[&str],
) -> Result<Vec<Dossier>, ApiError> {
    let mut records = Records::default();
    // Also what concerns an opportunity although it belongs to another or to none.
    records.add(docs_for_plans(connection, account_id, opportunities)?)?;
    let people = records.people_met();
    records.add(docs_of_contacts(connection, account_id, &people)?)?;
    let wanted: BTreeSet<&str> = opportunities.iter().copied().collect();
    let mut found = records.into_dossiers(|id| wanted.contains(id))?;
    found.sort_unstable_by(|one, other| one.opportunity_id().cmp(other.opportunity_id()));
    let offered = found.iter().any(Dossier::has_offer);
    let open = if offered { two_open(connection, account_id)? } else { Vec::new() };
    for dossier in &mut found {
        let id = &dossier.snapshot.opportunity.id;
        let others_pending = dossier.has_offer() && open.iter().any(|other| other != id);
        dossier.snapshot.others_pending = others_pending;
    }
    Ok(found)
}

/// The facts of every opportunity of the account.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn of_account(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<Vec<Dossier>, ApiError> {
    let mut records = Records::default();
    let facts: Vec<_> = Collection::ALL.into_iter().filter(|one| !one.is_read_only()).collect();
    records.add(docs_of_collections(connection, account_id, &facts)?)?;
    records.into_dossiers(|_| true)
}

/// The records that were read. Who took part is asked for before the rest is read, so two collections are
/// parsed at once, the others when dossiers are made.
#[derive(Default)]
struct Records {
    contacts: Vec<Contact>,
    interviews: Vec<Interview>,
    texts: BTreeMap<Collection, Vec<String>>,
}

impl Records {
    fn add(&mut self, docs: Vec<(String, String)>) -> Result<(), ApiError> {
        for (word, doc) in docs {
            let collection = Collection::from_word(&word)
                .ok_or_else(|| ApiError::internal(format!("unknown collection {word}")))?;
            match collection {
                Collection::Contacts => self.contacts.push(parsed(collection, &doc)?),
                Collection::Interviews => self.interviews.push(parsed(collection, &doc)?),
                _ => self.texts.entry(collection).or_default().push(doc),
            }
        }
        Ok(())
    }

    /// Contacts who took part in an interview or arranged it and are not among the records yet.
    fn people_met(&self) -> Vec<String> {
        let attendees = self.interviews.iter().flat_map(|interview| {
            let attendees = interview.attendees.iter().map(|attendee| &attendee.contact_id);
            attendees.chain(&interview.scheduler_contact_id)
        });
        let known: BTreeSet<&str> =
            self.contacts.iter().map(|contact| contact.id.as_str()).collect();
        let missing = attendees.filter(|id| !known.contains(id.as_str()));
        missing.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn parsed<T: DeserializeOwned>(&self, collection: Collection) -> Result<Vec<T>, ApiError> {
        let texts = self.texts.get(&collection).into_iter().flatten();
        texts.map(|text| parsed(collection, text)).collect()
    }

    /// The dossiers of the opportunities whose id is `wanted`.
    fn into_dossiers(mut self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Dossier>, ApiError> {
        let preferences: Option<Preferences> = self.parsed(Collection::Preferences)?.pop();
        let preferences =
            preferences.ok_or_else(|| ApiError::internal("an account without preferences"))?;
        let contacts = std::mem::take(&mut self.contacts);
        let mut interviews =
            grouped(std::mem::take(&mut self.interviews), |interview| &interview.opportunity_id);
        let supplements: Vec<Supplement> = self.parsed(Collection::Supplements)?;
        let offers: Vec<Offer> = self.parsed(Collection::Offers)?;
        let opportunities: Vec<Opportunity> = self.parsed(Collection::Opportunities)?;
        let mut expectations =
            self.grouped(Collection::Expectations, |e: &Expectation| &e.opportunity_id)?;
        let mut commitments =
            self.grouped(Collection::Commitments, |c: &Commitment| &c.opportunity_id)?;
        let mut replies = self.grouped(Collection::Replies, |r: &Reply| &r.opportunity_id)?;
        let mut acts = self.grouped(Collection::FollowUps, |f: &FollowUp| &f.opportunity_id)?;
        let mut stored = self.stored_follow_ups()?;
        let open = opportunities.iter().filter(|opportunity| opportunity.closed.is_none()).count();
        let known: BTreeSet<&str> = contacts.iter().map(|contact| contact.id.as_str()).collect();
        let mut dossiers = Vec::new();
        for opportunity in opportunities.into_iter().filter(|o| wanted(&o.id)) {
            let id = opportunity.id.clone();
            let mut interviews = interviews.remove(&id).unwrap_or_default();
            interviews.iter_mut().for_each(|interview| forget_gone(interview, &known));
            let (here, elsewhere) =
                offers.iter().cloned().partition(|offer| offer.opportunity_id == id);
            let is_meant = |owner: &Option<String>| owner.as_ref().is_none_or(|owner| *owner == id);
            let met = |contact: &&Contact| {
                is_meant(&contact.opportunity_id) || took_part(&interviews, &contact.id)
            };
            let useful =
                supplements.iter().filter(|supplement| is_meant(&supplement.opportunity_id));
            let snapshot = Snapshot {
                others_pending: open > usize::from(opportunity.closed.is_none()),
                contacts: contacts.iter().filter(met).cloned().collect(),
                expectations: expectations.remove(&id).unwrap_or_default(),
                commitments: commitments.remove(&id).unwrap_or_default(),
                follow_ups: acts.remove(&id).unwrap_or_default(),
                replies: replies.remove(&id).unwrap_or_default(),
                offers: here,
                offers_elsewhere: elsewhere,
                supplements: useful.cloned().collect(),
                preferences: preferences.clone(),
                interviews,
                opportunity,
            };
            dossiers.push(Dossier { snapshot, follow_ups: stored.remove(&id).unwrap_or_default() });
        }
        Ok(dossiers)
    }

    fn grouped<T: DeserializeOwned>(
        &self,
        collection: Collection,
        owner: impl Fn(&T) -> &String,
    ) -> Result<BTreeMap<String, Vec<T>>, ApiError> {
        Ok(grouped(self.parsed(collection)?, owner))
    }

    /// The follow-ups as they are stored, by opportunity and id.
    fn stored_follow_ups(&self) -> Result<BTreeMap<String, StoredFollowUps>, ApiError> {
        let mut groups: BTreeMap<String, StoredFollowUps> = BTreeMap::new();
        for doc in self.parsed::<Map<String, Value>>(Collection::FollowUps)? {
            let text = |name: &str| doc.get(name).and_then(Value::as_str).map(str::to_owned);
            if let (Some(opportunity_id), Some(id)) = (text("opportunity_id"), text("id")) {
                groups.entry(opportunity_id).or_default().insert(id, doc);
            }
        }
        Ok(groups)
    }
}

fn parsed<T: DeserializeOwned>(collection: Collection, text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|error| {
        let word = collection.as_str();
        ApiError::internal(format!("a stored record of {word} is corrupt: {error}"))
    })
}

fn grouped<T>(values: Vec<T>, owner: impl Fn(&T) -> &String) -> BTreeMap<String, Vec<T>> {
    let mut groups: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for value in values {
        groups.entry(owner(&value).clone()).or_default().push(value);
    }
    groups
}

/// Advice goes to people who are there: a contact that was deleted is nobody any more.
fn forget_gone(interview: &mut Interview, known: &BTreeSet<&str>) {
    interview.attendees.retain(|attendee| known.contains(attendee.contact_id.as_str()));
    interview.scheduler_contact_id.take_if(|id| !known.contains(id.as_str()));
}

fn took_part(interviews: &[Interview], contact_id: &str) -> bool {
    let mut attendees = interviews.iter().flat_map(|interview| &interview.attendees);
    attendees.any(|attendee| attendee.contact_id == contact_id)
}
