//! The programs of PostgreSQL: where they are, and as whom they run.
//!
//! **Must never** let a test run pass in CI without them: what is skipped there is never tested.

use std::env;
use std::fs;
use std::io::{Write, stderr};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What is run of PostgreSQL. Everything else of it lies in the same folder.
const NEEDED: [&str; 4] = ["initdb", "pg_ctl", "postgres", "psql"];

/// Where Debian keeps the programs of each version, in `<version>/bin`.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Whether tests use PostgreSQL, too.
///
/// Where its programs are missing, or `AFTERVIEW_TEST_POSTGRES=no` switches it off, one line on
/// standard error per process says what is not tested.
///
/// # Panics
///
/// In both cases where the environment says `CI=true`.
#[must_use]
pub fn is_available() -> bool {
    Programs::find().is_some()
}

/// Where the programs are, and as whom they run.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    user: Option<User>,
}

/// Whoever runs the programs in the place of root, for which they refuse to run.
#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

impl Programs {
    /// The programs, if tests use PostgreSQL.
    pub(super) fn find() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Programs>> = OnceLock::new();
        FOUND
            .get_or_init(|| match search() {
                Ok(programs) => Some(programs),
                Err(why) => {
                    assert!(variable("CI") != "true", "{why}");
                    // Not `eprintln!`, which is shown of failing tests only.
                    let line = format!("\n*** NOT TESTED: everything on PostgreSQL. {why} ***\n");
                    let _ = stderr().write_all(line.as_bytes());
                    None
                }
            })
            .as_ref()
    }

    /// The programs, for a test that has asked [`is_available`].
    pub(super) fn get() -> &'static Self {
        Self::find().expect("a test on PostgreSQL begins with `is_available`")
    }

    /// The file of one program, `psql` for example.
    pub(super) fn file(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// One program, to be run in a folder, with nothing from this process's environment but `PATH`.
    pub(super) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.file(program));
        self.confine(&mut command, folder);
        command
    }

    /// Has any other program run the same way.
    pub(super) fn confine(&self, command: &mut Command, folder: &Path) {
        command.env_clear().env("PATH", variable("PATH")).env("LC_ALL", "C.UTF-8");
        command.current_dir(folder).stdin(Stdio::null());
        if let Some(user) = self.user {
            // As root, this also leaves every other group.
            command.gid(user.gid).uid(user.uid);
        }
    }

    /// Gives a folder to whoever runs the programs.
    pub(super) fn own(&self, folder: &Path) {
        if let Some(user) = self.user {
            chown(folder, Some(user.uid), Some(user.gid)).unwrap();
        }
    }
}

/// Who runs this process.
pub(super) fn own_uid() -> u32 {
    tempfile::tempfile().unwrap().metadata().unwrap().uid()
}

fn search() -> Result<Programs, String> {
    if variable("AFTERVIEW_TEST_POSTGRES") == "no" {
        return Err("AFTERVIEW_TEST_POSTGRES=no asks for that".to_owned());
    }
    let path: Vec<PathBuf> = env::split_paths(&variable("PATH")).collect();
    if !path.iter().any(|folder| folder.join("flock").is_file()) {
        return Err("The program flock (util-linux) is missing".to_owned());
    }
    // What is on the path may be a link to one program of a folder that has them all.
    let linked = path.iter().filter_map(|folder| fs::canonicalize(folder.join("postgres")).ok());
    let mut folders: Vec<PathBuf> =
        linked.filter_map(|file| Some(file.parent()?.to_path_buf())).collect();
    folders.extend(versions());
    let folder = folders
        .into_iter()
        .find(|folder| NEEDED.iter().all(|program| folder.join(program).is_file()));
    let folder = folder.ok_or_else(|| {
        format!("The programs {} are missing on PATH and in {DEBIAN}/*/bin", NEEDED.join(", "))
    })?;
    let user = if own_uid() == 0 { Some(unprivileged()?) } else { None };
    Ok(Programs { folder, user })
}

/// Debian's folders, the newest version first.
fn versions() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(DEBIAN) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

/// The user `postgres`, or else `nobody`.
fn unprivileged() -> Result<User, String> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(name)).then_some(())?;
            let uid = fields.nth(1)?.parse().ok()?;
            Some(User { uid, gid: fields.next()?.parse().ok()? })
        })
    };
    named("postgres").or_else(|| named("nobody")).ok_or_else(|| {
        "PostgreSQL does not run as root, and neither user postgres nor nobody exists".to_owned()
    })
}

/// A variable of the environment, empty when it is not set.
#[expect(clippy::disallowed_methods, reason = "what a machine has is said from outside")]
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
