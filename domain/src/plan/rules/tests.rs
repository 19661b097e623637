use super::*;
use crate::plan::{Policy, Reason};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The longest title that still fits into a line of a small screen.
const TITLE_CHARS: usize = 40;

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && !text.contains('!') && !text.contains("  ") && text == text.trim()
}

#[test]
fn every_rule_has_one_id_and_is_found_by_it() {
    let ids: BTreeSet<_> = all().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), all().count());
    for rule in all() {
        assert_eq!(find(rule.id).map(|found| found.template), Some(rule.template), "{}", rule.id);
    }
    assert!(BY_ID.is_sorted_by_key(|rule| rule.id));
    assert!(["", "A", "F1", "F1-PROMISES", "f1-promise", "ZZ"].iter().all(|id| find(id).is_none()));
}

#[test]
fn a_rule_says_to_which_family_it_belongs() {
    let names: BTreeSet<_> = FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(names.len(), FAMILIES.len());
    for family in FAMILIES {
        assert!(family.rules.iter().all(|rule| rule.family == family.name), "{}", family.name);
    }
}

#[test]
fn every_rule_speaks_in_plain_sentences() {
    for rule in all() {
        for text in [rule.template, rule.about, rule.why] {
            assert!(is_sentence(text), "{}: {text}", rule.id);
        }
        assert!(rule.template.matches('{').count() == rule.template.matches('}').count());
        assert!(!rule.about.contains('{') && !rule.why.contains('{'), "{}", rule.id);
        let title = rule.title.chars().count();
        assert!((1..=TITLE_CHARS).contains(&title) && !rule.title.ends_with('.'), "{}", rule.id);
    }
    assert!(is_sentence(LIMITS));
}

#[test]
fn a_rule_shows_the_numbers_in_force() {
    let values = |policy: &Policy, id: &str| -> Vec<String> {
        let numbers = find(id).unwrap().parameters();
        numbers.map(|it| format!("{} {} {}", it.name, it.value(policy), it.unit())).collect()
    };
    let mut policy = Policy::default();
    assert_eq!(values(&policy, "F3-HEDGED"), ["hedge_slack 1 business_days"]);
    assert!(
        values(&policy, "F4-GAP").contains(&"direct.gaps.ideal 7, 12 business_days".to_owned())
    );
    assert!(
        values(&policy, "T4-NEXT-MORNING").contains(&"morning_time 09:00 time_of_day".to_owned())
    );
    assert!(values(&policy, "T3-BEFORE-THE-GAP").contains(&"thank_after 60 minutes".to_owned()));
    policy.hedge_slack_bd = 4;
    assert_eq!(values(&policy, "F3-HEDGED"), ["hedge_slack 4 business_days"]);
}

#[test]
fn no_rule_names_a_number_twice() {
    for rule in all() {
        let names: BTreeSet<_> = rule.parameters().map(|parameter| parameter.name).collect();
        assert_eq!(names.len(), rule.parameters().count(), "{}", rule.id);
    }
}

#[test]
fn evidence_is_quoted_as_what_it_is() {
    for (rule, evidence) in all().flat_map(|rule| rule.evidence().map(move |it| (rule.id, it))) {
        let told = is_sentence(evidence.finding) && !evidence.publisher.is_empty();
        assert!(told, "{rule}: {evidence:?}");
        let address = evidence.address.unwrap_or("none");
        assert!(!address.is_empty() && !address.contains("://"), "{rule}: {address}");
        let figure = evidence.figure.unwrap_or("none");
        assert!(!figure.is_empty() && !figure.ends_with('.'), "{rule}: {figure}");
        match evidence.kind {
            EvidenceKind::Official => assert_eq!(evidence.grade, Grade::A, "{rule}"),
            EvidenceKind::Opinion => assert_ne!(evidence.grade, Grade::A, "{rule}: {evidence:?}"),
            EvidenceKind::Survey => assert!(evidence.figure.is_some(), "{rule}: {evidence:?}"),
            EvidenceKind::Analogy => {}
        }
    }
}

#[test]
fn dissent_is_not_left_out() {
    let dissent = |id: &str| find(id).unwrap().evidence().any(|it| it.dissent);
    for id in ["T1", "T2-SAME-DAY", "T7-UNIQUE-EACH", "T8-LIMBO-ASK", "F1-PROMISE", "F5-LAST-CALL"]
    {
        assert!(dissent(id), "{id}");
    }
    assert!(dissent("W2-CHANNEL"));
}

/// The sources of the planner but for this registry.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("rules") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Whether a text in the code is meant as the id of a rule: `F1-PROMISE`, `T1`, `TACT-CALL`.
fn is_rule_id(text: &str) -> bool {
    let family = text.split('-').next().unwrap_or_default();
    let letters = family.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = letters.len() == 1 && family.len() > 1;
    let named = ["TACT", "CH", "WD"].contains(&family) && text != family;
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    text.chars().all(plain) && (numbered || named)
}

#[test]
fn every_rule_that_the_planner_names_is_registered() {
    let mut paths = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan"), &mut paths);
    let mut named = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        for literal in text.split('"').filter(|literal| is_rule_id(literal)) {
            named += 1;
            assert!(find(literal).is_some(), "{literal} in {}", path.display());
        }
    }
    assert!(named > 40, "only {named} found");
}

#[test]
fn a_missing_parameter_leaves_its_name_standing() {
    let reason = Reason::new("F6-OOO");
    assert_eq!(reason.text(), "They are away until returns; give them time to catch up.");
    let reason = reason.with("returns", "Monday 18 May");
    assert_eq!(reason.text(), "They are away until Monday 18 May; give them time to catch up.");
}

#[test]
fn a_parameter_is_never_read_as_a_template() {
    let reason = Reason::new("F6-OOO").with("returns", "{returns}");
    assert!(reason.text().starts_with("They are away until {returns};"));
}

#[test]
fn an_unknown_rule_says_its_name() {
    assert_eq!(Reason::new("Z9").text(), "Z9");
}

#[test]
fn evidence_says_how_it_is_known_and_some_says_where_and_when() {
    let known: Vec<_> = all().flat_map(Rule::evidence).collect();
    let grades: BTreeSet<_> = known.iter().map(|evidence| evidence.grade.as_str()).collect();
    assert_eq!(grades, BTreeSet::from(["A", "B", "C"]));
    let kinds: BTreeSet<_> = known.iter().map(|evidence| evidence.kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["analogy", "official", "opinion", "survey"]));
    assert!(known.iter().any(|evidence| evidence.address.is_some()));
    assert!(known.iter().any(|evidence| evidence.published.is_some()));
}
