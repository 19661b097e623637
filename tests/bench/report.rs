//! Samples, taken in turns, and the table made of them.
//!
//! The machine is never alone: a single figure means little. Each round runs every side once, the
//! ratio is taken within the round, and the medians are shown.

use std::time::Duration;

/// What one side did in one round.
pub(crate) struct Sample {
    /// How many requests (or rows).
    pub(crate) requests: u32,
    /// In what time.
    pub(crate) elapsed: Duration,
    /// How long each took.
    pub(crate) latencies: Vec<Duration>,
    /// CPU time of the process under test.
    pub(crate) cpu: Duration,
    /// CPU time of a database that is a process of its own.
    pub(crate) database_cpu: Duration,
}

impl Sample {
    fn rate(&self) -> f64 {
        f64::from(self.requests) / self.elapsed.as_secs_f64()
    }
}

/// One side of a comparison: how to take a sample of the given size in the given round.
pub(crate) struct Side<'a> {
    name: &'static str,
    run: Box<dyn FnMut(u32, u32) -> Sample + 'a>,
    samples: Vec<Sample>,
}

impl<'a> Side<'a> {
    /// A side called `name`; `run` gets the number of the first request and how many, or for how
    /// many milliseconds where a side goes by time.
    pub(crate) fn new(name: &'static str, run: impl FnMut(u32, u32) -> Sample + 'a) -> Self {
        Self { name, run: Box::new(run), samples: Vec::new() }
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Requests a second.
    pub(crate) fn rate(&self) -> f64 {
        median(self.samples.iter().map(Sample::rate).collect())
    }

    /// CPU of the server, in microseconds a request.
    pub(crate) fn cpu_micros(&self) -> f64 {
        self.micros_each(|sample| sample.cpu)
    }

    /// CPU of a database that is a process of its own.
    pub(crate) fn database_micros(&self) -> f64 {
        self.micros_each(|sample| sample.database_cpu)
    }

    fn micros_each(&self, cpu: impl Fn(&Sample) -> Duration) -> f64 {
        let cpu: Duration = self.samples.iter().map(cpu).sum();
        let requests: u32 = self.samples.iter().map(|sample| sample.requests).sum();
        cpu.as_secs_f64() * 1e6 / f64::from(requests)
    }

    /// The latency that `per_thousand` of all requests stay below, in milliseconds.
    pub(crate) fn latency_millis(&self, per_thousand: usize) -> f64 {
        let mut all: Vec<_> = self.samples.iter().flat_map(|sample| &sample.latencies).collect();
        all.sort_unstable();
        all[(all.len() * per_thousand / 1000).min(all.len() - 1)].as_secs_f64() * 1e3
    }
}

/// Runs all sides once, uncounted.
pub(crate) fn warm_up(requests: u32, sides: &mut [Side<'_>]) {
    for side in sides {
        (side.run)(0, requests);
    }
}

/// Runs all sides in turns, `rounds` times `requests` each, after an uncounted tenth.
pub(crate) fn take_turns(rounds: u32, requests: u32, sides: &mut [Side<'_>]) {
    let tenth = (requests / 10).max(1);
    warm_up(tenth, sides);
    for round in 0..rounds {
        for side in &mut *sides {
            let sample = (side.run)(tenth + round * requests, requests);
            side.samples.push(sample);
        }
    }
}

/// Rate beside rate, within each round.
pub(crate) fn ratio(server: &Side<'_>, ceiling: &Side<'_>) -> f64 {
    let pairs = server.samples.iter().zip(&ceiling.samples);
    median(pairs.map(|(ours, best)| ours.rate() / best.rate()).collect())
}

/// Runs all sides in turns and prints a line for each ceiling. The first side is the server.
pub(crate) fn compare(workload: &str, rounds: u32, requests: u32, mut sides: Vec<Side<'_>>) {
    take_turns(rounds, requests, &mut sides);
    let (server, ceilings) = sides.split_first().unwrap();
    for ceiling in ceilings {
        let ratio = ratio(server, ceiling);
        println!(
            "{workload:<24} {:<26} {:>8.0} {:>8.0} {ratio:>6.2} {:>8.2} {:>8.2} {:>8.1} {:>8.1}",
            ceiling.name,
            server.rate(),
            ceiling.rate(),
            server.latency_millis(500),
            server.latency_millis(990),
            server.cpu_micros(),
            ceiling.cpu_micros(),
        );
    }
}

/// The same for a server beside another client of the same database: with the CPU time of the
/// database for either.
pub(crate) fn compare_clients(
    workload: &str,
    (rounds, requests): (u32, u32),
    server: Side<'_>,
    client: Side<'_>,
) {
    let mut sides = [server, client];
    take_turns(rounds, requests, &mut sides);
    let [server, client] = &sides;
    println!(
        "{workload:<34} {:>8.0} {:>9.0} {:>6.2} {:>8.2} {:>8.2} {:>8.1} {:>9.1} {:>10.1}",
        server.rate(),
        client.rate(),
        ratio(server, client),
        server.latency_millis(500),
        server.latency_millis(990),
        server.cpu_micros(),
        server.database_micros(),
        client.database_micros(),
    );
}

/// Prints the heading of that table.
pub(crate) fn heading_of_clients() {
    println!(
        "{:<34} {:>8} {:>9} {:>6} {:>8} {:>8} {:>8} {:>9} {:>10}",
        "workload beside pgbench",
        "server/s",
        "pgbench/s",
        "ratio",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        "database",
        "its for pgb."
    );
}

/// Prints the heading of the table.
pub(crate) fn heading() {
    println!(
        "{:<24} {:<26} {:>8} {:>8} {:>6} {:>8} {:>8} {:>8} {:>8}",
        "workload",
        "ceiling",
        "server/s",
        "ceil./s",
        "ratio",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        "ceil.µs"
    );
}

/// The median.
pub(crate) fn median(values: Vec<f64>) -> f64 {
    per_thousand(values, 500)
}

/// The value that `share` of a thousand values stay below.
pub(crate) fn per_thousand(mut values: Vec<f64>, share: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[(values.len() * share / 1000).min(values.len() - 1)]
}
