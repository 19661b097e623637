//! To whom and by which way a message goes, and what goes together.
//!
//! Applied to finished items: the rules of timing do not depend on it.
//!
//! **Must never** change a key or a window.

use super::blocks;
use super::draft::{Draft, EMPLOYER, RECRUITER, SELF};
use super::facts::Facts;
use super::item::{Alternative, Item, ItemChannel, ItemKind, Route, Verdict};
use super::people::{self, Person};
use super::reason::{Reason, Value};
use crate::entities::Contact;
use crate::entities::contact::{Channel, ChannelKind, ContactRole};
use crate::entities::follow_up::OutboundChannel;

/// Who is asked where things stand: the agency's recruiter, or the employer.
pub(super) const fn main_recipient(facts: &Facts<'_>) -> &'static str {
    if facts.via_agency() { RECRUITER } else { EMPLOYER }
}

/// How to ask where things stand: a recruiter of an agency may be called.
pub(super) const fn main_channel(facts: &Facts<'_>) -> ItemChannel {
    if facts.via_agency() { ItemChannel::PhoneOrEmail } else { ItemChannel::Email }
}

/// Whether somebody is called.
pub(super) const fn is_call(channel: ItemChannel) -> bool {
    matches!(channel, ItemChannel::Phone | ItemChannel::PhoneOrEmail | ItemChannel::PhoneThenEmail)
}

/// W2: takes the telephone out where the employer wants no calls. The agency's recruiter is not
/// the employer.
pub(super) fn without_forbidden_calls(facts: &Facts<'_>, draft: Draft) -> Draft {
    if is_call(draft.channel) && draft.to != RECRUITER && blocks::forbids_calls(facts) {
        draft.by(ItemChannel::Email)
    } else {
        draft
    }
}

/// W1 and W2 for one item: the person behind `to`, and the way that suits that person.
pub(super) fn address(facts: &Facts<'_>, item: &mut Item) {
    if item.to == SELF {
        return;
    }
    let people = people::candidates(facts, item);
    let Some(first) = people.first() else { return };
    item.contact_id = Some(first.contact.id.clone());
    if item.to != first.contact.id {
        item.routing.push(
            Reason::new("W1-RECIPIENT")
                .with("name", Value::Words(first.contact.name.clone()))
                .with("why", first.why),
        );
    }
    choose_channel(facts, item, first.contact);
    if let Some(next) = people.get(1).filter(|_| item.kind == ItemKind::FollowUp) {
        item.alternatives.push(somebody_else(next));
    }
}

fn somebody_else(next: &Person<'_>) -> Alternative {
    let name = Value::Words(next.contact.name.clone());
    Alternative {
        reason: Reason::new("A3-OTHER-PERSON").with("name", name),
        contact_id: Some(next.contact.id.clone()),
        channel: None,
        do_at: None,
    }
}

/// W2: e-mail unless this person has no address and can be reached otherwise, or prefers a way that
/// is allowed. What is allowed but not chosen is an alternative.
fn choose_channel(facts: &Facts<'_>, item: &mut Item, contact: &Contact) {
    let own = item.kind == ItemKind::Custom;
    if item.channel != ItemChannel::Email || item.route != Route::Direct || own {
        return;
    }
    let preferred = contact.preferred.filter(|kind| *kind != ChannelKind::Email);
    let has_email = contact.channels.is_empty()
        || contact.channels.iter().any(|way| way.kind == ChannelKind::Email);
    let ways = [ChannelKind::Phone, ChannelKind::Linkedin, ChannelKind::Sms];
    let allowed = ways.into_iter().filter_map(|kind| Some((kind, may_use(facts, contact, kind)?)));
    for (kind, why) in allowed {
        let Some(channel) = item_channel(kind) else { continue };
        let name = channel_name(kind);
        let is_chosen = preferred == Some(kind) || !has_email;
        if is_chosen && item.channel == ItemChannel::Email && item.kind != ItemKind::ThankYou {
            item.channel = channel;
            let reason = Reason::new("W2-CHANNEL").with("channel", name).with("why", why);
            item.routing.push(reason);
        } else {
            let reason = Reason::new("A2-OTHER-CHANNEL").with("channel", name).with("why", why);
            let channel = Some(channel);
            item.alternatives.push(Alternative { reason, contact_id: None, channel, do_at: None });
        }
    }
}

/// W2: why `kind` may be used with `contact`; `None` if it may not.
pub(super) fn may_use(
    facts: &Facts<'_>,
    contact: &Contact,
    kind: ChannelKind,
) -> Option<&'static str> {
    let has = |open: fn(&Channel) -> bool| {
        contact.channels.iter().any(|way| way.kind == kind && open(way))
    };
    let agency = facts.via_agency() && contact.role == ContactRole::AgencyRecruiter;
    match kind {
        ChannelKind::Email | ChannelKind::Postal => Some("it is always fine"),
        ChannelKind::Phone if blocks::forbids_calls(facts) && !agency => None,
        ChannelKind::Phone if agency => Some("an agency expects calls"),
        ChannelKind::Phone => has(|way| way.invited).then_some("they invited you to call"),
        ChannelKind::Linkedin if has(|way| way.connected) => Some("you are connected there"),
        ChannelKind::Linkedin => facts
            .has_used(contact, OutboundChannel::Linkedin)
            .then_some("you wrote to each other there"),
        ChannelKind::Sms => has(|way| way.invited).then_some("they wrote to you that way first"),
    }
}

const fn item_channel(kind: ChannelKind) -> Option<ItemChannel> {
    match kind {
        ChannelKind::Email => Some(ItemChannel::Email),
        ChannelKind::Phone => Some(ItemChannel::Phone),
        ChannelKind::Linkedin => Some(ItemChannel::Linkedin),
        ChannelKind::Sms => Some(ItemChannel::Sms),
        ChannelKind::Postal => None,
    }
}

const fn channel_name(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Email => "E-mail",
        ChannelKind::Phone => "A call",
        ChannelKind::Linkedin => "LinkedIn",
        ChannelKind::Postal => "A letter",
        ChannelKind::Sms => "A text message",
    }
}

/// M1: what goes to the same person on the same office day makes one message with the first of
/// them. `items` are in the order of the plan.
pub(super) fn bundle(facts: &Facts<'_>, items: &mut [Item]) {
    let mut first: Vec<(String, crate::clock::CivilDate, String)> = Vec::new();
    for item in items {
        let Some(do_at) = item.do_at.filter(|_| is_bundled(item)) else { continue };
        let person = item.contact_id.as_ref().unwrap_or(&item.to);
        let day = facts.day(do_at);
        let known = first.iter().find(|(who, when, _)| who == person && *when == day);
        if let Some((_, _, id)) = known {
            item.bundle_with = Some(id.clone());
            item.routing.push(Reason::new("M1-BUNDLE"));
        } else {
            first.push((person.clone(), day, item.follow_up_id()));
        }
    }
}

/// Answers and apologies stand alone; what is blocked is not sent at all.
fn is_bundled(item: &Item) -> bool {
    item.verdict != Verdict::Blocked
        && item.to != SELF
        && !matches!(item.kind, ItemKind::Apologise | ItemKind::NoShowPing | ItemKind::RespondOffer)
}
