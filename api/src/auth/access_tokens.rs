//! Personal access tokens: how programs of an account's owner get in, without a sign-in.
//!
//! `aft_`, 43 random characters of base62 (256 bits) and 6 that check them (CRC-32), so that a
//! mistyped or made-up one costs no look-up and scanners recognise a leaked one. What a token opens is
//! remembered for a quarter of an hour, as long as ended ones are.
//!
//! **Must never** store or log a token, or let one do what needs a person ([`SignedIn`]).

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::{Account, Caller, SignedIn};
use crate::auth::sessions::shut_out;
use crate::auth::tokens::LIFETIME_SECS;
use crate::auth::{MAX_ACCESS_TOKENS, digest};
use crate::dto::account::TokenBody;
use crate::error::{ApiError, Code};
use crate::store::access_tokens::{self, TokenRow};
use crate::store::{DbConnection, audit as trail};
use afterview_domain::clock::Instant;
use afterview_domain::ids::IdSource;
use lru::LruCache;
use sha2::{Digest, Sha256};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// What begins every token.
pub const PREFIX: &str = "aft_";

/// How many random characters follow: 62^43 is more than 2^256.
const RANDOM_CHARS: usize = 43;

/// How many characters check them: 62^6 is more than 2^32.
const CHECK_CHARS: usize = 6;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The most tokens remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4_095);

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What a token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The account.
    pub account_id: String,
    /// The token's identifier, which stands where a device has its session's.
    pub token_id: String,
    /// What it allows, separated by blanks.
    pub scope: String,
    /// Until when this is known without asking again, Unix seconds; never after the token's end.
    pub known_until: i64,
}

/// The tokens that were used of late.
pub struct AccessTokens(Mutex<LruCache<[u8; 32], Arc<Opened>>>);

impl Default for AccessTokens {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

/// What a token opens, if it is one and works.
///
/// # Errors
/// [`Code::Unauthenticated`], always with the same words; [`Code::Unavailable`].
pub async fn verify(state: &AppState, token: &str) -> Result<Arc<Opened>, ApiError> {
    let refused = || {
        let detail = "the access token is missing, expired or not valid";
        ApiError::new(Code::Unauthenticated, detail)
    };
    if !is_well_formed(token) {
        return Err(refused());
    }
    let key: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let now = state.clock.now();
    let kept = || state.access_tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
    let known = kept().get(&key).filter(|opened| now.timestamp() < opened.known_until).cloned();
    let opened = match known {
        Some(opened) => opened,
        None => {
            let opened = look_up(state, digest(token), now).await?.ok_or_else(refused)?;
            let opened = Arc::new(opened);
            kept().put(key, Arc::clone(&opened));
            opened
        }
    };
    if state.tokens.is_revoked(&opened.token_id) { Err(refused()) } else { Ok(opened) }
}

async fn look_up(state: &AppState, hash: String, now: Instant) -> Result<Option<Opened>, ApiError> {
    let find = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(access_tokens::by_hash(connection, &hash)?)
    };
    let millis = now.timestamp_millis();
    let found = state.store.read_directory(find).await?;
    let works = |row: &access_tokens::Opened| row.revoked_at.is_none() && row.expires_at > millis;
    let Some(row) = found.filter(works) else { return Ok(None) };
    let (account_id, token_id) = (row.account_id.clone(), row.token_id.clone());
    let note = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(access_tokens::note_use(connection, &account_id, &token_id, millis)?)
    };
    state.store.write_unsynced(&row.account_id, note).await?;
    let known_until = (row.expires_at / 1_000).min(now.timestamp() + LIFETIME_SECS);
    let (account_id, token_id) = (row.account_id, row.token_id);
    Ok(Some(Opened { account_id, token_id, scope: row.scope, known_until }))
}

/// Makes a token and gives it away, once.
///
/// # Errors
/// [`Code::LimitExceeded`] when the account has as many as it may; [`Code::Unavailable`].
pub async fn create(
    state: &AppState,
    SignedIn(caller): &SignedIn<Account>,
    body: TokenBody,
) -> Result<(String, TokenRow), ApiError> {
    let now = state.clock.now();
    let (token, account_id) = (fresh(&*state.ids), caller.account_id().to_owned());
    let row = TokenRow {
        account_id: account_id.clone(),
        token_id: state.ids.record_id(now),
        name: body.name,
        token_hash: digest(&token),
        scope: body.scopes.join(" "),
        created_at: now.timestamp_millis(),
        expires_at: now.timestamp_millis() + body.expires_in_days * DAY_MILLIS,
        last_used_at: None,
        revoked_at: None,
    };
    let (session_id, name) = (Some(caller.session_id()), Some(row.name.clone()));
    let event = audit::event(state, &account_id, Kind::TokenCreated, session_id, name, now);
    let kept = row.clone();
    let insert = move |connection: &mut DbConnection| {
        let live = access_tokens::live(connection, &account_id, row.created_at)?;
        if live.len() >= MAX_ACCESS_TOKENS {
            let detail = format!(
                "an account has at most {MAX_ACCESS_TOKENS} personal access tokens; end another"
            );
            return Err(ApiError::new(Code::LimitExceeded, detail));
        }
        access_tokens::insert(connection, &row)?;
        Ok(trail::insert(connection, &event)?)
    };
    state.store.write_unsynced(caller.account_id(), insert).await?;
    Ok((token, kept))
}

/// The tokens of the caller's account that work, oldest first.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn list(state: &AppState, caller: &Caller<Account>) -> Result<Vec<TokenRow>, ApiError> {
    let (account, now) = (caller.account_id().to_owned(), state.clock.now().timestamp_millis());
    let read = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(access_tokens::live(connection, &account, now)?)
    };
    state.store.read(caller.account_id(), read).await
}

/// Ends a token; it stops working at once.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Unavailable`].
pub async fn revoke(
    state: &AppState,
    SignedIn(caller): &SignedIn<Account>,
    token_id: &str,
) -> Result<(), ApiError> {
    let now = state.clock.now();
    let (account_id, wanted) = (caller.account_id().to_owned(), token_id.to_owned());
    let session_id = Some(caller.session_id());
    let event = audit::event(state, &account_id, Kind::TokenRevoked, session_id, None, now);
    let end = move |connection: &mut DbConnection| {
        let millis = now.timestamp_millis();
        let ended = access_tokens::revoke(connection, &account_id, &wanted, millis)?;
        let ended = ended.ok_or_else(|| ApiError::not_found("personal access token", &wanted))?;
        let mut event = event.clone();
        event.about = Some(ended.name);
        Ok::<_, ApiError>(trail::insert(connection, &event)?)
    };
    state.store.write_unsynced(caller.account_id(), end).await?;
    shut_out(state, caller.account_id(), token_id, now);
    Ok(())
}

/// A fresh token. Bytes that would make some characters likelier than others are thrown away.
fn fresh(random: &dyn IdSource) -> String {
    let mut chars = String::with_capacity(RANDOM_CHARS);
    while chars.len() < RANDOM_CHARS {
        let mut bytes = [0_u8; 64];
        random.fill(&mut bytes);
        // 248 is the greatest multiple of 62 in a byte.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let picked = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 62)));
        chars.extend(picked.map(|byte| char::from(*byte)).take(RANDOM_CHARS - chars.len()));
    }
    let check = check(&chars);
    format!("{PREFIX}{chars}{check}")
}

/// Whether a text looks like a token. Public for fuzzing only.
#[doc(hidden)]
#[must_use]
pub fn is_well_formed(token: &str) -> bool {
    let Some(rest) = token.strip_prefix(PREFIX) else { return false };
    let parts = rest.split_at_checked(RANDOM_CHARS);
    parts.is_some_and(|(chars, given)| check(chars) == given)
}

/// The CRC-32 of the random characters in base62.
fn check(chars: &str) -> String {
    let mut rest = crc32fast::hash(chars.as_bytes());
    let mut digits = Vec::with_capacity(CHECK_CHARS);
    for _ in 0..CHECK_CHARS {
        let digit = usize::try_from(rest % 62).ok().and_then(|digit| ALPHABET.get(digit));
        digits.extend(digit.map(|byte| char::from(*byte)));
        rest /= 62;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn a_token_is_long_and_checks_itself() {
        let token = fresh(&SystemRandom);
        assert_eq!(token.len(), PREFIX.len() + RANDOM_CHARS + CHECK_CHARS);
        assert!(is_well_formed(&token), "{token}");
        assert_ne!(token, fresh(&SystemRandom));
        for place in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[place] = if other[place] == b'x' { b'y' } else { b'x' };
            assert!(!is_well_formed(&String::from_utf8(other).expect("ascii")), "{place}");
        }
        for junk in ["", "aft_", "aft_x", "afr_a.b.c", &token[..52], &format!("{token}0"), "aft_é"]
        {
            assert!(!is_well_formed(junk), "{junk}");
        }
    }

    #[test]
    fn the_check_is_the_crc_32_that_everybody_has() {
        // The check value of the catalogue of CRCs: CRC-32 of "123456789" is 0xCBF43926.
        assert_eq!(check("123456789"), "3jZRME");
    }

    #[test]
    fn every_character_is_as_likely_as_another() {
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..2_000 {
            for char in fresh(&SystemRandom)[PREFIX.len()..][..RANDOM_CHARS].chars() {
                *counts.entry(char).or_insert(0_u32) += 1;
            }
        }
        assert_eq!(counts.len(), 62);
        // 86,000 characters: 1,387 of each are expected, with a deviation of 37.
        assert!(
            counts.values().all(|count| (1_387 - 250..1_387 + 250).contains(count)),
            "{counts:?}"
        );
    }
}
