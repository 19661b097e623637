//! Drafting: a text of a language pack with its blanks filled from the facts.
//!
//! **Must never** decide what may be asked or sent; that is in the kind and the flags of the item.
//! Nothing is invented either: what the facts do not say stays visible as a blank.

use super::input::{Addressee, DraftInput, Promised};
use super::pack::{Address, Letter, Pack, THANK_YOUS};
use super::slots::SlotName;
use super::template::{self, Blank, render, substitute};
use super::values::first_name;
use crate::entities::follow_up::FollowUpKind;
use crate::entities::opportunity::Interest;

/// A text as far as the facts go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Subject line.
    pub subject: String,
    /// The text, lines ending in `\n`.
    pub body: String,
    /// The blanks of both, in the order in which they stand.
    pub slots: Vec<Slot>,
    /// The names of the required blanks without a value, which are visible in the text.
    pub unfilled: Vec<&'static str>,
}

/// A blank of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its name, without the braces.
    pub name: &'static str,
    /// What stands there; `None` if nothing does.
    pub value: Option<String>,
    /// Whether the text is incomplete without it.
    pub required: bool,
    /// What to write there, in the language of the pack.
    pub hint: &'static str,
}

/// The text for `input` in the language of `pack`. Total: the same input gives the same draft, and
/// whatever is missing stays visible as a blank.
#[must_use]
pub fn draft(input: &DraftInput<'_>, pack: &Pack) -> Draft {
    let letter = letter(input, pack);
    let value = |slot| value(input, pack, slot);
    let (subject, mut blanks) = match input.own_subject {
        Some(own) => (substitute(own, &value), blanks_of_own(own)),
        None => (render(letter.subject, &value), template::blanks(letter.subject)),
    };
    let body = if let Some(own) = input.own_body {
        blanks.extend(blanks_of_own(own));
        substitute(own, &value)
    } else {
        let whole = whole(letter, input, pack);
        blanks.extend(template::blanks(&whole));
        render(&whole, &value)
    };
    let slots = slots(&blanks, &value, pack);
    let missing = slots.iter().filter(|slot| slot.required && slot.value.is_none());
    let unfilled = missing.map(|slot| slot.name).collect();
    Draft { subject, body, slots, unfilled }
}

fn blanks_of_own(text: &str) -> Vec<Blank> {
    template::blanks_of(text).map(|slot| Blank { slot, required: true }).collect()
}

/// Every blank once; required if it is so anywhere.
fn slots(blanks: &[Blank], value: &impl Fn(SlotName) -> Option<String>, pack: &Pack) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    for blank in blanks {
        match slots.iter_mut().find(|slot| slot.name == blank.slot.as_str()) {
            Some(known) => known.required |= blank.required,
            None => slots.push(Slot {
                name: blank.slot.as_str(),
                value: value(blank.slot),
                required: blank.required,
                hint: pack.hints.of(blank.slot),
            }),
        }
    }
    slots
}

/// The texts of `pack` for what is done.
fn letter<'p>(input: &DraftInput<'_>, pack: &'p Pack) -> &'p Letter {
    let letters = &pack.letters;
    let [first_thanks, ..] = &letters.thank_you;
    match input.kind {
        FollowUpKind::ThankYou => {
            letters.thank_you.get(input.variant % THANK_YOUS).unwrap_or(first_thanks)
        }
        FollowUpKind::FollowUp if input.n.is_some_and(|n| n > 1) => &letters.once_more,
        FollowUpKind::FollowUp if input.promise.is_some() => &letters.promise_passed,
        FollowUpKind::FollowUp => &letters.open_ended,
        FollowUpKind::ValueAdd => &letters.value_add,
        FollowUpKind::Fulfil => &letters.fulfil,
        FollowUpKind::OfferNudge => &letters.offer_nudge,
        FollowUpKind::Debrief => &letters.debrief,
        FollowUpKind::AckOffer => &letters.ack_offer,
        FollowUpKind::RespondOffer => &letters.respond_offer,
        FollowUpKind::GraciousReply => &letters.gracious_reply,
        FollowUpKind::AskNewSlot => &letters.ask_new_slot,
        FollowUpKind::NoShowPing => &letters.no_show_ping,
        FollowUpKind::Apologise => &letters.apologise,
        FollowUpKind::Withdrawal => &letters.withdrawal,
        FollowUpKind::Custom if input.recipient == Addressee::Candidate => &letters.reminder,
        FollowUpKind::Custom => &letters.custom,
        FollowUpKind::PrepClose => &letters.prep_close,
        FollowUpKind::LogDebrief => &letters.log_debrief,
        FollowUpKind::LegalNotice => &letters.legal_notice,
        FollowUpKind::CloseOut => &letters.close_out,
    }
}

/// The body with greeting and closing, unless it is a note or what one says on the telephone.
fn whole(letter: &Letter, input: &DraftInput<'_>, pack: &Pack) -> String {
    let is_note = input.kind.is_private()
        || input.kind == FollowUpKind::Debrief
        || input.recipient == Addressee::Candidate;
    if input.kind == FollowUpKind::PrepClose {
        return format!("{}\n\n{}", letter.body, pack.closing_text());
    }
    if is_note {
        return letter.body.to_owned();
    }
    format!("{}{}{}", pack.greeting, letter.body, pack.closing)
}

/// The value of a blank: the candidate's own, else from the facts.
fn value(input: &DraftInput<'_>, pack: &Pack, slot: SlotName) -> Option<String> {
    let value = match input.slots.get(slot.as_str()) {
        Some(own) => own.clone(),
        None => from_facts(input, pack, slot)?,
    };
    let value = match slot {
        SlotName::Moment | SlotName::Fit | SlotName::Supplement | SlotName::Deliverable => {
            inside_a_sentence(&value, pack)
        }
        _ => value.trim().to_owned(),
    };
    (!value.is_empty()).then_some(value)
}

fn from_facts(input: &DraftInput<'_>, pack: &Pack, slot: SlotName) -> Option<String> {
    let owned = |text: &str| Some(text.to_owned());
    match slot {
        SlotName::FirstName => match (input.recipient, pack.address) {
            (Addressee::Person(name), Address::FirstName) => owned(first_name(name)),
            (Addressee::Person(name), Address::FullName) => owned(name),
            _ => None,
        },
        SlotName::FullName => match input.recipient {
            Addressee::Person(name) => owned(name),
            _ => None,
        },
        SlotName::Role => owned(input.role),
        SlotName::Employer => owned(input.employer),
        SlotName::When => when(input, pack),
        SlotName::Moment => input.moment.map(str::to_owned),
        SlotName::Supplement => supplement(input, pack),
        SlotName::Deliverable => {
            let thing = input.deliverable?;
            thing.title.or_else(|| pack.deliverables.of(thing.kind)).map(str::to_owned)
        }
        SlotName::PromiseWords => promise_words(input.promise?, pack),
        SlotName::Deadline => input.deadline.map(|at| pack.dates.moment(at)),
        SlotName::Title => input.title.map(str::to_owned),
        SlotName::MyName => input.my_name.map(str::to_owned),
        _ => clause(input, pack, slot),
    }
}

/// On which day the conversation was. Only what cannot wait says "today".
fn when(input: &DraftInput<'_>, pack: &Pack) -> Option<String> {
    let day = input.interview_day?;
    let is_urgent = matches!(input.kind, FollowUpKind::NoShowPing | FollowUpKind::Apologise);
    if is_urgent && day == input.send_day {
        return Some(pack.dates.today.to_owned());
    }
    Some(pack.dates.when(day, input.send_day))
}

/// The sentence for an optional blank, if the flags call for it.
fn clause(input: &DraftInput<'_>, pack: &Pack, slot: SlotName) -> Option<String> {
    let flagged = |flag: &str| input.flags.contains(flag);
    let is_thanks = input.kind == FollowUpKind::ThankYou;
    let clauses = &pack.clauses;
    let (wanted, text) = match slot {
        SlotName::PassOn => {
            (flagged("via_recruiter") || flagged("via_coordinator"), clauses.pass_on)
        }
        SlotName::Thanks => (flagged("include_thanks"), clauses.thanks),
        SlotName::TimelineQuestion if is_thanks => {
            (flagged("ask_timeline"), clauses.timeline_question)
        }
        SlotName::TimelineQuestion => (flagged("ask_timeline"), clauses.timeline_question_later),
        SlotName::NoRush => (!flagged("last_call"), clauses.no_rush),
        SlotName::LastCall => (flagged("last_call"), clauses.last_call),
        SlotName::FirstChoice => (input.interest == Interest::High, clauses.first_choice),
        SlotName::DeadlineQuestion => {
            (flagged("confirm_deadline") && input.deadline.is_none(), clauses.deadline_question)
        }
        SlotName::ExtensionQuestion => (flagged("others_pending"), clauses.extension_question),
        _ => return None,
    };
    let inner = |slot| match slot {
        SlotName::FirstName | SlotName::FullName | SlotName::Role | SlotName::Employer => {
            value(input, pack, slot)
        }
        _ => None,
    };
    let complete = template::blanks_of(text).all(|slot| inner(slot).is_some());
    (wanted && complete).then(|| substitute(text, &inner))
}

/// New qualifications, where the message is to show them.
fn supplement(input: &DraftInput<'_>, pack: &Pack) -> Option<String> {
    let shown = input.kind == FollowUpKind::ValueAdd || input.flags.contains("include_supplement");
    let (last, rest) = input.supplements.split_last().filter(|_| shown)?;
    if rest.is_empty() {
        return Some((*last).to_owned());
    }
    Some(format!("{}{}{last}", rest.join(", "), pack.and))
}

/// The words in quotation marks, so that they are visibly theirs, or else the day that they meant.
fn promise_words(promise: Promised<'_>, pack: &Pack) -> Option<String> {
    let words = promise.words.trim();
    let (open, close) = pack.quotes;
    if words.is_empty() {
        return promise.by.map(|by| pack.dates.day(by));
    }
    Some(format!("{open}{words}{close}"))
}

/// A note of the candidate's as it stands inside a sentence: without a full stop, and without a
/// capital that only began the note.
fn inside_a_sentence(text: &str, pack: &Pack) -> String {
    let text = text.trim().trim_end_matches(['.', ' ']);
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    if pack.small_words.contains(&word) && !rest.is_empty() {
        return format!("{} {rest}", word.to_lowercase());
    }
    text.to_owned()
}
