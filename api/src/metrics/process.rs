//! The process, as `/proc` shows it, under the names that every program uses.
//!
//! **Must never** show what it could not read: on a system without `/proc` there is nothing.

use super::number;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use std::fmt;
use std::fs::{read_dir, read_to_string};

/// Reads `/proc` when somebody scrapes.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(seconds) = cpu_seconds() {
            let counter = ConstCounter::new(seconds);
            let (name, help) = ("process_cpu", "Time that the processors worked for the process");
            let kind = counter.metric_type();
            counter.encode(encoder.encode_descriptor(name, help, Some(&Unit::Seconds), kind)?)?;
        }
        let mut show = |name: &str, unit: Option<&Unit>, help: &str, value: Option<f64>| {
            let Some(value) = value else { return Ok(()) };
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
        };
        let (bytes, secs) = (Some(&Unit::Bytes), Some(&Unit::Seconds));
        show("process_resident_memory", bytes, "Memory that the process has", resident_bytes())?;
        show("process_open_fds", None, "File descriptors that are open", open_descriptors())?;
        show("process_max_fds", None, "File descriptors that may be open", most_descriptors())?;
        show("process_threads", None, "Threads of the process", threads())?;
        show("process_start_time", secs, "When the process began, Unix time", start_time())
    }
}

/// A value of `/proc/self/status`, which counts sizes in kilobytes.
fn status(name: &str) -> Option<f64> {
    let text = read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

fn resident_bytes() -> Option<f64> {
    Some(status("VmRSS")? * 1_024.0)
}

fn threads() -> Option<f64> {
    status("Threads")
}

fn open_descriptors() -> Option<f64> {
    // The folder itself is open while it is read.
    Some(number(read_dir("/proc/self/fd").ok()?.count().saturating_sub(1)))
}

fn most_descriptors() -> Option<f64> {
    let text = read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A field of `/proc/self/stat` that counts ticks of the clock, by its number in the manual page, in seconds.
fn ticks(stat: &str, number: usize) -> Option<f64> {
    // The name of the program, the second field, stands in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks: f64 = rest.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()?;
    let a_second = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    Some(ticks / f64::from(a_second))
}

fn cpu_seconds() -> Option<f64> {
    let stat = read_to_string("/proc/self/stat").ok()?;
    Some(ticks(&stat, 14)? + ticks(&stat, 15)?)
}

fn start_time() -> Option<f64> {
    let after_boot = ticks(&read_to_string("/proc/self/stat").ok()?, 22)?;
    let text = read_to_string("/proc/stat").ok()?;
    let boot: f64 = text.lines().find_map(|line| line.strip_prefix("btime "))?.parse().ok()?;
    Some(boot + after_boot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_moves_no_field() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1 0 12300 1 2 3";
        assert_eq!(ticks(stat, 14).zip(ticks(stat, 15)), Some((2.5, 0.5)));
        assert_eq!(ticks(stat, 22), Some(123.0));
    }

    #[test]
    fn this_process_has_memory_time_and_descriptors() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1e6));
        assert!(cpu_seconds().is_some());
        assert!(open_descriptors().is_some_and(|open| open >= 3.0));
        assert!(open_descriptors() <= most_descriptors());
        assert!(threads().is_some_and(|threads| threads >= 1.0));
        assert!(start_time().is_some_and(|start| start > 1.6e9));
    }
}
