//! An item of the plan in one line.

use crate::calendar::BusinessOffice;
use crate::clock::Instant;
use crate::plan::{Item, ItemKind, Verdict};

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

fn act(item: &Item, who: &str) -> String {
    match item.kind {
        ItemKind::Apologise => "Say sorry for the missed interview".to_owned(),
        ItemKind::NoShowPing => "Ask what happened to the interview".to_owned(),
        ItemKind::LogDebrief => "Write down how the interview ended".to_owned(),
        ItemKind::PrepClose => "Get the three closing questions ready".to_owned(),
        ItemKind::Fulfil => "Deliver what you promised".to_owned(),
        ItemKind::RespondOffer => "Answer their offer".to_owned(),
        ItemKind::AckOffer => "Acknowledge their offer".to_owned(),
        ItemKind::OfferNudge => "Tell them about the other offer".to_owned(),
        ItemKind::Debrief => "Tell the recruiter how it went".to_owned(),
        ItemKind::ThankYou => format!("Thank {who}"),
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
