//! One mail as it leaves: plain text, in UTF-8, dated and named.
//!
//! **Must never** read a clock or draw a name by itself, or let a line break of a value begin a header.

use afterview_domain::clock::Instant;
use lettre::Message;
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use std::time::SystemTime;

/// Asks programs that answer mail by themselves not to (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// One mail of plain text.
#[derive(Clone, Copy)]
pub struct Letter<'l> {
    /// The address of whoever gets it.
    pub to: &'l str,
    /// What it is about, in one line.
    pub subject: &'l str,
    /// What it says.
    pub body: &'l str,
    /// When it is written.
    pub at: Instant,
    /// What no other mail of this sender is called: letters, digits and `-`.
    pub id: &'l str,
}

impl Letter<'_> {
    /// The mail as servers take it, from `sender`.
    pub(super) fn message(&self, sender: &Mailbox) -> Result<Message, String> {
        // Neither the address nor what is wrong with it is repeated.
        let to: Address = self
            .to
            .parse()
            .map_err(|_none| "it is to nothing that mail can be sent to".to_owned())?;
        let automatic = HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned());
        Message::builder()
            .date(SystemTime::from(self.at))
            .message_id(Some(format!("<{}@{}>", self.id, sender.email.domain())))
            .from(sender.clone())
            .to(to.into())
            .subject(self.subject)
            .raw_header(automatic)
            .singlepart(SinglePart::plain(self.body.to_owned()))
            .map_err(|_unfinished| "it cannot be put together".to_owned())
    }
}
