//! Templates: text with blanks, and parts that are left out when their blank has no value.
//!
//! `{name}` is a blank. Outside brackets it is required: without a value it stays visible. A part in
//! brackets, `[, because {fit}]`, is optional: without a value for one of its blanks the whole part
//! is left out. Brackets are not nested and carry the white space that goes with them.
//!
//! **Must never** be used on text of the candidate's own, but for [`substitute`], which leaves
//! brackets and unknown braces alone.

use super::slots::SlotName;

/// A blank where it stands in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blank {
    pub(super) slot: SlotName,
    pub(super) required: bool,
}

/// The text of `template` with the values of its blanks.
pub(super) fn render(template: &str, value: &impl Fn(SlotName) -> Option<String>) -> String {
    let mut text = String::new();
    for (part, optional) in parts(template) {
        let is_complete = || blanks_of(part).all(|slot| value(slot).is_some());
        if !optional || is_complete() {
            text.push_str(&substitute(part, value));
        }
    }
    text
}

/// `text` with every known blank that has a value replaced; everything else stays.
pub(super) fn substitute(text: &str, value: &impl Fn(SlotName) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next_blank(rest) {
        filled.push_str(before);
        match SlotName::from_word(name).and_then(value) {
            Some(value) => filled.push_str(&value),
            None => filled.extend(["{", name, "}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The blanks of `template` in their order; one that stands twice is there twice.
pub(super) fn blanks(template: &str) -> Vec<Blank> {
    let blanks = parts(template).into_iter().flat_map(|(part, optional)| {
        blanks_of(part).map(move |slot| Blank { slot, required: !optional })
    });
    blanks.collect()
}

/// The known blanks of a text without regard to brackets.
pub(super) fn blanks_of(text: &str) -> impl Iterator<Item = SlotName> {
    let mut rest = text;
    let names = std::iter::from_fn(move || {
        let (_, name, after) = next_blank(rest)?;
        rest = after;
        Some(name)
    });
    names.filter_map(SlotName::from_word)
}

/// The first `{name}` of `text`: what stands before it, the name, and what follows.
pub(super) fn next_blank(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('{')?;
        let inside = text.get(open + 1..)?;
        let length = inside.find(|c: char| !(c.is_ascii_lowercase() || c == '_'))?;
        let (name, tail) = inside.split_at_checked(length)?;
        if let Some(after) = tail.strip_prefix('}').filter(|_| !name.is_empty()) {
            return Some((text.get(..open)?, name, after));
        }
        from = open + 1;
    }
}

/// The parts of `template`, each with whether it is optional.
fn parts(template: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    for (index, piece) in template.split('[').enumerate() {
        match piece.split_once(']') {
            Some((optional, fixed)) if index > 0 => {
                parts.extend([(optional, true), (fixed, false)]);
            }
            _ => parts.push((piece, false)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(slot: SlotName) -> Option<String> {
        (slot == SlotName::Role).then(|| "Baker".to_owned())
    }

    #[test]
    fn a_part_without_its_value_is_left_out_and_a_required_blank_stays() {
        let text = render("As {role}[ of {employer}][, {role}]: {moment}.", &value);
        assert_eq!(text, "As Baker, Baker: {moment}.");
    }

    #[test]
    fn braces_and_brackets_that_mean_something_else_stay() {
        for text in ["{", "{}", "{ role }", "a [b] {c d} {Role}", "{{", "}", "[", "]", "{x"] {
            assert_eq!(substitute(text, &value), text);
        }
        assert_eq!(substitute("{{role}} {other}", &value), "{Baker} {other}");
    }
}
