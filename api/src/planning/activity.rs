//! What happened in a period, one row for each thing: evidence for a job centre, or for oneself.
//!
//! **Must never** tell what is only planned, or what the candidate deleted.

use super::Dossier;
use super::dossier;
use crate::dto::report::Activity;
use crate::error::ApiError;
use crate::store::{DbConnection, meta};
use afterview_domain::calendar::to_civil;
use afterview_domain::clock::{CivilDate, Instant, format_instant};
use afterview_domain::entities::commitment::CommitmentStatus;
use afterview_domain::entities::follow_up::{FollowUpStatus, OutboundChannel};
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::entities::{Collection, Interview};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The most days that a report covers.
pub const MAX_REPORT_DAYS: i64 = 366;

/// The first and the last day of a report, in the candidate's zone.
pub type Period = (CivilDate, CivilDate);

/// What happened in a period.
#[derive(Debug, Clone)]
pub struct Report {
    /// The first and the last day.
    pub period: Period,
    /// The candidate's zone.
    pub time_zone: Tz,
    /// What happened, in the order of time.
    pub items: Vec<Activity>,
}

/// What happened until `now` in the period that `choose` makes of today.
///
/// # Errors
/// What `choose` says; that the database is unavailable or a record corrupt.
pub fn report(
    connection: &mut DbConnection,
    account_id: &str,
    now: Instant,
    choose: impl FnOnce(CivilDate) -> Result<Period, ApiError>,
) -> Result<Report, ApiError> {
    let dossiers = dossier::of_account(connection, account_id)?;
    let time_zone = zone(connection, account_id)?;
    let period = choose(to_civil(time_zone, now).date())?;
    let opportunities = meta::of_collection(connection, account_id, Collection::Opportunities)?;
    let docs = opportunities.into_iter().map(|record| (record.id, record.doc));
    let docs: BTreeMap<String, Map<String, Value>> = docs.collect();
    let mut rows: Vec<(Instant, Activity)> = Vec::new();
    for dossier in &dossiers {
        let table = Table { dossier, time_zone };
        rows.extend(docs.get(dossier.opportunity_id()).and_then(|doc| table.recorded(doc)));
        rows.extend(table.of_the_candidate());
        rows.extend(table.of_the_employer());
    }
    rows.retain(|(at, _)| *at <= now && is_within(period, to_civil(time_zone, *at).date()));
    rows.sort_by(|(at, one), (other_at, other)| {
        (at, &one.kind, &one.record_id).cmp(&(other_at, &other.kind, &other.record_id))
    });
    let items = rows.into_iter().map(|(_, row)| row).collect();
    Ok(Report { period, time_zone, items })
}

fn is_within((from, to): Period, day: CivilDate) -> bool {
    from <= day && day <= to
}

/// The candidate's zone, which an account without opportunities has as well.
fn zone(connection: &mut DbConnection, account_id: &str) -> Result<Tz, ApiError> {
    let preferences = meta::of_collection(connection, account_id, Collection::Preferences)?;
    let zone = preferences.iter().find_map(|record| record.doc.get("time_zone")?.as_str());
    let known = zone.and_then(|name| name.parse().ok());
    known.ok_or_else(|| ApiError::internal("an account without a time zone"))
}

/// The rows of one opportunity.
struct Table<'a> {
    dossier: &'a Dossier,
    time_zone: Tz,
}

/// What a row has of its own.
#[derive(Clone, Copy, Default)]
struct Told<'a> {
    kind: &'static str,
    what: Option<&'static str>,
    record_id: &'a str,
    contact_id: Option<&'a String>,
    channel: Option<OutboundChannel>,
    outcome: Option<&'static str>,
}

impl Table<'_> {
    fn row(&self, at: Instant, told: Told<'_>) -> (Instant, Activity) {
        let snapshot = &self.dossier.snapshot;
        let named = |id: &String| snapshot.contacts.iter().find(|contact| contact.id == *id);
        let text = |word: &'static str| word.to_owned();
        let activity = Activity {
            date: to_civil(self.time_zone, at).date().to_string(),
            at: format_instant(at),
            kind: told.kind.to_owned(),
            what: told.what.map(text),
            employer: snapshot.opportunity.employer.clone(),
            role: snapshot.opportunity.role.clone(),
            contact: told.contact_id.and_then(named).map(|contact| contact.name.clone()),
            channel: told.channel.map(|channel| channel.as_str().to_owned()),
            outcome: told.outcome.map(text),
            opportunity_id: snapshot.opportunity.id.clone(),
            record_id: told.record_id.to_owned(),
        };
        (at, activity)
    }

    /// That the opportunity was written down. Nobody says when an application went out.
    fn recorded(&self, doc: &Map<String, Value>) -> Option<(Instant, Activity)> {
        let text = |name: &str| doc.get(name).and_then(Value::as_str);
        let at = parse_instant(text("created_at")?).ok()?;
        let record_id = self.dossier.opportunity_id();
        let (at, row) =
            self.row(at, Told { kind: "opportunity_recorded", record_id, ..Told::default() });
        Some((at, Activity { what: text("source").map(str::to_owned), ..row }))
    }

    /// What the candidate did.
    fn of_the_candidate(&self) -> Vec<(Instant, Activity)> {
        let snapshot = &self.dossier.snapshot;
        let mut rows: Vec<(Instant, Activity)> =
            snapshot.interviews.iter().map(|interview| self.interview(interview)).collect();
        for sent in snapshot.follow_ups.iter().filter(|it| it.status == FollowUpStatus::Sent) {
            let told = Told {
                kind: "follow_up_sent",
                what: Some(sent.kind.as_str()),
                record_id: &sent.id,
                contact_id: sent.to.as_ref(),
                channel: sent.channel,
                ..Told::default()
            };
            let shown = sent.sent_at.filter(|_| !self.is_archived(&sent.id));
            rows.extend(shown.map(|at| self.row(at, told)));
        }
        for duty in &snapshot.commitments {
            let told = Told {
                kind: "commitment_fulfilled",
                what: Some(duty.kind.as_str()),
                record_id: &duty.id,
                ..Told::default()
            };
            let done = duty.fulfilled_at.filter(|_| duty.status == CommitmentStatus::Fulfilled);
            rows.extend(done.map(|at| self.row(at, told)));
        }
        let opportunity = &snapshot.opportunity;
        let closed = opportunity.closed.zip(opportunity.closed_at);
        rows.extend(closed.map(|(how, at)| {
            let (kind, record_id) = ("opportunity_closed", opportunity.id.as_str());
            self.row(at, Told { kind, record_id, outcome: Some(how.as_str()), ..Told::default() })
        }));
        rows
    }

    /// Of one that was called off, when that was; of others, when it began.
    fn interview(&self, interview: &Interview) -> (Instant, Activity) {
        let called_off = matches!(
            interview.status,
            InterviewStatus::CancelledThem
                | InterviewStatus::CancelledMe
                | InterviewStatus::Rescheduled
        );
        let at = interview.status_changed_at.filter(|_| called_off);
        let first = interview.attendees.iter().map(|attendee| &attendee.contact_id).next();
        let told = Told {
            kind: "interview",
            what: Some(interview.kind.as_str()),
            record_id: &interview.id,
            contact_id: first,
            outcome: Some(interview.status.as_str()),
            ..Told::default()
        };
        self.row(at.unwrap_or(interview.starts_at), told)
    }

    fn is_archived(&self, follow_up_id: &str) -> bool {
        let doc = self.dossier.follow_ups.get(follow_up_id);
        doc.and_then(|doc| doc.get("archived")) == Some(&Value::Bool(true))
    }

    /// What came back.
    fn of_the_employer(&self) -> Vec<(Instant, Activity)> {
        let snapshot = &self.dossier.snapshot;
        let replies = snapshot.replies.iter().map(|reply| {
            let told = Told {
                kind: "reply_received",
                what: Some(reply.kind.as_str()),
                record_id: &reply.id,
                contact_id: reply.from.as_ref(),
                ..Told::default()
            };
            self.row(reply.at, told)
        });
        let offers = snapshot.offers.iter().map(|offer| {
            let (kind, outcome) = ("offer_received", Some(offer.status.as_str()));
            let told = Told { kind, record_id: &offer.id, outcome, ..Told::default() };
            self.row(offer.received_at, told)
        });
        replies.chain(offers).collect()
    }
}
