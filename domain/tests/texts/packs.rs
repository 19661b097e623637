//! What must hold for every language pack and every text.

use crate::desk::{FLAGS, Flags, KINDS, context, english, finished, german, knowing_all, to_anna};
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::preferences::LockScreen;
use afterview_domain::text::lint::RULES;
use afterview_domain::text::{
    Addressee, DraftInput, LintContext, Pack, Severity, SlotName, draft, lint, lock_screen,
};
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() }
}

fn some_flags() -> impl Strategy<Value = Flags> {
    prop::sample::subsequence(FLAGS.to_vec(), 0..=FLAGS.len())
        .prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

/// What is known, from nothing to everything, about one of the four members of a panel.
fn some_input() -> impl Strategy<Value = DraftInput<'static>> {
    let recipients =
        prop::sample::select(vec![Addressee::Person("Anna Novak"), Addressee::Unnamed]);
    (any::<bool>(), any::<bool>(), 1_i64..4, 0_usize..4, recipients).prop_map(
        |(rich, promised, n, variant, recipient)| {
            let base = if rich { knowing_all } else { to_anna }(FollowUpKind::Custom);
            let promise = base.promise.filter(|_| promised);
            DraftInput { n: Some(n), variant, recipient, promise, ..base }
        },
    )
}

fn names(input: &DraftInput<'_>, pack: &Pack) -> Vec<(&'static str, bool)> {
    let mut names: Vec<_> =
        draft(input, pack).slots.iter().map(|slot| (slot.name, slot.required)).collect();
    names.sort_unstable();
    names
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_draft_once_filled_in_passes_its_own_proof_reading(
        input in some_input(), flags in some_flags()
    ) {
        for (kind, pack) in KINDS.iter().flat_map(|kind| Pack::ALL.iter().map(move |p| (*kind, p))) {
            let input = DraftInput { kind, flags: &flags, ..input };
            let (text, findings) = finished(&input, pack);
            let told = format!("{} {kind:?} {flags:?}\n{}\n{findings:#?}", pack.locale(), text.body);
            let expected = kind == FollowUpKind::OfferNudge && input.deadline.is_none();
            let bad = findings.iter().filter(|finding| {
                !(expected && finding.rule == afterview_domain::text::lint::DEADLINE)
            });
            prop_assert_eq!(bad.count(), 0, "{}", told);
            prop_assert_eq!(&text.unfilled, &[""; 0], "{}", told);
            for odd in ["{", "[", "]", "  ", " \n", "\n ", "\n\n\n", " .", " ,", "..", "?."] {
                let all = format!("{}|{}", text.subject, text.body);
                prop_assert!(!all.contains(odd), "{odd:?} in {}", told);
            }
            prop_assert_eq!(text.body.trim(), &text.body, "{}", told);
        }
    }

    #[test]
    fn every_language_has_the_same_blanks(input in some_input(), flags in some_flags()) {
        for kind in KINDS {
            let input = DraftInput { kind, flags: &flags, ..input };
            prop_assert_eq!(names(&input, english()), names(&input, german()), "{:?}", kind);
        }
    }

    #[test]
    fn proof_reading_takes_any_text(
        text in "(?s)\\PC{0,60}(Dear|Guten Tag)?[ {}a-zäß'’!?.\\n\u{301}_]{0,80}\\PC{0,20}",
        names in prop::collection::vec(".{0,12}", 4), kind in prop::sample::select(KINDS.to_vec())
    ) {
        for pack in Pack::ALL {
            let others = [names[0].as_str(), ""];
            let base = to_anna(kind);
            let context = LintContext {
                subject: Some(&text), recipient: Some(&names[1]), employer: &names[2],
                role: &names[3], other_employers: &others, other_roles: &others,
                moment: Some(&names[0]), promise_words: Some(&names[1]), siblings: &[&text],
                ..context(&base)
            };
            for finding in lint(&text, &context, pack) {
                let known = RULES.contains(&(finding.rule, finding.severity));
                prop_assert!(known && !finding.detail.contains("{what}"), "{:?}", finding);
                let length = text.chars().count();
                let inside = finding.at.is_none_or(|at| at.start < at.end && at.end <= length);
                prop_assert!(inside);
            }
        }
    }

    #[test]
    fn drafting_takes_any_values(
        value in "\\PC{0,40}", own in prop::option::of("(\\PC|[{}\\[\\]a-z_]){0,60}")
    ) {
        let slots = SlotName::ALL.iter().map(|slot| (slot.as_str().to_owned(), value.clone()));
        let slots = slots.collect();
        for (kind, pack) in KINDS.iter().flat_map(|kind| Pack::ALL.iter().map(move |p| (*kind, p))) {
            let input = DraftInput {
                slots: &slots, employer: &value, recipient: Addressee::Person(&value),
                own_body: own.as_deref(), ..to_anna(kind)
            };
            let made = draft(&input, pack);
            prop_assert_eq!(&made, &draft(&input, pack));
            let missing = made.slots.iter().filter(|slot| slot.required && slot.value.is_none());
            prop_assert_eq!(made.unfilled.len(), missing.count());
        }
    }
}

#[test]
fn the_notes_to_a_panel_of_four_are_not_alike() {
    for pack in Pack::ALL {
        let note = |variant| {
            let input = DraftInput { variant, ..knowing_all(FollowUpKind::ThankYou) };
            draft(&input, pack).body
        };
        let notes = [0, 1, 2, 3].map(note);
        for (index, note) in notes.iter().enumerate() {
            let siblings: Vec<&str> =
                notes.iter().filter(|other| *other != note).map(String::as_str).collect();
            assert_eq!(siblings.len(), 3, "{index}");
            let input = knowing_all(FollowUpKind::ThankYou);
            let context = LintContext { siblings: &siblings, ..context(&input) };
            assert_eq!(lint(note, &context, pack), []);
        }
    }
}

#[test]
fn a_locale_falls_back_to_its_language_and_then_to_english() {
    for (locale, pack) in
        [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
    {
        assert_eq!(Pack::for_locale(locale).locale(), pack, "{locale}");
    }
}

#[test]
fn a_locked_phone_names_nobody_unless_asked_to() {
    let texts = |preference| {
        KINDS.map(|kind| {
            let [english, german] = [english(), german()]
                .map(|pack| lock_screen(kind, preference, "Acme", Some("Anna Novak"), pack));
            format!("{}|{}|{}|{}", english.title, english.body, german.title, german.body)
        })
    };
    for text in texts(LockScreen::None) {
        assert!(!text.contains("Acme") && !text.contains("Anna") && !text.contains("{"), "{text}");
        let telling = ["interview", "offer", "employer", "Bewerbung", "Angebot", "Stelle"];
        assert!(!telling.iter().any(|word| text.contains(word)), "{text}");
    }
    for text in texts(LockScreen::Initials) {
        assert!(text.matches("A. N., A.").count() == 2 && !text.contains("Acme"), "{text}");
    }
    for text in texts(LockScreen::Full) {
        assert_eq!(text.matches("Anna Novak, Acme").count(), 2, "{text}");
    }
}

#[test]
fn every_rule_of_proof_reading_stands_once_in_its_table() {
    let mut ids: Vec<&str> = RULES.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
    let errors = RULES.iter().filter(|(_, severity)| *severity == Severity::Error).count();
    assert_eq!((RULES.len(), errors), (14, 9));
}

#[test]
fn the_closing_questions_stand_in_the_note_before_the_interview() {
    for pack in Pack::ALL {
        let note = draft(&to_anna(FollowUpKind::PrepClose), pack).body;
        assert!(note.ends_with(&pack.closing_text()), "{note}");
        for question in pack.closing_questions() {
            assert!(question.short.ends_with('?') && question.wording.ends_with('?'));
            assert!(note.contains(question.short) && note.contains(question.wording), "{note}");
        }
    }
}
