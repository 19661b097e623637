//! What a node does about what other nodes on the same database say, and about what it may have missed.
//!
//! **Must never** hold the server up: all of it makes things quicker, none of it makes them right.

use crate::app::AppState;
use crate::auth::tokens::ACCEPTED_SECS;
use crate::error::ApiError;
use crate::store::{Notice, OpenError, access_tokens, records, sessions};
use actix_web::web;
use std::sync::{Arc, Weak};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How many heads are looked up at once.
const BATCH: usize = 500;

/// Begins to hear the other nodes.
///
/// # Errors
/// That no thread can be started.
pub fn listen(state: &web::Data<AppState>) -> Result<(), OpenError> {
    let (heard, notices) = unbounded_channel();
    actix_web::rt::spawn(follow(Arc::downgrade(state), notices));
    // Nobody is interested any more once the state is gone.
    state.store.listen(Arc::new(move |notice| drop(heard.send(notice))))
}

async fn follow(state: Weak<AppState>, mut notices: UnboundedReceiver<Notice>) {
    while let Some(notice) = notices.recv().await {
        let Some(state) = state.upgrade() else { return };
        match notice {
            Notice::Head { account_id, head } => state.live.poke(&account_id, head),
            Notice::Ended { account_id, session_id } => end(&state, &account_id, &session_id),
            Notice::Gap => {
                if let Err(error) = catch_up(&state).await {
                    tracing::warn!(cause = %error, "what other nodes did was not looked up");
                }
            }
        }
    }
}

/// Looks up whatever may have been missed: ended sessions whose access tokens are not expired, ended
/// personal tokens, and the heads of all accounts that somebody follows here.
///
/// # Errors
/// That the database is unavailable.
pub async fn catch_up(state: &AppState) -> Result<(), ApiError> {
    let since = state.store.now().timestamp_millis() - ACCEPTED_SECS * 1_000;
    let ended = state.store.read_directory(move |connection| {
        let mut ended = sessions::revoked_since(connection, since)?;
        ended.extend(access_tokens::revoked_since(connection, since)?);
        Ok::<_, ApiError>(ended)
    });
    for (account_id, session_id) in ended.await? {
        end(state, &account_id, &session_id);
    }
    for accounts in state.live.followed().chunks(BATCH) {
        let accounts = accounts.to_vec();
        let heads = state.store.read_directory(move |connection| {
            records::heads(connection, &accounts).map_err(ApiError::from)
        });
        for (account_id, head) in heads.await? {
            state.live.poke(&account_id, head);
        }
    }
    Ok(())
}

/// Refuses the access tokens of an ended session and ends its live streams.
fn end(state: &AppState, account_id: &str, session_id: &str) {
    state.tokens.revoke(session_id, state.clock.now());
    state.live.wake(account_id);
}
