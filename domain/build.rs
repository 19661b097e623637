//! Turns the frozen holiday data, a text that people can read and compare, into the tables that
//! are compiled into the crate, so that nothing is parsed or built when the program runs.
//!
//! What is not as `holidays/generate.py` writes it stops the build and names the line.
//! **Must never** add or leave out a holiday of its own.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

/// The data that is in force. A new version is a new file.
const DATA: &str = "holidays/2026.2.txt";

/// One calendar with all its days.
struct Calendar {
    id: String,
    name: String,
    first_year: u16,
    last_year: u16,
    /// A word for every month from the first year of the data on, and in it a bit for every day.
    months: Vec<u32>,
}

/// What has been read so far.
#[derive(Default)]
struct Data {
    version: String,
    first_year: u16,
    calendars: Vec<Calendar>,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DATA}");
    let mut data = Data::default();
    for (at, line) in std::fs::read_to_string(DATA)?.lines().enumerate() {
        data.read(line).map_err(|fault| format!("{DATA}, line {}: {fault}", at + 1))?;
    }
    if !data.calendars.is_sorted_by(|one, next| one.id < next.id) {
        return Err(format!("{DATA}: calendars must be in ascending order of the id").into());
    }
    #[expect(clippy::disallowed_methods, reason = "cargo tells a build script where to write")]
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    std::fs::write(Path::new(&folder).join("holidays.rs"), data.tables()?)?;
    Ok(())
}

impl Data {
    /// Reads one line of the file.
    fn read(&mut self, line: &str) -> Result<(), String> {
        match line.split_once(' ') {
            _ if line.is_empty() || line.starts_with('#') => Ok(()),
            Some(("version", version)) => {
                version.clone_into(&mut self.version);
                Ok(())
            }
            Some(("calendar", rest)) => self.begin(rest),
            Some((year, days)) => self.read_year(number(year)?, days),
            None => Err("one word alone".to_owned()),
        }
    }

    /// Begins a calendar: `<id> <first year>-<last year> <name>`. A part of a country begins with
    /// the days of the country.
    fn begin(&mut self, rest: &str) -> Result<(), String> {
        let (id, rest) = rest.split_once(' ').ok_or("no years")?;
        let (years, name) = rest.split_once(' ').ok_or("no name")?;
        let (first_year, last_year) = years.split_once('-').ok_or("no last year")?;
        let (first_year, last_year) = (number(first_year)?, number(last_year)?);
        let (mut name, mut months) = (name.to_owned(), Vec::new());
        if let Some((country, _)) = id.split_once('-') {
            let known = self.calendars.iter().find(|calendar| calendar.id == country);
            let country = known.ok_or("its country must come before it")?;
            name = format!("{}, {name}", country.name);
            months.clone_from(&country.months);
        }
        if self.calendars.is_empty() {
            self.first_year = first_year;
        }
        self.calendars.push(Calendar { id: id.to_owned(), name, first_year, last_year, months });
        Ok(())
    }

    /// Reads the days of one year of the calendar begun last: `mmdd` or `+mmdd` is added, `-mmdd`
    /// taken away.
    fn read_year(&mut self, year: u16, days: &str) -> Result<(), String> {
        let calendar = self.calendars.last_mut().ok_or("a year without a calendar")?;
        if year < self.first_year.max(calendar.first_year) || year > calendar.last_year {
            return Err("a year outside those of the calendar".to_owned());
        }
        for text in days.split(' ') {
            let day = text.strip_prefix(['+', '-']).unwrap_or(text);
            let (month, day) = day.split_at_checked(2).ok_or("a day has four digits")?;
            let (month, day) = (number(month)?, number(day)?);
            if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
                return Err(format!("there is no day {text}"));
            }
            let at = usize::from((year - self.first_year) * 12 + month - 1);
            if calendar.months.len() <= at {
                calendar.months.resize(at + 1, 0);
            }
            let days = calendar.months.get_mut(at).ok_or("no such month")?;
            let bit = 1 << (day - 1);
            if (*days & bit != 0) != text.starts_with('-') {
                return Err(format!("{text} changes nothing"));
            }
            *days ^= bit;
        }
        Ok(())
    }

    /// The Rust text that `src/calendar/holidays.rs` includes.
    fn tables(&self) -> Result<String, Box<dyn Error>> {
        let mut text = format!("pub(super) const VERSION: &str = {:?};\n", self.version);
        writeln!(text, "pub(super) const FIRST_YEAR: i32 = {};", self.first_year)?;
        writeln!(text, "pub(super) static CALENDARS: &[Calendar] = &[")?;
        for Calendar { id, name, first_year, last_year, months } in &self.calendars {
            let country = id.get(..2).filter(|country| *country == id || id.contains('-'));
            writeln!(
                text,
                "    Calendar {{ info: CalendarInfo {{ id: {id:?}, name: {name:?}, \
                 country: {country:?}, first_year: {first_year}, last_year: {last_year} }}, \
                 days: Holidays(&{months:?}) }},"
            )?;
        }
        writeln!(text, "];")?;
        Ok(text)
    }
}

fn number(digits: &str) -> Result<u16, String> {
    digits.parse().map_err(|fault| format!("{digits}: {fault}"))
}
