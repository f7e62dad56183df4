//! The service's clock: the machine's, or one that was set at start-up and runs on from there.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub enum Clock {
    System,
    SetAt { started: Instant, time: u64 },
}

impl Clock {
    pub fn new(set_to: Option<u64>) -> Self {
        match set_to {
            None => Clock::System,
            Some(time) => Clock::SetAt {
                started: Instant::now(),
                time,
            },
        }
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        let since_epoch = match self {
            Clock::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or(Duration::ZERO)
                .as_secs(),
            Clock::SetAt { started, time } => time.saturating_add(started.elapsed().as_secs()),
        };
        i64::try_from(since_epoch).unwrap_or(i64::MAX)
    }
}

/// A time as HTTP writes it.
pub fn http_date(unix_seconds: i64) -> String {
    // The format ends with the year 9999.
    let seconds = u64::try_from(unix_seconds)
        .unwrap_or(0)
        .min(253_402_300_799);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// `Fri, 10 Apr 2020 18:20:30 GMT` as `2020-04-10T18:20:30`; without the `Z`.
pub fn iso(unix_seconds: i64) -> String {
    let text = http_date(unix_seconds);
    let words: Vec<&str> = text.split(' ').collect();
    let [_, day, month, year, time, _] = words[..] else {
        return String::new();
    };
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS.iter().position(|name| *name == month).unwrap_or(0) + 1;
    format!("{year}-{month:02}-{day}T{time}")
}
