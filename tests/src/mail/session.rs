//! One conversation with the double.

use super::state::{Mail, State, Step, Turn};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Talks with whoever connects, until it is aborted.
pub(super) async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let turn = {
            let mut inner = state.inner();
            let always = inner.always;
            inner.script.pop_front().unwrap_or(always)
        };
        let session = Session { stream: BufReader::new(stream), turn, state: state.clone() };
        tokio::spawn(session.talk());
    }
}

struct Session {
    stream: BufReader<TcpStream>,
    turn: Turn,
    state: Arc<State>,
}

/// The connection is over.
struct Over;

impl Session {
    async fn talk(mut self) {
        let _over = self.until_over().await;
    }

    async fn until_over(&mut self) -> Result<(), Over> {
        self.answer(Step::Greeting, "220 mail.test", "").await?;
        let (mut mail, mut known) = (Mail::default(), self.state.login.is_none());
        loop {
            let line = self.line().await?;
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    let abilities = if self.state.login.is_some() {
                        "250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME"
                    } else {
                        "250-mail.test\r\n250 8BITMIME"
                    };
                    self.answer(Step::Hello, abilities, &line).await?;
                }
                "HELO" => self.answer(Step::Hello, "250 mail.test", &line).await?,
                "AUTH" => {
                    let given = rest.strip_prefix("PLAIN ");
                    known = given.is_some() && given == self.state.login.as_deref();
                    let answer = if known { "235 welcome" } else { "535 5.7.8 not you" };
                    self.answer(Step::Login, answer, &line).await?;
                }
                "MAIL" if known && mail.from.is_empty() => {
                    mail.from = address(rest, "FROM:");
                    self.answer(Step::Sender, "250 ok", &line).await?;
                }
                "RCPT" if !mail.from.is_empty() && mail.to.is_empty() => {
                    mail.to = address(rest, "TO:");
                    self.answer(Step::Recipient, "250 ok", &line).await?;
                }
                "DATA" if !mail.to.is_empty() => {
                    self.answer(Step::Data, "354 go on", &line).await?;
                    mail.content = self.content().await?;
                    let told = mail.content.replace("\r\n", " ");
                    self.check(Step::Content, &told).await?;
                    self.state.take(std::mem::take(&mut mail));
                    self.say("250 taken").await?;
                }
                "NOOP" => self.say("250 ok").await?,
                "RSET" => {
                    mail = Mail::default();
                    self.say("250 ok").await?;
                }
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Err(Over);
                }
                _ => {
                    self.state.inner().faults.push(line.clone());
                    self.say("503 5.5.1 not now").await?;
                }
            }
        }
    }

    /// The good answer, unless it is this step's turn to go wrong.
    async fn answer(&mut self, step: Step, good: &str, told: &str) -> Result<(), Over> {
        self.check(step, told).await?;
        self.say(good).await
    }

    async fn check(&mut self, step: Step, told: &str) -> Result<(), Over> {
        let note = || self.state.seen.send_modify(|seen| seen.troubles += 1);
        match self.turn {
            Turn::Refuse(at, code) if at == step => {
                note();
                self.say(&format!("{code} no: {told}")).await?;
                // Whoever is refused may say goodbye.
                while self.line().await? != "QUIT" {}
                Err(Over)
            }
            Turn::Drop(at) if at == step => {
                note();
                Err(Over)
            }
            Turn::Stall(at) if at == step => {
                note();
                while self.line().await.is_ok() {}
                Err(Over)
            }
            _ => Ok(()),
        }
    }

    async fn content(&mut self) -> Result<String, Over> {
        let mut content = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Ok(content);
            }
            content.push_str(line.strip_prefix('.').unwrap_or(&line));
            content.push_str("\r\n");
        }
    }

    async fn line(&mut self) -> Result<String, Over> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await {
            Ok(read) if read > 0 => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
            _ => Err(Over),
        }
    }

    async fn say(&mut self, line: &str) -> Result<(), Over> {
        let said = self.stream.write_all(format!("{line}\r\n").as_bytes()).await;
        said.map_err(|_gone| Over)
    }
}

/// The address of `MAIL FROM:<…>` and `RCPT TO:<…>`, without parameters.
fn address(rest: &str, begin: &str) -> String {
    let address = rest.strip_prefix(begin).and_then(|rest| rest.strip_prefix('<'));
    address.and_then(|rest| rest.split_once('>')).unwrap_or_default().0.to_owned()
}
