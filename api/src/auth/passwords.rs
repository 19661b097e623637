//! Passwords: argon2id, off the threads that answer requests, a few at a time.
//!
//! **Must never** run on a thread that answers requests, or tell by its time whether an account
//! exists.

use crate::error::{ApiError, Code};
use afterview_domain::ids::IdSource;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory (KiB), passes and lanes: the second recommended choice of the OWASP Password Storage
/// Cheat Sheet for argon2id.
const PARAMS: (u32, u32, u32) = (19_456, 2, 1);

/// How many hashes run side by side; each takes 19 MiB and a core.
const SIDE_BY_SIDE: usize = 2;

/// How many may wait before callers are told to come back later.
const WAITING: usize = 100;

/// A hash that no password has. Checked when there is no account, so that both answers take the
/// same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$iP6tNs6iv7TaSDcQtyTWvqLsvGoHd3iDPtC8ejmDeUI";

/// Makes and checks password hashes.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    random: Arc<dyn IdSource>,
}

impl Passwords {
    /// Hashes with salts from `random`.
    #[must_use]
    pub fn new(random: Arc<dyn IdSource>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
            queue: Arc::new(Semaphore::new(WAITING)),
            random,
        }
    }

    /// The PHC string of `password` with a fresh salt.
    ///
    /// # Errors
    /// [`Code::Unavailable`] when too many are waiting.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        let mut salt = [0_u8; 16];
        self.random.fill(&mut salt);
        let hashed = self.on_own_thread(move || {
            argon2()?
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash: PasswordHash| hash.to_string())
        });
        hashed.await?.map_err(ApiError::internal)
    }

    /// Whether `password` belongs to `hash`; without a hash always `false`, in the same time.
    ///
    /// # Errors
    /// [`Code::Unavailable`] when too many are waiting.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        let verified = self.on_own_thread(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let matches =
                argon2()?.verify_password(password.as_bytes(), &PasswordHash::new(&hash)?);
            Ok::<_, argon2::password_hash::Error>(known && matches.is_ok())
        });
        verified.await?.map_err(ApiError::internal)
    }

    async fn on_own_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let busy = || {
            ApiError::new(
                Code::Unavailable,
                "too many sign-ins at once; please try again in a moment",
            )
        };
        let _place = self.queue.try_acquire().map_err(|_full| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_closed| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(ApiError::internal)
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let (memory, passes, lanes) = PARAMS;
    let params = Params::new(memory, passes, lanes, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
