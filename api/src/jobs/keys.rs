//! Reading the signing keys again, so that a rotation needs no restart of any node.
//!
//! **Must never** give up keys that work because the file cannot be read at the moment.

use crate::app::AppState;
use crate::auth::keys::KeyRing;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::Duration;

/// How often the file is read. Much less than the time for which a new key is published before it signs.
const EVERY: Duration = Duration::from_secs(60);

/// Reads the keys again as long as the server lives.
pub async fn run(state: Weak<AppState>, folder: PathBuf) {
    while let Some(state) = state.upgrade() {
        reload(&state, &folder);
        drop(state);
        actix_web::rt::time::sleep(EVERY).await;
    }
}

/// Reads the keys again, once.
pub fn reload(state: &AppState, folder: &Path) {
    match KeyRing::reload(folder) {
        Ok(keys) => {
            if state.tokens.use_keys(keys) {
                tracing::info!("the signing keys were changed");
            }
        }
        Err(error) => {
            tracing::error!(cause = %error, "going on with the signing keys as they were");
        }
    }
}
