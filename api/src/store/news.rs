//! What a running write did that others outside may want to hear of: which records it changed, and what
//! they were before; and the events that became of it.
//!
//! Nothing is noted for an account without an enabled webhook. **Must never** know what an event says.

use super::AccountWrite;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::sync::Record;
use serde_json::Value;

/// A record that a unit changed, once for each, however often it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its collection.
    pub collection: Collection,
    /// Its identifier.
    pub id: String,
    /// What it was before the unit; `None` if it was not there.
    pub before: Option<Before>,
}

/// What a live record was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The word that tells where it stood, if it had one: see [`word_of`].
    pub word: Option<String>,
}

/// An event as it is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The name of the event.
    pub kind: &'static str,
    /// When it happened. With `key` it tells the event from every other one of its kind in the account, for
    /// ever: announced twice, it is one event.
    pub at: Instant,
    /// What it is about, and in which state.
    pub key: String,
    /// The body of the request.
    pub payload: String,
}

/// What there is to tell of a unit.
#[derive(Debug, Default)]
pub(super) struct News {
    /// How many webhooks of the account are enabled.
    pub(super) webhooks: i64,
    /// Whether something is on its way to a webhook.
    pub(super) are_queued: bool,
    is_quiet: bool,
    changed: Vec<Changed>,
    announced: Vec<Announcement>,
}

impl News {
    /// Nothing so far, of an account with so many enabled webhooks.
    pub(super) fn of(webhooks: i64) -> Self {
        Self { webhooks, ..Self::default() }
    }

    fn is_wanted(&self) -> bool {
        self.webhooks > 0 && !self.is_quiet
    }

    /// Notes that `record` took the place of `before`.
    pub(super) fn note(&mut self, before: Option<&Record>, record: &Record) {
        if !self.is_wanted() || field_of(record.collection).is_none() {
            return;
        }
        let is_same = |one: &Changed| one.collection == record.collection && one.id == record.id;
        if self.changed.iter().any(is_same) {
            return;
        }
        let live = before.filter(|before| before.deleted_rev.is_none());
        self.changed.push(Changed {
            collection: record.collection,
            id: record.id.clone(),
            before: live.map(|before| Before { word: word_of(before).map(str::to_owned) }),
        });
    }

    /// How many records are noted.
    pub(super) fn len(&self) -> usize {
        self.changed.len()
    }

    /// Forgets the records noted since there were so many: that part of the unit was undone.
    pub(super) fn forget_from(&mut self, count: usize) {
        self.changed.truncate(count);
    }
}

/// The field that tells where a record stands; `None` for collections of which nobody hears.
fn field_of(collection: Collection) -> Option<&'static str> {
    match collection {
        Collection::Opportunities => Some("closed"),
        Collection::Interviews | Collection::FollowUps | Collection::Expectations => Some("status"),
        Collection::Replies => Some("kind"),
        _ => None,
    }
}

/// The word that tells where a record stands, such as its status.
#[must_use]
pub fn word_of(record: &Record) -> Option<&str> {
    record.doc.get(field_of(record.collection)?).and_then(Value::as_str)
}

impl AccountWrite<'_> {
    /// Whether somebody outside wants to hear of this write.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.news.is_wanted()
    }

    /// Has nobody hear of this write: what it brings is not new.
    pub fn tell_nobody(&mut self) {
        self.news.is_quiet = true;
    }

    /// Adds an event, if somebody wants to hear of this write. Not inside of a part that may be undone.
    pub fn announce(&mut self, event: Announcement) {
        if self.news.is_wanted() {
            self.news.announced.push(event);
        }
    }

    /// The records that changed so far; asking forgets them.
    pub fn take_changed(&mut self) -> Vec<Changed> {
        std::mem::take(&mut self.news.changed)
    }

    /// The events so far; asking forgets them.
    pub fn take_announced(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.news.announced)
    }

    /// Notes that this write put something on its way, so that it is sent right after the commit.
    pub fn note_queued(&mut self) {
        self.news.are_queued = true;
    }
}
