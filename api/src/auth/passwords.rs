//! Passwords: argon2id, off the threads that answer requests, a few at a time.
//!
//! **Must never** run on a thread that answers requests, or tell by its time whether an account
//! exists.

use crate::error::{ApiError, Code};
use afterview_domain::ids::IdSource;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{CustomizedPasswordHasher, Error, Result as HashResult};
use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier, Version};
use std::sync::{Arc, Mutex, PoisonError};
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
    hasher: Arc<Hasher>,
    random: Arc<dyn IdSource>,
}

impl Passwords {
    /// Hashes with salts from `random`.
    #[must_use]
    pub fn new(random: Arc<dyn IdSource>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
            queue: Arc::new(Semaphore::new(WAITING)),
            hasher: Arc::default(),
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
        let hashed = self.on_own_thread(move |hasher| {
            let (memory, passes, lanes) = PARAMS;
            let params = Params::new(memory, passes, lanes, None)?;
            let hash = hasher.hash_password_with_params(password.as_bytes(), &salt, params);
            hash.map(|hash| hash.to_string())
        });
        hashed.await?.map_err(ApiError::internal)
    }

    /// Whether `password` belongs to `hash`; without a hash always `false`, in the same time.
    ///
    /// # Errors
    /// [`Code::Unavailable`] when too many are waiting.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        let verified = self.on_own_thread(move |hasher| {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let matches = hasher.verify_password(password.as_bytes(), &PasswordHash::new(&hash)?);
            Ok::<_, Error>(known && matches.is_ok())
        });
        verified.await?.map_err(ApiError::internal)
    }

    async fn on_own_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hasher) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let busy = || {
            ApiError::new(
                Code::Unavailable,
                "too many sign-ins at once; please try again in a moment",
            )
        };
        let _place = self.queue.try_acquire().map_err(|_full| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_closed| busy())?;
        let hasher = Arc::clone(&self.hasher);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&hasher)
        });
        done.await.map_err(ApiError::internal)
    }
}

/// Argon2 in memory that is kept and used again, as much as hashes run side by side. Measured: taken
/// anew for each hash it ends up scattered over the heaps of all threads, 370 MiB after twenty
/// sign-ins.
#[derive(Default)]
struct Hasher(Mutex<Vec<Vec<Block>>>);

impl Hasher {
    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CustomizedPasswordHasher<PasswordHash> for Hasher {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> HashResult<PasswordHash> {
        let algorithm = algorithm.map_or(Ok(Algorithm::Argon2id), Algorithm::try_from)?;
        let version = version.map_or(Ok(Version::V0x13), Version::try_from)?;
        let (text, salt) = (ParamsString::try_from(&params)?, Salt::new(salt)?);
        let (blocks, length) = (params.block_count(), params.output_len());
        let mut output = vec![0; length.unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        let mut memory = self.kept().pop().unwrap_or_default();
        memory.resize(blocks, Block::default());
        Argon2::new(algorithm, version, params).hash_password_into_with_memory(
            password,
            &salt,
            &mut output,
            &mut memory,
        )?;
        self.kept().push(memory);
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: text,
            salt: Some(salt),
            hash: Some(Output::new(&output)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[actix_web::test]
    async fn a_hash_says_how_it_was_made_and_fits_its_password_only() {
        let passwords = Passwords::new(Arc::new(SystemRandom));
        let hash = passwords.hash("correct horse".to_owned()).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let fits = |password: &str, hash: &str| {
            passwords.verify(password.to_owned(), Some(hash.to_owned()))
        };
        assert!(fits("correct horse", &hash).await.expect("checked"));
        assert!(!fits("battery staple", &hash).await.expect("checked"));
        assert!(!passwords.verify("correct horse".to_owned(), None).await.expect("checked"));
    }

    #[actix_web::test]
    async fn memory_that_was_used_before_changes_no_hash() {
        let library = Argon2::default();
        let hasher = Hasher::default();
        for password in ["one", "two", "one"] {
            let params = || Params::new(64, 2, 1, None).expect("valid");
            let hash = |h: &dyn CustomizedPasswordHasher<PasswordHash, Params = Params>| {
                h.hash_password_with_params(password.as_bytes(), b"some salt", params())
            };
            assert_eq!(hash(&hasher).expect("ours"), hash(&library).expect("theirs"));
        }
        assert_eq!(hasher.kept().len(), 1);
    }
}
