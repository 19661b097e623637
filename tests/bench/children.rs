//! Servers as processes of their own, so that the CPU time of each can be read by itself.
//!
//! They are this very program under another first argument: nothing else has to be built or found.

use crate::load::Connection;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A running server. It ends with this value, and with this process.
pub(crate) struct Child {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the start of the process to its first answer.
    pub(crate) started_in: Duration,
    process: std::process::Child,
}

impl Child {
    /// Starts Afterview exactly as `afterview serve` does, with its files in `folder`.
    pub(crate) fn afterview(folder: &Path) -> Self {
        Self::afterview_on(folder, "sqlite://afterview.db")
    }

    /// The same on the database of `url`.
    pub(crate) fn afterview_on(folder: &Path, url: &str) -> Self {
        Self::afterview_with(folder, url, &[])
    }

    /// The same with more settings.
    pub(crate) fn afterview_with(folder: &Path, url: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = this_program("serve", folder);
        command
            .env("AFTERVIEW_LISTEN", "127.0.0.1:0")
            .env("AFTERVIEW_PUBLIC_URL", "http://afterview.test")
            .env("AFTERVIEW_DATABASE_URL", url)
            .env("AFTERVIEW_SECRETS_DIR", "secrets")
            .env("AFTERVIEW_RATE_LIMITS", "off")
            .env("AFTERVIEW_LOG", "warn")
            .envs(settings.iter().copied());
        Self::start(command, "/livez")
    }

    /// Starts the bare server, which answers with the content of `answer` in `folder`.
    pub(crate) fn bare(folder: &Path) -> Self {
        Self::start(this_program("bare", folder), "/answer")
    }

    fn start(mut command: Command, probe: &str) -> Self {
        let start = Instant::now();
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once("http://").expect("the server says where it is");
        let address = address.parse().unwrap();
        let request = format!("GET {probe} HTTP/1.1\r\nhost: bench\r\n\r\n");
        assert_eq!(Connection::open(address).exchange(request.as_bytes()).status, 200);
        Self { address, started_in: start.elapsed(), process }
    }

    /// Its name in `/proc`.
    pub(crate) fn pid(&self) -> String {
        self.process.id().to_string()
    }

    /// Resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        memory_mib(&self.pid(), "VmRSS:")
    }

    /// How much of that only it has: what is mapped of files is the system's cache of them, counted in every process.
    pub(crate) fn own_mib(&self) -> f64 {
        memory_mib(&self.pid(), "RssAnon:")
    }

    /// The most resident memory that it ever had, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        peak_mib_of(&self.pid())
    }

    /// How many files it has open.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap().count()
    }

    /// Whether it has not ended.
    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Forgets the most memory so far.
    pub(crate) fn forget_peak(&self) {
        forget_peak_of(&self.pid());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself, and then the panic that brought us here says more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The most resident memory that a process had since [`forget_peak_of`], in MiB.
pub(crate) fn peak_mib_of(pid: &str) -> f64 {
    memory_mib(pid, "VmHWM:")
}

/// Forgets the most memory that a process had.
pub(crate) fn forget_peak_of(pid: &str) {
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5").unwrap();
}

fn memory_mib(pid: &str, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

fn this_program(role: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(role).current_dir(folder).env_clear();
    command
}

/// Ends this process once the parent's end of standard input is closed, however the parent ended.
pub(crate) fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
}

/// CPU time, user and system, that a process (a number, or `self`) has used so far.
pub(crate) fn cpu_of(pid: &str) -> Duration {
    // User and system time are fields 14 and 15.
    ticks(&stat_of(pid).unwrap(), 11, 2)
}

/// The same of a process and all of its children, those that have ended included.
pub(crate) fn cpu_of_family(pid: &str) -> Duration {
    // Fields 16 and 17 are what ended children have used.
    let parent = ticks(&stat_of(pid).unwrap(), 11, 4);
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    // Whoever ends between two looks is counted by the parent the next time.
    let all = processes.filter_map(|entry| stat_of(entry.file_name().to_str()?));
    let children = all.filter(|stat| stat.split(' ').nth(1) == Some(pid));
    children.map(|stat| ticks(&stat, 11, 2)).fold(parent, |sum, ticks| sum + ticks)
}

/// A process and its children.
pub(crate) fn family_of(pid: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let is_child = |name: &String| {
        stat_of(name).is_some_and(|stat| stat.split(' ').nth(1) == Some(pid)) || name == pid
    };
    names.filter(is_child).collect()
}

/// The fields of `/proc/{pid}/stat` from the third on; the name before them may hold blanks.
fn stat_of(pid: &str) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ").map(|(_, fields)| fields.to_owned())
}

fn ticks(stat: &str, skip: usize, take: usize) -> Duration {
    let ticks = stat.split(' ').skip(skip).take(take).map(|ticks| ticks.parse::<u64>().unwrap());
    // Linux counts in hundredths of a second here.
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// How busy the machine is: the three averages of runnable threads.
pub(crate) fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
