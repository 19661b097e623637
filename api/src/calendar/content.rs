//! Lines of iCalendar text: escaping and folding (RFC 5545, sections 3.1 and 3.3.11).
//!
//! **Must never** let a text that somebody typed end a line, a value or a component.

/// The most octets of a line without its end.
const MAX_LINE: usize = 75;

/// A text that grows line by line.
#[derive(Debug, Default)]
pub struct Lines(String);

impl Lines {
    /// A line whose value is written as it stands: names of components, times, numbers, words of ours.
    pub fn plain(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{value}"));
    }

    /// A line whose value is a text, whatever is in it.
    pub fn text(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{}", escaped(value)));
    }

    /// Everything so far.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }

    /// Writes `line` in pieces of at most [`MAX_LINE`] octets, none of which cuts a character in two. A
    /// piece after the first begins with a blank, which counts.
    fn fold(&mut self, line: &str) {
        let mut used = 0;
        for char in line.chars() {
            if used + char.len_utf8() > MAX_LINE {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(char);
            used += char.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// `text` as a value of the type TEXT. Whatever some program might take for the end of a line becomes one of
/// the text; other control characters, which no value may hold, are left out.
fn escaped(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                output.push_str("\\n");
            }
            '\\' | ';' | ',' => output.extend(['\\', char]),
            '\t' => output.push(char),
            char if char.is_control() => {}
            char => output.push(char),
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, value: &str) -> String {
        let mut lines = Lines::default();
        lines.text(name, value);
        lines.finish()
    }

    #[test]
    fn a_line_is_folded_at_75_octets_and_between_characters() {
        // SUMMARY: are 8 octets, so 67 fit.
        assert_eq!(written("SUMMARY", &"x".repeat(67)), format!("SUMMARY:{}\r\n", "x".repeat(67)));
        let folded = format!("SUMMARY:{}\r\n x\r\n", "x".repeat(67));
        assert_eq!(written("SUMMARY", &"x".repeat(68)), folded);
        let emoji = format!("SUMMARY:{}\r\n 🎉\r\n", "x".repeat(64));
        assert_eq!(written("SUMMARY", &format!("{}🎉", "x".repeat(64))), emoji);
        for length in 1..400 {
            let text = written("X", &"ab🎉ü".repeat(length));
            assert!(text.lines().all(|line| line.len() <= MAX_LINE), "{length}");
            let unfolded = text.replace("\r\n ", "");
            assert_eq!(unfolded, format!("X:{}\r\n", "ab🎉ü".repeat(length)));
        }
    }

    #[test]
    fn no_text_ends_a_line_or_a_value() {
        let hostile = "a\r\nEND:VCALENDAR\rb\u{2028}c\u{85}d\n; , \\ \u{0}\u{7}\u{9b}\u{7f}\te";
        let expected = "X:a\\nEND:VCALENDAR\\nb\\nc\\nd\\n\\; \\, \\\\ \te\r\n";
        assert_eq!(written("X", hostile), expected);
    }
}
