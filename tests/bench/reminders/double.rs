//! The double of Firebase on a thread of its own, whose CPU time can be read by itself.

use crate::children::cpu_of;
use afterview_tests::firebase::FirebaseDouble;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// A running double. It ends with this value.
pub(crate) struct Double {
    /// What it has seen.
    pub(crate) firebase: Arc<FirebaseDouble>,
    /// The name of its thread in `/proc`.
    task: String,
    thread: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Double {
    pub(crate) fn start() -> Self {
        let (started, starting) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let task = std::fs::read_link("/proc/thread-self").unwrap();
                let firebase = Arc::new(FirebaseDouble::start().await);
                started.send((firebase, task.display().to_string())).unwrap();
                // Whoever drops the other end wants the same.
                let _ = ended.await;
            });
        });
        let (firebase, task) = starting.recv().unwrap();
        Self { firebase, task, thread: Some((end, thread)) }
    }

    /// CPU time that it has used so far.
    pub(crate) fn cpu(&self) -> Duration {
        cpu_of(&self.task)
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.thread.take() {
            drop(end);
            let _ = thread.join();
        }
    }
}
