//! Small readings of facts for the blanks: names, and moments of a conversation.
//!
//! **Must never** make a value up: what is not known stays a blank.

use crate::entities::interview::TalkingPoint;

/// Titles that stand before a name and are none.
const TITLES: &[&str] = &[
    "dr",
    "prof",
    "professor",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "sir",
    "dame",
    "herr",
    "frau",
    "dipl",
    "ing",
    "phd",
];

/// The first name in a full name: "Dr. Anna Novak" and "Novak, Anna" → "Anna". A title with one name
/// behind it ("Dr. Novak") is kept as it is, because that name is hardly a first one.
#[must_use]
pub fn first_name(name: &str) -> &str {
    let name = name.trim();
    if let Some((_, first)) = name.split_once(',')
        && !first.trim().is_empty()
    {
        return first_name(first);
    }
    let mut words = name.split_whitespace();
    let first = words.find(|word| !is_title(word));
    let has_title = name.split_whitespace().next().is_some_and(is_title);
    match first {
        Some(first) if !has_title || words.next().is_some() => first,
        _ => name,
    }
}

/// Whether a word before a name is a title.
pub(super) fn is_title(word: &str) -> bool {
    let bare = word.trim_matches('.').to_lowercase();
    TITLES.iter().any(|title| bare.split(['.', '-']).next() == Some(title))
}

/// The moment of a conversation that a note to `contact` comes back to: one that was with them, else
/// one of those that were with nobody in particular. Of the latter everybody in `present` gets a
/// different one, in the order of both lists, so that the notes of a panel differ; `None` when they
/// run out. Moments with somebody else are never used.
#[must_use]
pub fn moment_for<'a>(
    points: &'a [TalkingPoint],
    present: &[&str],
    contact: &str,
) -> Option<&'a str> {
    let with = |who: &str| points.iter().find(|point| point.contact_id.as_deref() == Some(who));
    if let Some(own) = with(contact) {
        return Some(&own.text);
    }
    let mut sharing = present.iter().filter(|who| with(who).is_none());
    let turn = sharing.position(|who| *who == contact).unwrap_or(0);
    let mut shared = points.iter().filter(|point| point.contact_id.is_none());
    shared.nth(turn).map(|point| point.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_is_found_behind_titles_and_commas() {
        for (name, first) in [
            ("Anna Novak", "Anna"),
            ("  Dr. Anna Novak ", "Anna"),
            ("Prof. Dr.-Ing. Jörg Weiß", "Jörg"),
            ("Novak, Anna", "Anna"),
            ("Dr. Novak", "Dr. Novak"),
            ("Frau Novak", "Frau Novak"),
            ("Anna", "Anna"),
            ("Novak,", "Novak,"),
            ("", ""),
        ] {
            assert_eq!(first_name(name), first, "{name}");
        }
    }

    fn point(contact: Option<&str>, text: &str) -> TalkingPoint {
        TalkingPoint { contact_id: contact.map(str::to_owned), text: text.to_owned() }
    }

    #[test]
    fn the_members_of_a_panel_get_different_moments() {
        let points = [
            point(None, "the elevator"),
            point(Some("ben"), "the index"),
            point(None, "the bakery"),
        ];
        let present = ["anna", "ben", "cleo", "dora"];
        let moments = present.map(|who| moment_for(&points, &present, who));
        assert_eq!(moments, [Some("the elevator"), Some("the index"), Some("the bakery"), None]);
    }

    #[test]
    fn what_was_said_to_somebody_else_is_not_quoted() {
        let points = [point(Some("ben"), "the index")];
        assert_eq!(moment_for(&points, &["anna", "ben"], "anna"), None);
    }
}
