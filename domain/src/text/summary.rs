//! An item of the plan in one line.

use super::phrases::act_of;
use crate::calendar::BusinessOffice;
use crate::clock::Instant;
use crate::entities::commitment::CommitmentKind;
use crate::plan::{Item, ItemChannel, ItemKind, Route, Verdict};

/// The advice of `item` in one line, in English, with times of the `office`; `recipient` is the
/// name of the person, when known.
#[must_use]
pub fn summary(item: &Item, office: &BusinessOffice, recipient: Option<&str>) -> String {
    let act = act(item, recipient.unwrap_or("them"));
    let when = item.do_at.map(|at| moment(office, at));
    match (item.verdict, when) {
        (Verdict::Blocked, _) | (_, None) => {
            let why = item.reasons.last().map(crate::plan::Reason::text).unwrap_or_default();
            format!("{act}: not now. {why}")
        }
        (Verdict::TooSoon, Some(when)) => format!("{act}: too soon now; {when}."),
        (Verdict::GoodTime, Some(when)) => format!("{act}: {when}."),
        (Verdict::Overdue, Some(when)) => format!("{act}: overdue; {when}."),
        (Verdict::LastCall, Some(when)) => {
            format!("{act}, for the last time: {when}.")
        }
        (Verdict::LetItGo, Some(_)) => format!("{act}."),
    }
}

/// "Tuesday 12 May at 10:00, office time".
#[must_use]
pub fn moment(office: &BusinessOffice, at: Instant) -> String {
    office.civil(at).format("%A %-d %B at %H:%M, office time").to_string()
}

/// What `item` is about, in English, without a time: "Thank Anna". `who` is the name of the person.
#[must_use]
pub fn act(item: &Item, who: &str) -> String {
    match item.kind {
        ItemKind::Apologise => "Say sorry for the missed interview".to_owned(),
        ItemKind::NoShowPing => "Ask what happened to the interview".to_owned(),
        ItemKind::LogDebrief => "Write down how the interview ended".to_owned(),
        ItemKind::PrepClose => "Get the three closing questions ready".to_owned(),
        ItemKind::Fulfil => duty(item),
        ItemKind::RespondOffer => "Answer their offer".to_owned(),
        ItemKind::AckOffer => "Acknowledge their offer".to_owned(),
        ItemKind::OfferNudge => "Tell them about the other offer".to_owned(),
        ItemKind::Debrief => "Tell the recruiter how it went".to_owned(),
        ItemKind::ThankYou => thanks(item, who),
        ItemKind::GraciousReply => "Answer the rejection kindly".to_owned(),
        ItemKind::Withdrawal => "Withdraw with a short kind note".to_owned(),
        ItemKind::AskNewSlot => "Ask for a new date".to_owned(),
        ItemKind::ValueAdd => "Send your new qualification, without asking for anything".to_owned(),
        ItemKind::FollowUp => "Ask where things stand".to_owned(),
        ItemKind::Custom => item.title.clone().unwrap_or_else(|| "Your own reminder".to_owned()),
        ItemKind::LegalNotice => "Know your right to an answer".to_owned(),
        ItemKind::CloseOut => "Let it go, for yourself".to_owned(),
    }
}

fn thanks(item: &Item, who: &str) -> String {
    match (item.channel, item.route) {
        (_, Route::ViaRecruiter) => format!("Thank {who} through the recruiter"),
        (ItemChannel::Handwritten, _) => format!("Thank {who} with a handwritten note"),
        (ItemChannel::Both, _) => format!("Thank {who} by e-mail and with a handwritten note"),
        _ => format!("Thank {who}"),
    }
}

/// What is owed: as the candidate calls it, else what kind of thing it is.
fn duty(item: &Item) -> String {
    if let Some(title) = &item.title {
        return format!("Deliver what you promised ({title})");
    }
    let kinds = CommitmentKind::WORDS.iter().filter(|kind| **kind != "other");
    let kind = kinds.copied().find(|kind| item.flags.contains(*kind));
    kind.map_or_else(
        || "Deliver what you promised".to_owned(),
        |kind| format!("Deliver what you promised ({})", kind.replace('_', " ")),
    )
}

/// A follow-up that is no longer planned, in one line: what it was and what became of it.
#[must_use]
pub fn recorded(kind: ItemKind, outcome: &str) -> String {
    let act = act_of(kind);
    let mut letters = act.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}: {outcome}", letters.as_str())
}
