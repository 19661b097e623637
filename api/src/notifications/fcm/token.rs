//! The access token: fetched once for everybody, renewed before it ends, and dropped when refused.
//!
//! A token is renewed at 80 % of its life. One renewal is under way at a time; whoever needs its
//! outcome waits for it and shares it, a failure included, and the others go on with the old token.
//!
//! **Must never** ask again after the account itself was refused, and never show a token.

use super::credentials::ServiceAccount;
use super::error::{asked, is_identifier};
use super::read_bounded;
use crate::notifications::retry::{Cause, Retry};
use crate::notifications::{Secret, Verdict};
use afterview_domain::clock::{Clock, Instant};
use chrono::TimeDelta;
use serde::Deserialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How a token is asked for (RFC 7523).
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The longest life of a token that is believed, in seconds: a day.
const MAX_LIFE_S: u32 = 24 * 60 * 60;

/// After a failed renewal the old token is used for so long before the next attempt, in seconds.
const RENEWAL_PAUSE_S: i64 = 30;

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenError {
    /// The account was refused, for good.
    Refused(String),
    /// Not now.
    Later(Retry),
}

impl From<TokenError> for Verdict {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(detail) => Self::CredentialsRefused { detail },
            TokenError::Later(retry) => Self::Retry(retry),
        }
    }
}

#[derive(Clone)]
struct Token {
    bearer: Secret,
    renew_at: Instant,
    expires_at: Instant,
}

/// The source of access tokens for one service account.
pub(super) struct Tokens {
    account: ServiceAccount,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Token>>,
    /// Held by the one renewal; the outcome of the last one that failed.
    renewal: tokio::sync::Mutex<Option<TokenError>>,
    /// How many renewals have ended.
    ended: AtomicU64,
}

impl Tokens {
    pub(super) fn new(
        account: ServiceAccount,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            account,
            http,
            clock,
            current: Mutex::default(),
            renewal: tokio::sync::Mutex::default(),
            ended: AtomicU64::new(0),
        }
    }

    /// A token that is good now.
    pub(super) async fn get(&self) -> Result<Secret, TokenError> {
        let seen = self.ended.load(Ordering::Acquire);
        let now = self.clock.now();
        let held = self.current();
        let mut last_failure = match held {
            Some(token) if now < token.renew_at => return Ok(token.bearer),
            // Somebody else is renewing it: the old one is good for a while.
            Some(token) if now < token.expires_at => match self.renewal.try_lock() {
                Ok(guard) => guard,
                Err(_under_way) => return Ok(token.bearer),
            },
            _ => self.renewal.lock().await,
        };
        if let Some(token) = self.current().filter(|token| now < token.renew_at) {
            return Ok(token.bearer);
        }
        let shared = self.ended.load(Ordering::Acquire) != seen;
        if let Some(failure) = &*last_failure
            && (shared || matches!(failure, TokenError::Refused(_)))
        {
            return Err(failure.clone());
        }
        let outcome = self.fetch(now).await;
        self.ended.fetch_add(1, Ordering::AcqRel);
        *last_failure = outcome.as_ref().err().cloned();
        match outcome {
            Ok(token) => {
                let bearer = token.bearer.clone();
                self.set(Some(token));
                Ok(bearer)
            }
            Err(TokenError::Later(retry)) => {
                self.go_on_with_the_old_one(now).ok_or(TokenError::Later(retry))
            }
            Err(refused) => Err(refused),
        }
    }

    /// Forgets the token, if it is still the one in use.
    pub(super) fn drop_token(&self, bearer: &Secret) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|token| token.bearer == *bearer) {
            *current = None;
        }
    }

    fn current(&self) -> Option<Token> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, token: Option<Token>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn go_on_with_the_old_one(&self, now: Instant) -> Option<Secret> {
        let mut old = self.current().filter(|token| now < token.expires_at)?;
        old.renew_at = (now + TimeDelta::seconds(RENEWAL_PAUSE_S)).min(old.expires_at);
        let bearer = old.bearer.clone();
        self.set(Some(old));
        Some(bearer)
    }

    async fn fetch(&self, now: Instant) -> Result<Token, TokenError> {
        let assertion = self
            .account
            .assertion(now)
            .ok_or_else(|| TokenError::Refused("the private key cannot sign".to_owned()))?;
        let form = [("grant_type", GRANT_TYPE), ("assertion", assertion.expose())];
        let no_answer = |error: reqwest::Error| {
            let cause = if error.is_timeout() { Cause::TimedOut } else { Cause::Unreachable };
            TokenError::Later(Retry::of(cause))
        };
        let request = self.http.post(self.account.token_uri().clone()).form(&form);
        let response = request.send().await.map_err(no_answer)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = read_bounded(response).await.map_err(no_answer)?;
        if status == 200 {
            return granted(&body, now).ok_or(TokenError::Later(Retry::of(Cause::Failed)));
        }
        Err(refused(status, &body).unwrap_or_else(|| {
            TokenError::Later(Retry { asked: asked(&headers, now), ..Retry::of(Cause::Failed) })
        }))
    }
}

/// Whether an answer holds a token; `None` if it says that there will never be one. Public for fuzzing only.
#[must_use]
pub fn is_granted(status: u16, body: &[u8], now: Instant) -> Option<bool> {
    let granted = granted(body, now).is_some();
    (granted || refused(status, body).is_none()).then_some(granted)
}

fn granted(body: &[u8], now: Instant) -> Option<Token> {
    #[derive(Deserialize)]
    struct Grant {
        access_token: String,
        expires_in: u32,
    }
    let grant: Grant = serde_json::from_slice(body).ok()?;
    let life = i64::from(grant.expires_in.min(MAX_LIFE_S));
    if !grant.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    Some(Token {
        bearer: Secret::new(grant.access_token),
        renew_at: now + TimeDelta::milliseconds(life * 800),
        expires_at: now + TimeDelta::seconds(life),
    })
}

/// The refusals that do not pass by themselves (RFC 6749, section 5.2).
fn refused(status: u16, body: &[u8]) -> Option<TokenError> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let permanent = matches!(
        refusal.error.as_str(),
        "invalid_grant" | "invalid_client" | "unauthorized_client"
    );
    let named = permanent && matches!(status, 400 | 401 | 403) && is_identifier(&refusal.error);
    named.then(|| TokenError::Refused(format!("{status} {}", refusal.error)))
}
