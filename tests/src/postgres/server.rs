//! One PostgreSQL server in a folder: made, started, asked, stopped; and the supervisor that ends it
//! when nobody is left to do so.

use super::programs::Programs;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The role that owns everything. It is a superuser: row-level security does not bind it.
const OWNER: &str = "postgres";

/// Ports below those that systems give to outgoing connections (from 32768 on Linux, 49152
/// elsewhere), so that the port of a stopped server stays free.
const FIRST_PORT: u16 = 20_000;
const PORTS: u64 = 12_000;

/// Whoever starts or ends the server of a folder holds this file's lock.
const START: &str = "start.lock";

/// Whoever uses the server of a folder holds this file's lock, shared with all others.
const USERS: &str = "users.lock";

/// A server that belongs to whoever holds its folder.
#[derive(Debug)]
pub(super) struct Server {
    programs: &'static Programs,
    home: PathBuf,
    port: u16,
}

impl Server {
    /// Makes a new server in an empty folder and starts it.
    pub(super) fn begin(home: &Path, settings: &[(&str, &str)]) -> Self {
        let server = Self { programs: Programs::get(), home: home.to_path_buf(), port: 0 };
        server.make(settings);
        server.start_somewhere()
    }

    /// Makes a copy of a running server in an empty folder and starts it: it follows the first.
    pub(super) fn follow(home: &Path, leader: &Self) -> Self {
        let server = Self { programs: Programs::get(), home: home.to_path_buf(), port: 0 };
        let mut copy = server.programs.command("pg_basebackup", home);
        copy.args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-U", OWNER, "-D"]);
        copy.arg(server.data()).arg("-h").arg(leader.data());
        let copied = copy.args(["-p", &leader.port.to_string()]).output().unwrap();
        assert!(copied.status.success(), "pg_basebackup: {copied:?}");
        let sockets = format!("unix_socket_directories = '{}'\n", server.data().display());
        server.add_settings(&sockets);
        server.start_somewhere()
    }

    /// Makes a server that follows another one take its place.
    pub(super) fn promote(&self) {
        let promoted = self.control("promote").output().unwrap();
        assert!(promoted.status.success(), "{promoted:?}");
    }

    fn start_somewhere(mut self) -> Self {
        let server = &mut self;
        for _ in 0..20 {
            server.port = free_port();
            let started = server.try_to_start();
            let log = fs::read_to_string(server.home.join("log")).unwrap_or_default();
            if started.status.success() {
                return self;
            }
            let taken = log.contains("Address already in use");
            assert!(taken, "PostgreSQL does not start: {started:?}\n{log}");
            fs::remove_file(server.home.join("log")).unwrap();
        }
        panic!("no port of 20 is free");
    }

    /// The server that somebody else has started in the folder, if it still listens there.
    pub(super) fn running(home: &Path) -> Option<Self> {
        // The fourth line is the port: `LOCK_FILE_LINE_PORT` in PostgreSQL's miscadmin.h.
        let text = fs::read_to_string(home.join("data/postmaster.pid")).ok()?;
        let port = text.lines().nth(3)?.parse().ok()?;
        let server = Self { programs: Programs::get(), home: home.to_path_buf(), port };
        // The port may be another server's by now; the socket in the folder cannot be.
        UnixStream::connect(server.data().join(format!(".s.PGSQL.{port}"))).ok()?;
        Some(server)
    }

    /// Stops what may run in a folder whose server is given up.
    pub(super) fn clear(home: &Path) {
        Self { programs: Programs::get(), home: home.to_path_buf(), port: 0 }
            .try_to_stop("immediate");
        let _ = fs::remove_dir_all(home);
    }

    /// The folder of its files.
    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// The folder that holds the data and whatever else lasts as long as the server.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://{OWNER}@127.0.0.1:{}/{database}", self.port)
    }

    /// Starts it again, on the same port.
    pub(super) fn start(&self) {
        let started = self.try_to_start();
        assert!(started.status.success(), "PostgreSQL does not start: {started:?}");
    }

    /// Stops it: `immediate` as a crash would, `fast` with everything written.
    pub(super) fn stop(&self, mode: &str) {
        let stopped = self.try_to_stop(mode);
        assert!(stopped.status.success(), "PostgreSQL does not stop: {stopped:?}");
    }

    /// [`stop`](Self::stop) for a server that may have stopped already.
    fn try_to_stop(&self, mode: &str) -> Output {
        self.control("stop").args(["-m", mode]).output().unwrap()
    }

    /// Stops it for good. The supervisor removes the folder, which takes seconds on some disks.
    pub(super) fn end(&self) {
        self.try_to_stop("immediate");
        let _ = fs::write(self.home.join("over"), "");
    }

    /// Runs statements, each in a transaction of its own, and returns the rows of all of them: one
    /// per line, columns parted by `|`.
    pub(super) fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut command = self.programs.command("psql", &self.home);
        command.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            OWNER,
            "-d",
            database,
        ]);
        command.arg("-h").arg(self.data()).args(["-p", &self.port.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut psql = command.spawn().unwrap();
        // psql may have given up before it has read everything: its answer says why.
        let _ = psql.stdin.take().unwrap().write_all(sql.as_bytes());
        let output = psql.wait_with_output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// What `pg_dump` writes of a database.
    pub(super) fn dump(&self, database: &str) -> String {
        let mut command = self.programs.command("pg_dump", &self.home);
        command.args(["-U", OWNER, "-d", database]);
        command.arg("-h").arg(self.data()).args(["-p", &self.port.to_string()]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "pg_dump: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Text sorts as people sort it, `a B c`, on every machine alike: whoever relies on the order of
    /// bytes has to say so. It takes no locale of the system, only what is compiled into PostgreSQL.
    fn make(&self, settings: &[(&str, &str)]) {
        let mut initdb = self.programs.command("initdb", &self.home);
        initdb.arg("-D").arg(self.data()).args(["-U", OWNER, "-A", "trust", "-E", "UTF8"]);
        initdb.args(["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"]);
        let made = initdb.arg("--no-sync").output().unwrap();
        assert!(made.status.success(), "initdb: {made:?}");
        let sockets = self.data().display().to_string();
        let always = [
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", &sockets),
            ("timezone", "UTC"),
            // Otherwise every file is synced after a crash, which takes seconds.
            (
                "recovery_init_sync_method",
                if cfg!(target_os = "linux") { "syncfs" } else { "fsync" },
            ),
        ];
        let mut text = String::new();
        for (name, value) in always.iter().chain(settings) {
            writeln!(text, "{name} = '{}'", value.replace('\'', "''")).unwrap();
        }
        self.add_settings(&text);
    }

    fn add_settings(&self, text: &str) {
        let file = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn try_to_start(&self) -> Output {
        let mut command = self.control("start");
        command.arg("-l").arg(self.home.join("log")).arg("-o").arg(format!("-p {}", self.port));
        command.output().unwrap()
    }

    fn control(&self, what: &str) -> Command {
        let mut command = self.programs.command("pg_ctl", &self.home);
        command.args([what, "-w", "-s", "-D"]).arg(self.data());
        command
    }
}

/// The folder of a server and the right to start or end it, for as long as the file lives.
///
/// A supervisor may be about to remove the folder: then it is made anew.
pub(super) fn hold(folder: &Path) -> File {
    loop {
        fs::create_dir_all(folder).unwrap();
        Programs::get().own(folder);
        match lock_file(&folder.join(START)) {
            Ok(file) => {
                file.lock().unwrap();
                if is_still(&file, &folder.join(START)) {
                    return file;
                }
            }
            Err(error) => assert!(error.kind() == io::ErrorKind::NotFound, "{folder:?}: {error}"),
        }
    }
}

/// Counts as a user of the server in the folder for as long as the file lives.
///
/// Only whoever [holds](hold) the folder may ask for that.
pub(super) fn use_server(folder: &Path) -> File {
    let file = lock_file(&folder.join(USERS)).unwrap();
    file.lock_shared().unwrap();
    file
}

/// Has the server in `home` ended, and the folder removed, when it has had no user for twice as many
/// seconds as the number of looks.
///
/// Called before the server is made: whoever makes it may be killed on the way.
pub(super) fn supervise(folder: &Path, home: &Path, looks: u32) {
    let programs = Programs::get();
    let mut shell = Command::new("sh");
    programs.confine(&mut shell, folder);
    // In the background of a shell that ends: it is no child of this process, and no terminal's.
    let script = concat!("{\n", include_str!("supervisor.sh"), "} &\n");
    shell.args(["-c", script, "afterview-postgres-supervisor"]);
    shell.arg(programs.file("pg_ctl")).args([folder, home]).arg(looks.to_string());
    shell.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    assert!(shell.status().unwrap().success(), "the supervisor does not start");
}

/// Opens a file whose lock counts; `flock` locks it the same way in the supervisor.
pub(super) fn lock_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    Programs::get().own(path);
    Ok(file)
}

fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = file.metadata().unwrap().ino();
    fs::metadata(path).is_ok_and(|now| now.ino() == inode)
}

fn free_port() -> u16 {
    loop {
        let offset = RandomState::new().hash_one("port") % PORTS;
        let port = FIRST_PORT + u16::try_from(offset).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
