//! What proof-reading finds, and what it lets pass.

use crate::desk::{context, english, german, to_anna};
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::text::{LintContext, Pack, lint};

const GOOD: &str = "Dear Anna,\n\nThank you for your time. The story of the frozen elevator index \
                    stayed with me. I would love to work on it.\n\nKind regards";

fn rules(text: &str, context: &LintContext<'_>, pack: &Pack) -> Vec<&'static str> {
    lint(text, context, pack).iter().map(|finding| finding.rule).collect()
}

fn of(kind: FollowUpKind, text: &str) -> Vec<&'static str> {
    rules(text, &context(&to_anna(kind)), english())
}

fn thanks() -> LintContext<'static> {
    context(&to_anna(FollowUpKind::ThankYou))
}

fn follow_up(text: &str) -> Vec<&'static str> {
    of(FollowUpKind::FollowUp, &format!("Dear Anna,\n\nI am still interested. {text}"))
}

#[test]
fn a_good_note_has_no_findings() {
    assert_eq!(rules(GOOD, &thanks(), english()), [""; 0]);
}

#[test]
fn a_note_that_any_competitor_could_have_written_lacks_its_moment() {
    let bland = "Dear Anna, thank you for your time today. I enjoyed our conversation about the \
                 Data engineer role at Acme and look forward to hearing from you.";
    assert_eq!(rules(bland, &thanks(), english()), ["LINT-MOMENT"]);
    let noted = LintContext { moment: Some("our conversation"), ..thanks() };
    assert_eq!(rules(bland, &noted, english()), [""; 0]);
    let bland = "Guten Tag Anna Novak, vielen Dank für das interessante Gespräch am Mittwoch. Ich \
                 freue mich auf Ihre Rückmeldung.";
    assert_eq!(rules(bland, &thanks(), german()), ["LINT-MOMENT"]);
    let bland_for_others = of(FollowUpKind::GraciousReply, "Thank you.");
    assert_eq!(bland_for_others, [""; 0]);
}

#[test]
fn a_visible_blank_is_found_where_it_stands() {
    let text = GOOD.replace("The story", "Ünd {moment}. The story");
    let context = LintContext { subject: Some("Hello {first_name}"), ..thanks() };
    let findings = lint(&text, &context, english());
    let found: Vec<_> = findings.iter().map(|f| (f.rule, f.at.clone())).collect();
    let at = text.chars().collect::<Vec<_>>().iter().position(|c| *c == '{').unwrap();
    assert_eq!(
        found,
        [("LINT-SLOT", None), ("LINT-MOMENT", None), ("LINT-SLOT", Some(at..at + 8))]
    );
    let not_a_blank = GOOD.replace("The story", "The {Story} of { } and {x y}");
    assert_eq!(rules(&not_a_blank, &thanks(), english()), [""; 0]);
}

#[test]
fn the_greeting_must_name_the_recipient() {
    let greeted = |greeting: &str, name: &str, pack: &Pack| {
        let text = format!("{greeting}\n\nthank you, danke: frozen elevator, Aufzug; interested.");
        let context = LintContext { recipient: Some(name), ..thanks() };
        rules(&text, &context, pack).contains(&"LINT-NAME")
    };
    for wrong in
        ["Dear Anne,", "Dear Ana,", "Hi Ben!", "Good morning Anna Nowak,", "Dear B. Novak,"]
    {
        assert!(greeted(wrong, "Anna Novak", english()), "{wrong}");
    }
    for right in [
        "Dear Anna,",
        "Dear Ms. Novak,",
        "Dear Dr Anna Novak,",
        "Hello A. Novak,",
        "Dear ANNA –",
        "Dear all,",
        "Dear hiring team,",
        "Dear {first_name},",
        "Thank you, Ben,",
        "Hello from the other side of the river again",
    ] {
        assert!(!greeted(right, "Anna Novak", english()), "{right}");
    }
    for right in ["Sehr geehrter Herr Mueller,", "Lieber Jörg,", "Hallo Joerg Müller,"] {
        assert!(!greeted(right, "Jörg Müller", german()), "{right}");
    }
    assert!(greeted("Sehr geehrte Frau Möller,", "Jörg Müller", german()));
    let passed_on = "Could you please pass this note on to Anna?\n\nDear Ben,";
    assert!(greeted(passed_on, "Anna Novak", english()));
}

#[test]
fn another_employer_or_role_is_found_but_not_inside_the_right_one() {
    let context = LintContext {
        employer: "Blue Harbour Ltd",
        role: "Data engineer",
        other_employers: &["Harbour", "Acme GmbH", "Blue Harbour"],
        other_roles: &["Engineer", "Data analyst", "data engineer"],
        ..thanks()
    };
    let with = |addition: &str| rules(&format!("{GOOD} {addition}"), &context, english());
    assert_eq!(with("Blue Harbour’s engineer, a Data engineer, reached the acme."), [""; 0]);
    assert_eq!(with("I want to join Acme."), ["LINT-EMPLOYER"]);
    assert_eq!(with("Acme’s harbour, Harbour's acme"), ["LINT-EMPLOYER", "LINT-EMPLOYER"]);
    assert_eq!(with("The data-analyst role suits me."), ["LINT-ROLE"]);
}

#[test]
fn a_near_miss_of_the_right_name_is_a_misspelling() {
    let context = LintContext {
        employer: "Bosch Rexroth",
        role: "Data engineer",
        other_employers: &["Bosch Rexrath"],
        ..thanks()
    };
    let with = |addition: &str| rules(&format!("{GOOD} {addition}"), &context, english());
    assert_eq!(with("Bosch Rexroth's plant and Bosch Rexroths plant."), [""; 0]);
    assert_eq!(with("Bosh Rexroth is great."), ["LINT-EMPLOYER"]);
    assert_eq!(with("The date engineer role."), ["LINT-ROLE"]);
    assert_eq!(with("Data engineers and data engineering."), [""; 0]);
    let dean = LintContext { employer: "Dean", ..thanks() };
    assert_eq!(rules(GOOD, &dean, english()), [""; 0]);
    assert_eq!(rules(&format!("{GOOD} Dena is great."), &dean, english()), ["LINT-EMPLOYER"]);
}

#[test]
fn reproach_is_an_error_but_not_in_their_own_words() {
    for text in [
        "I am still waiting.",
        "As I said, I can start in May.",
        "I must say that I’m disappointed.",
        "My letter was IGNORED.",
        "Why haven’t you written?",
    ] {
        assert_eq!(follow_up(text), ["LINT-REPROACH"], "{text}");
    }
    assert_eq!(follow_up("The waiting room is a nice one."), [""; 0]);
    let quoting = "Dear Anna, you had mentioned “we are still waiting for HR”. I am interested.";
    let words = Some("we are still waiting for HR");
    let base = context(&to_anna(FollowUpKind::FollowUp));
    let context = LintContext { promise_words: words, ..base };
    assert_eq!(rules(quoting, &context, english()), [""; 0]);
    let german_text = "Guten Tag Anna Novak, ich bin enttäuscht, aber interessiert.";
    assert_eq!(rules(german_text, &context, german()), ["LINT-REPROACH"]);
}

#[test]
fn money_waits_for_the_offer() {
    assert_eq!(follow_up("What about salary and benefits?"), ["LINT-SALARY", "LINT-SALARY"]);
    assert_eq!(of(FollowUpKind::RespondOffer, "The salary is fine."), [""; 0]);
}

#[test]
fn long_texts_are_noticed_by_their_kind() {
    let long = "elevator ".repeat(118);
    assert_eq!(follow_up(&long), ["LINT-LENGTH"]);
    let note = format!("{GOOD} {long}");
    assert_eq!(rules(&note, &thanks(), english()), [""; 0]);
    let longer = format!("{note} {}", "elevator ".repeat(20));
    assert_eq!(rules(&longer, &thanks(), english()), ["LINT-LENGTH"]);
}

#[test]
fn two_notes_of_one_interview_must_differ() {
    let copy = GOOD.replace("Anna", "Ben").replace("frozen", "broken");
    let alike = LintContext { siblings: &["Something else.", &copy], ..thanks() };
    assert_eq!(rules(GOOD, &alike, english()), ["LINT-OVERLAP"]);
}

#[test]
fn showing_something_new_asks_for_nothing() {
    let shown = |text: &str| of(FollowUpKind::ValueAdd, &format!("Dear Anna, here it is. {text}"));
    for text in [
        "Is there any news?",
        "I wonder where things stand.",
        "Have you made a decision?",
        "What is the status?",
        "When can I expect the next step?",
    ] {
        assert!(shown(text).contains(&"LINT-STATUS"), "{text}");
    }
    assert_eq!(shown("The news section of it explains the decision tree."), [""; 0]);
    let german_text = "Guten Tag Anna Novak, anbei mein Zertifikat. Gibt es Neuigkeiten?";
    let base = context(&to_anna(FollowUpKind::ValueAdd));
    assert_eq!(rules(german_text, &base, german()), ["LINT-STATUS"]);
}

#[test]
fn two_exclamation_marks_are_plenty() {
    assert_eq!(follow_up("Great! Really!"), [""; 0]);
    assert_eq!(follow_up("Great! Really!!"), ["LINT-EXCLAMATION"]);
}

#[test]
fn a_deadline_needs_an_offer() {
    let text = "Dear Anna, I am interested, and I have another offer.";
    let base = context(&to_anna(FollowUpKind::FollowUp));
    assert_eq!(rules(text, &base, english()), ["LINT-DEADLINE"]);
    let offered = LintContext { has_offer: true, ..base };
    assert_eq!(rules(text, &offered, english()), [""; 0]);
    assert_eq!(of(FollowUpKind::Fulfil, "Ahead of the deadline, my references."), [""; 0]);
}

#[test]
fn a_note_thanks_and_a_message_shows_interest() {
    let flat = "Dear Anna, the frozen elevator index was a story.";
    assert_eq!(rules(flat, &thanks(), english()), ["LINT-THANKS", "LINT-INTEREST"]);
    assert_eq!(of(FollowUpKind::FollowUp, "Dear Anna, what now?"), ["LINT-INTEREST"]);
    assert_eq!(of(FollowUpKind::Apologise, "Dear Anna, I am sorry."), [""; 0]);
}

#[test]
fn notes_to_oneself_are_only_checked_for_blanks() {
    let text = "I am disappointed!!! Salary? {moment}";
    assert_eq!(of(FollowUpKind::CloseOut, text), ["LINT-SLOT"]);
}
