//! What both golden files share: reading them, and the office as they describe it.

use afterview_domain::calendar::BusinessOffice;
use afterview_domain::entities::opportunity::{Office, Weekday};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The office of a golden case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoldenOffice {
    tz: String,
    calendar: String,
    work_week: Vec<Weekday>,
    #[serde(default)]
    closures: Vec<chrono::NaiveDate>,
}

impl GoldenOffice {
    /// The zone of the office.
    pub(crate) fn zone(&self) -> &str {
        &self.tz
    }

    /// The same office as the product stores it.
    pub(crate) fn record(&self) -> Office {
        let fields = serde_json::json!({
            "time_zone": self.tz, "calendar": self.calendar, "work_week": self.work_week,
            "closures": self.closures, "send_open": "08:30", "send_close": "17:30",
        });
        serde_json::from_value(fields).expect("a valid office")
    }

    /// The same office as the rules see it.
    pub(crate) fn business_office(&self) -> BusinessOffice {
        BusinessOffice::new(&self.record(), chrono_tz::UTC)
    }
}

/// Reads a golden file when the test runs, so that cases can be exchanged.
pub(crate) fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
