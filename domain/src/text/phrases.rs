//! Dates, counts and acts in English phrases, as reasons use them.
//!
//! **Must never** be used for texts to others; those come from the language packs.

use crate::clock::CivilDate;
use crate::plan::ItemKind;
use chrono::NaiveDateTime;

/// "Friday 8 May".
#[must_use]
pub fn day(date: CivilDate) -> String {
    date.format("%A %-d %B").to_string()
}

/// "Friday 8 May at 17:30".
#[must_use]
pub fn moment_of(civil: NaiveDateTime) -> String {
    civil.format("%A %-d %B at %H:%M").to_string()
}

/// "two messages"; numbers up to ten are words.
#[must_use]
pub fn counted(n: i64, one: &str, many: &str) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let word = usize::try_from(n).ok().and_then(|n| WORDS.get(n));
    let noun = if n == 1 { one } else { many };
    word.map_or_else(|| format!("{n} {noun}"), |word| format!("{word} {noun}"))
}

/// "ask where things stand".
#[must_use]
pub const fn act_of(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Apologise => "say sorry for the missed appointment",
        ItemKind::NoShowPing => "ask what became of the interview",
        ItemKind::LogDebrief => "note how the interview ended",
        ItemKind::PrepClose => "prepare the three closing questions",
        ItemKind::Fulfil => "deliver what you promised",
        ItemKind::RespondOffer => "answer their offer",
        ItemKind::AckOffer => "acknowledge their offer",
        ItemKind::OfferNudge => "tell them about your other offer",
        ItemKind::Debrief => "tell the recruiter how it went",
        ItemKind::ThankYou => "send your thanks",
        ItemKind::GraciousReply => "send a short kind reply",
        ItemKind::Withdrawal => "withdraw with a short kind note",
        ItemKind::AskNewSlot => "ask for a new date",
        ItemKind::ValueAdd => "send what is new, without asking for anything",
        ItemKind::FollowUp => "ask where things stand",
        ItemKind::Custom => "do what you planned",
        ItemKind::LegalNotice => "know what the law asks of them",
        ItemKind::CloseOut => "let it rest",
    }
}
