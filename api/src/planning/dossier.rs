//! Gathering the facts of one opportunity, or of all of them, from the stored records.

use crate::error::ApiError;
use crate::store::DbConnection;
use crate::store::records::{docs_of_collections, docs_of_opportunity, find_doc};
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::Instant;
use afterview_domain::entities::opportunity::Office;
use afterview_domain::entities::{
    Collection, FaultCode, Offer, Opportunity, PREFERENCES_ID, Preferences, Supplement,
};
use afterview_domain::plan::{OpportunityState, Plan, Policy, Snapshot, plan, state};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The facts of one opportunity and the stored follow-ups as they are.
pub struct Dossier {
    /// What the planner reads.
    pub snapshot: Snapshot,
    /// Stored follow-ups by id.
    pub follow_ups: BTreeMap<String, Map<String, Value>>,
}

impl Dossier {
    /// What to do as of `now`.
    #[must_use]
    pub fn plan(&self, now: Instant) -> Plan {
        plan(&self.snapshot, &Policy::default(), now)
    }

    /// Where the opportunity stands as of `now`.
    #[must_use]
    pub fn state(&self, now: Instant) -> OpportunityState {
        state(&self.snapshot, now)
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
    let mut records = Records::default();
    records.add(docs_of_opportunity(connection, account_id, opportunity_id)?)?;
    // What may concern the opportunity although it belongs to another or to none.
    const SHARED: [Collection; 5] = [
        Collection::Preferences,
        Collection::Opportunities,
        Collection::Contacts,
        Collection::Offers,
        Collection::Supplements,
    ];
    records.replace(docs_of_collections(connection, account_id, &SHARED)?, &SHARED)?;
    let mut dossiers = records.into_dossiers()?;
    let found =
        dossiers.iter().position(|dossier| dossier.snapshot.opportunity.id == opportunity_id);
    Ok(found.map(|at| dossiers.swap_remove(at)))
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
    records.add(docs_of_collections(connection, account_id, &Collection::ALL)?)?;
    records.into_dossiers()
}

/// JSON texts by collection.
#[derive(Default)]
struct Records(BTreeMap<Collection, Vec<String>>);

impl Records {
    fn add(&mut self, docs: Vec<(String, String)>) -> Result<(), ApiError> {
        for (word, doc) in docs {
            let collection = Collection::from_word(&word)
                .ok_or_else(|| ApiError::internal(format!("unknown collection {word}")))?;
            self.0.entry(collection).or_default().push(doc);
        }
        Ok(())
    }

    /// Takes `docs` in place of what is there of `collections`.
    fn replace(
        &mut self,
        docs: Vec<(String, String)>,
        collections: &[Collection],
    ) -> Result<(), ApiError> {
        for collection in collections {
            self.0.remove(collection);
        }
        self.add(docs)
    }

    fn parsed<T: DeserializeOwned>(&self, collection: Collection) -> Result<Vec<T>, ApiError> {
        let texts = self.0.get(&collection).into_iter().flatten();
        texts
            .map(|text| {
                serde_json::from_str(text).map_err(|error| {
                    ApiError::internal(format!(
                        "a stored record of {} is corrupt: {error}",
                        collection.as_str()
                    ))
                })
            })
            .collect()
    }

    fn into_dossiers(self) -> Result<Vec<Dossier>, ApiError> {
        let preferences: Option<Preferences> = self.parsed(Collection::Preferences)?.pop();
        let preferences =
            preferences.ok_or_else(|| ApiError::internal("an account without preferences"))?;
        let mut interviews = self.grouped(Collection::Interviews)?;
        let mut expectations = self.grouped(Collection::Expectations)?;
        let mut commitments = self.grouped(Collection::Commitments)?;
        let mut replies = self.grouped(Collection::Replies)?;
        let mut acts = self.grouped(Collection::FollowUps)?;
        let mut stored: BTreeMap<String, Vec<Map<String, Value>>> =
            self.grouped(Collection::FollowUps)?;
        let offers: Vec<Offer> = self.parsed(Collection::Offers)?;
        let opportunities: Vec<Opportunity> = self.parsed(Collection::Opportunities)?;
        let open = opportunities.iter().filter(|opportunity| opportunity.closed.is_none()).count();
        let mut dossiers = Vec::with_capacity(opportunities.len());
        for opportunity in opportunities {
            let id = opportunity.id.clone();
            let (here, elsewhere) =
                offers.iter().cloned().partition(|offer: &Offer| offer.opportunity_id == id);
            let follow_ups = stored.remove(&id).unwrap_or_default().into_iter();
            let snapshot = Snapshot {
                others_pending: open > usize::from(opportunity.closed.is_none()),
                opportunity,
                contacts: self.parsed(Collection::Contacts)?,
                interviews: interviews.remove(&id).unwrap_or_default(),
                expectations: expectations.remove(&id).unwrap_or_default(),
                commitments: commitments.remove(&id).unwrap_or_default(),
                follow_ups: acts.remove(&id).unwrap_or_default(),
                replies: replies.remove(&id).unwrap_or_default(),
                offers: here,
                offers_elsewhere: elsewhere,
                supplements: self.supplements_for(&id)?,
                preferences: preferences.clone(),
            };
            let follow_ups =
                follow_ups.filter_map(|doc| Some((doc.get("id")?.as_str()?.to_owned(), doc)));
            dossiers.push(Dossier { snapshot, follow_ups: follow_ups.collect() });
        }
        Ok(dossiers)
    }

    fn grouped<T: DeserializeOwned>(
        &self,
        collection: Collection,
    ) -> Result<BTreeMap<String, Vec<T>>, ApiError> {
        #[derive(serde::Deserialize)]
        struct Owner {
            opportunity_id: String,
        }
        let owners: Vec<Owner> = self.parsed(collection)?;
        let mut groups: BTreeMap<String, Vec<T>> = BTreeMap::new();
        for (owner, value) in owners.into_iter().zip(self.parsed(collection)?) {
            groups.entry(owner.opportunity_id).or_default().push(value);
        }
        Ok(groups)
    }

    fn supplements_for(&self, opportunity_id: &str) -> Result<Vec<Supplement>, ApiError> {
        let mut supplements: Vec<Supplement> = self.parsed(Collection::Supplements)?;
        supplements.retain(|supplement| {
            supplement.opportunity_id.as_deref().is_none_or(|owner| owner == opportunity_id)
        });
        Ok(supplements)
    }
}

/// The office in whose calendar a promise is to be read: that of an opportunity, a given one, or
/// one about which nothing is known.
///
/// # Errors
/// That there is no such opportunity, or the database is unavailable.
pub fn office(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: Option<&str>,
    given: Option<Office>,
) -> Result<BusinessOffice, ApiError> {
    let corrupt = |error: serde_json::Error| {
        ApiError::internal(format!("a stored record is corrupt: {error}"))
    };
    let preferences = find_doc(connection, account_id, Collection::Preferences, PREFERENCES_ID)?
        .ok_or_else(|| ApiError::internal("an account without preferences"))?;
    let preferences: Preferences = serde_json::from_str(&preferences.doc).map_err(corrupt)?;
    let office = match (opportunity_id, given) {
        (_, Some(office)) => office,
        (None, None) => Office::unknown(),
        (Some(id), None) => {
            let found = find_doc(connection, account_id, Collection::Opportunities, id)?;
            let found = found.ok_or_else(|| {
                let detail = format!("you have no opportunity with the id {id}");
                ApiError::field("/opportunity_id", FaultCode::UnknownReference, &detail)
            })?;
            let opportunity: Opportunity = serde_json::from_str(&found.doc).map_err(corrupt)?;
            opportunity.office
        }
    };
    Ok(BusinessOffice::new(&office, preferences.time_zone))
}
