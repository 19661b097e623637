//! Passwords: argon2id, on threads of its own that give way to everybody else.
//!
//! Two hashes fill two cores. At the priority of others they would make every read wait for a slice of time
//! of theirs; at the lowest one a flood of sign-ins takes what is left over (`bench -- door`).
//!
//! **Must never** run on a thread that answers requests, or tell by its time whether an account
//! exists.

use crate::error::{ApiError, Code};
use crate::store::OpenError;
use afterview_domain::ids::IdSource;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{CustomizedPasswordHasher, Error, Result as HashResult};
use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier, Version};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

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

/// What a thread is to do, with memory of its own.
type Job = Box<dyn FnOnce(&Hasher) + Send>;

/// Makes and checks password hashes. The threads end with its last clone.
#[derive(Clone)]
pub struct Passwords {
    queue: Sender<Job>,
    random: Arc<dyn IdSource>,
}

impl Passwords {
    /// Hashes with salts from `random`.
    ///
    /// # Errors
    /// That no thread can be started.
    pub fn new(random: Arc<dyn IdSource>) -> Result<Self, OpenError> {
        let (queue, jobs) = bounded(WAITING);
        for number in 0..SIDE_BY_SIDE {
            let jobs = jobs.clone();
            std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || serve(&jobs))
                .map_err(|error| OpenError(format!("cannot start a hashing thread: {error}")))?;
        }
        Ok(Self { queue, random })
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
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |hasher| {
            // Whoever asked may have gone.
            let _ = answer.send(work(hasher));
        });
        match self.queue.try_send(job) {
            Ok(()) => answered.await.map_err(ApiError::internal),
            Err(TrySendError::Full(_)) => {
                let detail = "too many sign-ins at once; please try again in a moment";
                Err(ApiError::new(Code::Unavailable, detail))
            }
            Err(gone @ TrySendError::Disconnected(_)) => Err(ApiError::internal(gone)),
        }
    }
}

fn serve(jobs: &Receiver<Job>) {
    give_way();
    let hasher = Hasher::default();
    for job in jobs {
        // A job that panics answers nobody; the next ones do not suffer for it.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&hasher)));
    }
}

/// Gives this thread the lowest priority.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LOWEST)
    {
        tracing::warn!(cause = %error, "sign-ins are as important as everything else");
    }
}

/// The lowest priority of a thread (`setpriority(2)`).
#[cfg(target_os = "linux")]
const LOWEST: i32 = 19;

/// Argon2 in memory that is kept and used again. Measured: taken
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
        let passwords = Passwords::new(Arc::new(SystemRandom)).expect("threads");
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
