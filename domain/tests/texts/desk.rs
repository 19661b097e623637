//! A candidate at the desk: inputs and contexts to start from.

use afterview_domain::clock::CivilDate;
use afterview_domain::entities::commitment::CommitmentKind;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::opportunity::Interest;
use afterview_domain::text::{
    Addressee, Deliverable, Draft, DraftInput, Finding, LintContext, Pack, Promised, draft, lint,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Slots = BTreeMap<String, String>;
pub(crate) type Flags = BTreeSet<String>;

pub(crate) static NO_SLOTS: Slots = BTreeMap::new();
pub(crate) static NO_FLAGS: Flags = BTreeSet::new();

pub(crate) const KINDS: [FollowUpKind; 18] = [
    FollowUpKind::ThankYou,
    FollowUpKind::FollowUp,
    FollowUpKind::ValueAdd,
    FollowUpKind::Fulfil,
    FollowUpKind::OfferNudge,
    FollowUpKind::Debrief,
    FollowUpKind::AckOffer,
    FollowUpKind::RespondOffer,
    FollowUpKind::GraciousReply,
    FollowUpKind::AskNewSlot,
    FollowUpKind::NoShowPing,
    FollowUpKind::Apologise,
    FollowUpKind::Withdrawal,
    FollowUpKind::Custom,
    FollowUpKind::PrepClose,
    FollowUpKind::LogDebrief,
    FollowUpKind::LegalNotice,
    FollowUpKind::CloseOut,
];

/// The flags that change a text.
pub(crate) const FLAGS: [&str; 8] = [
    "ask_timeline",
    "include_thanks",
    "include_supplement",
    "last_call",
    "others_pending",
    "confirm_deadline",
    "via_recruiter",
    "via_coordinator",
];

pub(crate) fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

pub(crate) fn english() -> &'static Pack {
    Pack::for_locale("en")
}

pub(crate) fn german() -> &'static Pack {
    Pack::for_locale("de")
}

pub(crate) fn slots(pairs: &[(&str, &str)]) -> Slots {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn flags(words: &[&str]) -> Flags {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Anna Novak of Acme, the day after the conversation; nothing else is known.
pub(crate) fn to_anna(kind: FollowUpKind) -> DraftInput<'static> {
    DraftInput {
        kind,
        n: Some(1),
        flags: &NO_FLAGS,
        recipient: Addressee::Person("Anna Novak"),
        employer: "Acme",
        role: "Data engineer",
        interest: Interest::High,
        moment: None,
        variant: 0,
        interview_day: Some(day("2026-05-06")),
        send_day: day("2026-05-07"),
        promise: None,
        supplements: &[],
        deliverable: None,
        deadline: None,
        title: None,
        my_name: None,
        slots: &NO_SLOTS,
        own_subject: None,
        own_body: None,
    }
}

/// The same with every fact that there can be.
pub(crate) fn knowing_all(kind: FollowUpKind) -> DraftInput<'static> {
    DraftInput {
        moment: Some("The walk through the old mill."),
        promise: Some(Promised { words: "by the end of the week", by: Some(day("2026-05-08")) }),
        supplements: &["the Kafka certificate", "my talk at the harbour"],
        deliverable: Some(Deliverable { kind: CommitmentKind::References, title: None }),
        deadline: day("2026-05-22").and_hms_opt(17, 0, 0),
        title: Some("The harbour map"),
        my_name: Some("Maria Silva"),
        ..to_anna(kind)
    }
}

/// What a note about `input` is checked against.
pub(crate) fn context<'a>(input: &DraftInput<'a>) -> LintContext<'a> {
    LintContext {
        kind: input.kind,
        subject: None,
        recipient: match input.recipient {
            Addressee::Person(name) => Some(name),
            _ => None,
        },
        my_name: input.my_name,
        employer: input.employer,
        role: input.role,
        other_employers: &[],
        other_roles: &[],
        moment: input.moment,
        promise_words: input.promise.map(|promise| promise.words),
        siblings: &[],
        has_offer: input.deadline.is_some(),
    }
}

/// The draft with something in every blank that is still open, and its findings.
pub(crate) fn finished(input: &DraftInput<'_>, pack: &Pack) -> (Draft, Vec<Finding>) {
    let open = draft(input, pack);
    let missing = open.unfilled.iter().map(|name| ((*name).to_owned(), filler(name).to_owned()));
    let mut slots = input.slots.clone();
    slots.extend(missing);
    let whole = draft(&DraftInput { slots: &slots, ..*input }, pack);
    let context = LintContext { subject: Some(&whole.subject), ..context(input) };
    let findings = lint(&whole.body, &context, pack);
    (whole, findings)
}

fn filler(name: &str) -> &'static str {
    match name {
        "first_name" => "Anna",
        "moment" => "Kafka, Rotterdam, Montmartre",
        "deadline" => "22 May",
        _ => "Rotterdam",
    }
}
