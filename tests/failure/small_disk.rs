//! A file system of a few megabytes, which can be filled. To mount one, one has to be root.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A small disk. It is unmounted with this value.
pub(crate) struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts one of `size`, such as `4m`; none, said loudly, where that is not allowed.
    ///
    /// # Panics
    ///
    /// When it is not allowed in CI, where it must be.
    #[expect(clippy::disallowed_methods, reason = "CI says so from outside")]
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=777"), "tmpfs"]);
        let output = mount.arg(folder.path()).output().unwrap();
        if output.status.success() {
            return Some(Self { folder });
        }
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(std::env::var("CI").is_err(), "no disk can be filled: {why}");
        println!("*** NOT TESTED: a full disk; mounting one needs root: {why} ***");
        None
    }

    /// Gives it to whoever owns `owner`.
    pub(crate) fn give(&self, (uid, gid): (u32, u32)) {
        chown(self.path(), Some(uid), Some(gid)).unwrap();
    }

    /// Lets it be written to from now on (`rw`), or not (`ro`).
    pub(crate) fn remount(&self, how: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{how}")]);
        assert!(mount.arg(self.folder.path()).status().unwrap().success(), "{how}");
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}
