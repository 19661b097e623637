//! Drafts of follow-ups: the facts that a text is made from and checked against.
//!
//! The words are the domain's. **Must never** store anything, decide what may be asked, or show a text
//! made from another account.

mod desk;

use crate::dto::draft::{DraftBody, DraftView};
use crate::dto::mail::{Receiver, mailto};
use crate::error::ApiError;
use crate::planning::Dossier;
use crate::planning::tact::{self, Planned};
use crate::store::DbConnection;
use crate::store::docs::docs_of_collections;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::plan::Item;
use afterview_domain::text::{DraftInput, Finding, Pack, draft};
use desk::Desk;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A draft, and where it goes if it goes by e-mail and the address is known.
pub struct Made {
    /// What is served.
    pub view: DraftView,
    /// Whose mailbox.
    pub receiver: Option<Receiver>,
}

/// A draft of the planned follow-up called `id`, as of `now`: the text of `body`, else the stored one,
/// else that of the language pack; with blanks from `body`, else stored ones, else from the facts.
/// Its language is `locale`, else that of the preferences.
///
/// # Errors
/// [`NotFound`](crate::error::Code::NotFound); [`WrongState`](crate::error::Code::WrongState) when it is
/// not open any more.
pub fn made(
    connection: &mut DbConnection,
    account_id: &str,
    id: &str,
    (body, locale): (&DraftBody, Option<&str>),
    now: Instant,
) -> Result<Made, ApiError> {
    let Planned { dossier, item } = tact::planned(connection, account_id, id, now)?;
    let others = Others::of(connection, account_id, &dossier.snapshot.opportunity.id)?;
    let pack = Pack::for_locale(locale.unwrap_or(&dossier.snapshot.preferences.locale));
    Ok(drafted(&dossier, &others, &item, body, pack, now))
}

fn drafted(
    dossier: &Dossier,
    others: &Others,
    item: &Item,
    body: &DraftBody,
    pack: &Pack,
    now: Instant,
) -> Made {
    let desk = Desk::new(dossier, item, None, &body.slots, now);
    let input = DraftInput {
        own_subject: body.subject.as_deref().or_else(|| desk.stored_text("subject")),
        own_body: body.body.as_deref().or_else(|| desk.stored_text("body")),
        ..desk.input()
    };
    let text = draft(&input, pack);
    let findings = desk.findings(others, Some(&text.subject), &text.body, pack);
    let channel = desk.stored_text("channel").unwrap_or(item.channel.as_str());
    let receiver = desk.receiver();
    let address = receiver.as_ref().map(|receiver| receiver.address.as_str());
    let view = DraftView {
        follow_up_id: item.follow_up_id(),
        locale: pack.locale().to_owned(),
        channel: channel.to_owned(),
        to: desk.to.to_owned(),
        to_name: desk.contact.map(|contact| contact.name.clone()),
        to_address: address.map(str::to_owned),
        mailto: is_mail(channel).then(|| mailto(address, &text.subject, &text.body)),
        subject: text.subject,
        body: text.body,
        slots: text.slots.into_iter().map(Into::into).collect(),
        unfilled: text.unfilled.into_iter().map(str::to_owned).collect(),
        findings: findings.into_iter().map(Into::into).collect(),
    };
    Made { view, receiver }
}

/// What is to be looked at again in a text for `item`, whoever wrote it. `to` is the recipient that is
/// meant instead of the planned one: a contact, or a role as in [`Item::to`].
#[must_use]
pub fn lint_of(
    dossier: &Dossier,
    others: &Others,
    (item, to): (&Item, Option<&str>),
    (subject, body): (Option<&str>, &str),
    (pack, now): (&Pack, Instant),
) -> Vec<Finding> {
    let desk = Desk::new(dossier, item, to, &BTreeMap::new(), now);
    desk.findings(others, subject, body, pack)
}

/// The names of the candidate's other jobs, which do not belong into a text about this one.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Others {
    employers: Vec<String>,
    roles: Vec<String>,
}

impl Others {
    /// All jobs of the account but that of `opportunity_id`.
    ///
    /// # Errors
    /// That the database is unavailable or a record corrupt.
    pub fn of(
        connection: &mut DbConnection,
        account_id: &str,
        opportunity_id: &str,
    ) -> Result<Self, ApiError> {
        let mut others = Self::default();
        for (_, doc) in docs_of_collections(connection, account_id, &[Collection::Opportunities])? {
            let doc: Map<String, Value> = serde_json::from_str(&doc).map_err(ApiError::internal)?;
            let text = |name: &str| doc.get(name).and_then(Value::as_str).map(str::to_owned);
            if text("id").as_deref() != Some(opportunity_id) {
                others.employers.extend(text("employer"));
                others.roles.extend(text("role"));
            }
        }
        Ok(others)
    }
}

fn is_mail(channel: &str) -> bool {
    matches!(channel, "email" | "phone_or_email" | "phone_then_email" | "both" | "via_recruiter")
}
