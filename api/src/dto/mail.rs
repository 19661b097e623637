//! A draft as mail programs read it: a link and a file. Sending is up to them and to the candidate.
//!
//! **Must never** send, and never carry a sender: the mail program knows it better.

use super::draft::DraftView;
use afterview_domain::clock::Instant;
use lettre::message::header::{
    ContentType, Date, Header, HeaderName, HeaderValue, MIME_VERSION_1_0, Subject, To,
};
use lettre::message::{Mailbox, Mailboxes, SinglePart};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::time::SystemTime;

/// The media type of a message.
pub const MESSAGE: &str = "message/rfc822";

/// What need not be escaped in a part of an address: the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same with what a mail address is made of.
const ESCAPED_IN_ADDRESS: &AsciiSet = &ESCAPED.remove(b'@');

/// A `mailto:` link (RFC 6068); without an address the mail program asks for one.
#[must_use]
pub fn mailto(address: Option<&str>, subject: &str, body: &str) -> String {
    let lines = body.replace("\r\n", "\n").replace('\n', "\r\n");
    format!(
        "mailto:{}?subject={}&body={}",
        utf8_percent_encode(address.unwrap_or_default(), ESCAPED_IN_ADDRESS),
        utf8_percent_encode(&one_line(subject), ESCAPED),
        utf8_percent_encode(&lines, ESCAPED),
    )
}

/// Where an e-mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Whose address it is.
    pub name: String,
    /// The address as recorded; it may be none.
    pub address: String,
}

/// The draft as a message (RFC 5322) that a mail program opens for editing: one part of plain text,
/// dated `now`, with `X-Unsent`. It has a recipient only if the address is known and is one.
#[must_use]
pub fn message(draft: &DraftView, receiver: Option<&Receiver>, now: Instant) -> Vec<u8> {
    let mut part = SinglePart::builder()
        .header(Unsent)
        .header(Date::new(SystemTime::from(now)))
        .header(Subject::from(one_line(&draft.subject)))
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN);
    let mailbox = receiver.and_then(|receiver| {
        let address = receiver.address.trim().parse().ok()?;
        Some(Mailbox::new(Some(one_line(&receiver.name)), address))
    });
    if let Some(mailbox) = mailbox {
        part = part.header(To::from(Mailboxes::from(mailbox)));
    }
    part.body(draft.body.clone()).formatted()
}

/// A header is one line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Tells mail programs to open the message for editing.
#[derive(Clone)]
struct Unsent;

impl Header for Unsent {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Unsent")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "1".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_link_survives_everything_that_has_a_meaning_in_addresses() {
        let link = mailto(Some("a+b&c@x.example"), "50 % & more?", "Grüße,\nAnna #1");
        assert_eq!(
            link,
            "mailto:a%2Bb%26c@x.example?subject=50%20%25%20%26%20more%3F\
             &body=Gr%C3%BC%C3%9Fe%2C%0D%0AAnna%20%231"
        );
        assert_eq!(mailto(None, "a\r\nBcc: x", ""), "mailto:?subject=a%20Bcc%3A%20x&body=");
    }
}
