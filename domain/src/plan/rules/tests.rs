use super::*;
use crate::plan::Reason;
use std::collections::BTreeSet;

#[test]
fn every_rule_has_one_id_and_a_sentence() {
    let ids: BTreeSet<_> = all().iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), all().len());
    for rule in all() {
        assert!(rule.template.ends_with('.') && !rule.template.contains('!'), "{}", rule.id);
        assert!(rule.template.matches('{').count() == rule.template.matches('}').count());
        assert_eq!(find(rule.id), Some(rule));
    }
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
