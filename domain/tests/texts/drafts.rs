//! What the drafts say.

use crate::desk::{day, english, flags, german, knowing_all, slots, to_anna};
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::opportunity::Interest;
use afterview_domain::text::{Addressee, DraftInput, Promised, draft};

#[test]
fn a_thank_you_note_comes_back_to_a_moment_of_the_conversation() {
    let slots = slots(&[("fit", "I rebuilt one like it last year.")]);
    let input = DraftInput { slots: &slots, ..knowing_all(FollowUpKind::ThankYou) };
    let note = draft(&input, english());
    assert_eq!(note.subject, "Thank you for your time on Wednesday");
    assert_eq!(
        note.body,
        "Dear Anna,\n\nThank you for your time on Wednesday. One thing has stayed with me: the walk \
         through the old mill, because I rebuilt one like it last year. I would be glad to do this \
         work with you at Acme.\n\nKind regards,\nMaria Silva"
    );
    assert_eq!(note.unfilled, [""; 0]);
}

#[test]
fn what_the_facts_do_not_say_stays_visible_with_a_hint() {
    let input = DraftInput { recipient: Addressee::Unnamed, ..to_anna(FollowUpKind::ThankYou) };
    let note = draft(&input, english());
    assert!(note.body.contains("Dear {first_name},"), "{}", note.body);
    assert!(note.body.contains("stayed with me: {moment}. I would"), "{}", note.body);
    assert!(note.body.ends_with("\n\nKind regards"), "{}", note.body);
    assert_eq!(note.unfilled, ["first_name", "moment"]);
    let moment = note.slots.iter().find(|slot| slot.name == "moment").unwrap();
    assert_eq!((moment.required, &moment.value), (true, &None));
    assert!(moment.hint.contains("only this conversation"), "{}", moment.hint);
}

#[test]
fn values_of_the_candidate_win_over_the_facts_and_an_empty_one_leaves_the_part_out() {
    let own = slots(&[("moment", "the lighthouse"), ("my_name", ""), ("when", " "), ("x", "y")]);
    let input = DraftInput { slots: &own, ..knowing_all(FollowUpKind::ThankYou) };
    let note = draft(&input, english());
    assert!(note.body.contains("with me: the lighthouse."), "{}", note.body);
    assert!(note.body.starts_with("Dear Anna,\n\nThank you for your time. One"), "{}", note.body);
    assert!(note.body.ends_with("Kind regards"), "{}", note.body);
}

#[test]
fn the_timeline_is_asked_for_only_when_the_item_says_so() {
    for kind in [FollowUpKind::ThankYou, FollowUpKind::FollowUp] {
        let calm = draft(&DraftInput { promise: None, ..knowing_all(kind) }, english());
        assert!(!calm.body.contains('?'), "{}", calm.body);
        let flagged = flags(&["ask_timeline"]);
        let input = DraftInput { flags: &flagged, promise: None, ..knowing_all(kind) };
        let asking = draft(&input, english());
        assert!(asking.body.contains("next step?"), "{}", asking.body);
    }
}

#[test]
fn a_follow_up_quotes_the_promise_in_their_words_or_names_its_day() {
    let message = draft(&knowing_all(FollowUpKind::FollowUp), english());
    let quoted = "You had mentioned “by the end of the week” for the next step";
    assert!(message.body.contains(quoted), "{}", message.body);
    assert!(message.body.contains("There is no rush on my side."), "{}", message.body);
    let promise = Some(Promised { words: " ", by: Some(day("2026-05-08")) });
    let input = DraftInput { promise, ..knowing_all(FollowUpKind::FollowUp) };
    let english_text = draft(&input, english()).body;
    assert!(english_text.contains("You had mentioned Friday 8 May for"), "{english_text}");
    let german_text = draft(&input, german()).body;
    assert!(german_text.contains("hatten Sie Freitag, 8. Mai genannt"), "{german_text}");
}

#[test]
fn the_last_message_is_easy_to_answer_and_every_further_one_is_worded_anew() {
    let last = flags(&["last_call"]);
    let input = DraftInput { flags: &last, n: Some(2), ..knowing_all(FollowUpKind::FollowUp) };
    let message = draft(&input, english());
    assert!(message.body.contains("a line whenever it suits you is plenty"), "{}", message.body);
    assert!(!message.body.contains("no rush"), "{}", message.body);
    assert!(!message.body.contains("You had mentioned"), "{}", message.body);
}

#[test]
fn late_thanks_and_new_qualifications_are_carried_when_flagged() {
    let plain = draft(&knowing_all(FollowUpKind::FollowUp), english()).body;
    assert!(!plain.contains("thank") && !plain.contains("Kafka"), "{plain}");
    let both = flags(&["include_thanks", "include_supplement"]);
    let input = DraftInput { flags: &both, ..knowing_all(FollowUpKind::FollowUp) };
    let full = draft(&input, english()).body;
    assert!(full.contains("Let me also thank you"), "{full}");
    let carried = "since we spoke: the Kafka certificate and my talk at the harbour.";
    assert!(full.contains(carried), "{full}");
}

#[test]
fn the_first_choice_is_claimed_only_with_high_interest() {
    let say = |interest| {
        let input = DraftInput { interest, ..knowing_all(FollowUpKind::OfferNudge) };
        draft(&input, english()).body
    };
    assert!(say(Interest::High).contains("remains my first choice"));
    assert!(!say(Interest::Medium).contains("first choice"));
    assert!(say(Interest::Low).contains("answer it by Friday 22 May at 17:00."));
}

#[test]
fn a_note_that_goes_through_other_hands_asks_to_be_passed_on() {
    let through = flags(&["via_recruiter"]);
    let input = DraftInput { flags: &through, ..knowing_all(FollowUpKind::ThankYou) };
    let note = draft(&input, english()).body;
    let start = "Could you please pass this note on to Anna Novak?\n\nDear Anna,\n\nThank you";
    assert!(note.starts_with(start), "{note}");
}

#[test]
fn notes_to_oneself_and_for_a_call_have_no_greeting() {
    let custom =
        DraftInput { recipient: Addressee::Candidate, ..knowing_all(FollowUpKind::Custom) };
    assert_eq!(draft(&custom, english()).body, "The harbour map");
    let call = draft(&knowing_all(FollowUpKind::Debrief), english());
    assert!(call.body.starts_with("- How it went: {impression}\n- What stood"), "{}", call.body);
    assert!(!call.body.contains("Dear"), "{}", call.body);
}

#[test]
fn a_text_of_the_candidates_own_is_kept_but_for_its_blanks() {
    let input = DraftInput {
        own_subject: Some("Hello from {my_name}"),
        own_body: Some("Dear {first_name}, [sic] {unknown} {fit} {"),
        ..knowing_all(FollowUpKind::ThankYou)
    };
    let own = draft(&input, english());
    assert_eq!(own.subject, "Hello from Maria Silva");
    assert_eq!(own.body, "Dear Anna, [sic] {unknown} {fit} {");
    assert_eq!(own.unfilled, ["fit"]);
}

#[test]
fn german_is_formal_and_has_its_own_days() {
    let input = DraftInput { send_day: day("2026-05-09"), ..knowing_all(FollowUpKind::ThankYou) };
    let note = draft(&input, german());
    assert_eq!(note.subject, "Danke für Ihre Zeit am Mittwoch");
    assert!(note.body.starts_with("Guten Tag Anna Novak,\n\nvielen Dank"), "{}", note.body);
    assert!(note.body.ends_with("Viele Grüße\nMaria Silva"), "{}", note.body);
    let later = DraftInput { send_day: day("2026-06-01"), ..input };
    assert_eq!(draft(&later, german()).subject, "Danke für Ihre Zeit am 6. Mai");
}

#[test]
fn only_what_cannot_wait_says_today() {
    let said = |kind, send_day| {
        let input = DraftInput { send_day: day(send_day), ..knowing_all(kind) };
        draft(&input, english()).subject
    };
    let sorry = "My apologies for our conversation";
    assert_eq!(said(FollowUpKind::Apologise, "2026-05-06"), format!("{sorry} today"));
    assert_eq!(said(FollowUpKind::Apologise, "2026-05-07"), format!("{sorry} on Wednesday"));
    let thanks = "Thank you for your time on";
    assert_eq!(said(FollowUpKind::ThankYou, "2026-05-06"), format!("{thanks} Wednesday"));
    assert_eq!(said(FollowUpKind::ThankYou, "2026-05-20"), format!("{thanks} 6 May"));
}
