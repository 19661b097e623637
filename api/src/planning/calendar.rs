//! Gathering what a calendar shows from the stored records.
//!
//! **Must never** write, and never show one account the records of another.

use super::dossier;
use crate::calendar::show::{self, Facts};
use crate::calendar::{Calendar, Detail, Kept, Wanted};
use crate::error::ApiError;
use crate::store::DbConnection;
use crate::store::calendar_feeds::FeedRow;
use crate::store::meta::{self, Newest};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::parse::parse_zone;
use afterview_domain::sync::Record;
use serde_json::Value;
use std::collections::BTreeMap;

/// The calendar of `feed` as of `now`, and until when it is the same although nobody writes.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn of_feed(
    connection: &mut DbConnection,
    feed: &FeedRow,
    now: Instant,
) -> Result<(Calendar, Option<Instant>), ApiError> {
    let dossiers = dossier::of_account(connection, &feed.account_id)?;
    let facts = Facts {
        account_id: &feed.account_id,
        dossiers: &dossiers,
        interviews: &kept(connection, &feed.account_id)?,
        stamps: &stamps(connection, &feed.account_id)?,
    };
    let shown = show::events(&facts, wanted(feed), now);
    Ok((Calendar { name: feed.name.clone(), events: shown.events }, shown.until))
}

/// What a feed is to show.
fn wanted(feed: &FeedRow) -> Wanted {
    let has = |word: &str| feed.components.split(' ').any(|component| component == word);
    Wanted {
        detail: Detail::of(&feed.detail),
        interviews: has("interviews"),
        follow_ups: has("follow_ups"),
        alarms: feed.alarms != 0,
    }
}

fn kept(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<BTreeMap<String, Kept>, ApiError> {
    let interviews = meta::of_collection(connection, account_id, Collection::Interviews)?;
    Ok(interviews.iter().map(|record| (record.id.clone(), of_record(record))).collect())
}

fn of_record(record: &Record) -> Kept {
    let zone = record.doc.get("time_zone").and_then(Value::as_str);
    let changes = ["starts_at", "ends_at", "status"]
        .into_iter()
        .filter_map(|name| record.last_change(name).map(|change| change.rev));
    Kept {
        time_zone: zone.and_then(|name| parse_zone(name).ok()),
        made: made(record),
        rev: record.rev,
        moved: changes.chain([record.created_rev]).max().unwrap_or(record.rev),
    }
}

/// The stamp of the first creation: that of the last one rises when a record is made again.
fn made(record: &Record) -> i64 {
    record.creation().map_or(record.created_rev, |creation| creation.rev.min(record.created_rev))
}

/// The stamps of each opportunity: of its creation, and of the last change of what it is planned from.
fn stamps(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<BTreeMap<String, (i64, i64)>, ApiError> {
    let (mut newest, mut shared) = (BTreeMap::<String, i64>::new(), 0);
    for Newest { opportunity_id, collection, rev } in meta::newest(connection, account_id)? {
        // An offer may move what is done about every other opportunity.
        if opportunity_id.is_none() || collection == Collection::Offers.as_str() {
            shared = rev.max(shared);
        }
        if let Some(id) = opportunity_id {
            let known = newest.entry(id).or_default();
            *known = rev.max(*known);
        }
    }
    let all = meta::of_collection(connection, account_id, Collection::Opportunities)?;
    let stamps = all.into_iter().map(|record| {
        let made = made(&record);
        let own = newest.get(&record.id).copied().unwrap_or(record.rev);
        (record.id, (made, own.max(shared)))
    });
    Ok(stamps.collect())
}
