//! What a reminder shows on a locked phone, where others may read it.
//!
//! **Must never** show more than the preference allows: by default nothing that names anybody,
//! because the employer of today may see it.

use super::pack::Pack;
use crate::entities::follow_up::FollowUpKind;
use crate::entities::preferences::LockScreen;

/// A reminder on a locked phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockScreenText {
    /// The first line, which never names anybody.
    pub title: String,
    /// The second line.
    pub body: String,
}

/// The text of a reminder of that kind: without any name (`none`), with initials of recipient and
/// employer (`initials`), or with their names (`full`).
#[must_use]
pub fn lock_screen(
    kind: FollowUpKind,
    preference: LockScreen,
    employer: &str,
    recipient: Option<&str>,
    pack: &Pack,
) -> LockScreenText {
    let text = pack.lock_screen.of(kind);
    let who = [recipient, Some(employer)].into_iter().flatten().map(|name| match preference {
        LockScreen::None => String::new(),
        LockScreen::Initials => initials(name),
        LockScreen::Full => name.trim().to_owned(),
    });
    let who = who.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ");
    let body =
        if who.is_empty() { text.discreet.to_owned() } else { text.named.replace("{who}", &who) };
    LockScreenText { title: pack.lock_screen.title.to_owned(), body }
}

/// What shows that notifications arrive.
#[must_use]
pub fn test_notification(pack: &Pack) -> LockScreenText {
    let (title, body) = (pack.lock_screen.title.to_owned(), pack.lock_screen.test.to_owned());
    LockScreenText { title, body }
}

/// "Anna Novak" → "A. N.".
fn initials(name: &str) -> String {
    let letters =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    letters.map(|letter| format!("{}.", letter.to_uppercase())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(preference: LockScreen, recipient: Option<&str>) -> String {
        let pack = Pack::for_locale("en");
        lock_screen(FollowUpKind::FollowUp, preference, "Öster AG", recipient, pack).body
    }

    #[test]
    fn names_are_shown_as_far_as_the_preference_allows() {
        let anna = Some("Anna Novak");
        assert_eq!(body(LockScreen::None, anna), "A good time for a short message.");
        assert_eq!(body(LockScreen::Initials, anna), "A good time to ask: A. N., Ö. A.");
        assert_eq!(body(LockScreen::Full, anna), "A good time to ask: Anna Novak, Öster AG");
        assert_eq!(body(LockScreen::Full, None), "A good time to ask: Öster AG");
    }
}
