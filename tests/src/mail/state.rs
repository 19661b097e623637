//! What the double remembers.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::watch;

/// A mail as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// Who the sender said it is from.
    pub from: String,
    /// Who gets it.
    pub to: String,
    /// Headers and text as they came, lines ended by CR and LF.
    pub content: String,
}

impl Mail {
    /// The text after the headers, decoded, without blank lines at its end.
    #[must_use]
    pub fn text(&self) -> String {
        let (_, text) = self.content.split_once("\r\n\r\n").unwrap();
        let text = match self.header("Content-Transfer-Encoding") {
            "7bit" => text.to_owned(),
            "quoted-printable" => unquoted(text),
            other => panic!("{other}: {}", self.content),
        };
        text.replace("\r\n", "\n").trim_end().to_owned()
    }

    /// A header in one line; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let begin = format!("{name}: ");
        self.content.lines().find_map(|line| line.strip_prefix(&begin)).unwrap_or_default()
    }

    /// The one link in it.
    #[must_use]
    pub fn link(&self) -> String {
        let text = self.text();
        let mut links = text.split_whitespace().filter(|word| word.contains("://"));
        let link = links.next().expect("a link").to_owned();
        assert_eq!(links.next(), None, "{text}");
        link
    }
}

/// Reads quoted-printable (RFC 2045).
fn unquoted(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// A moment of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Somebody has connected.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// AUTH.
    Login,
    /// MAIL.
    Sender,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// The mail was sent to its end.
    Content,
}

/// What happens on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// The mail is taken.
    #[default]
    Take,
    /// There, it is answered with this code.
    Refuse(Step, u16),
    /// There, the connection is closed.
    Drop(Step),
    /// From there on nothing is answered any more.
    Stall(Step),
}

/// How much has happened, for those who wait for it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) mails: usize,
    pub(super) troubles: usize,
}

#[derive(Default)]
pub(super) struct State {
    /// What AUTH PLAIN has to say.
    pub(super) login: Option<String>,
    pub(super) seen: watch::Sender<Seen>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) script: VecDeque<Turn>,
    pub(super) always: Turn,
    pub(super) mails: Vec<Mail>,
    pub(super) faults: Vec<String>,
}

impl State {
    pub(super) fn for_login(expected: String) -> Self {
        Self { login: Some(expected), ..Self::default() }
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(super) fn take(&self, mail: Mail) {
        self.inner().mails.push(mail);
        self.seen.send_modify(|seen| seen.mails += 1);
    }
}
