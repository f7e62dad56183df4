//! The service's clock: the machine's, or one that was set at start-up and runs on from there.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub struct Clock {
    hand: Hand,
    /// How many seconds archives are ahead of everything else.
    archives_ahead: AtomicI64,
}

enum Hand {
    System,
    SetAt { started: Instant, time: u64 },
}

impl Clock {
    pub fn new(set_to: Option<u64>) -> Self {
        let hand = match set_to {
            None => Hand::System,
            Some(time) => Hand::SetAt {
                started: Instant::now(),
                time,
            },
        };
        Clock {
            hand,
            archives_ahead: AtomicI64::new(0),
        }
    }

    /// The same where archived objects are restored: there, hours can pass at once.
    pub fn now_in_archives(&self) -> i64 {
        self.now().saturating_add(self.archives_ahead())
    }

    pub fn archives_ahead(&self) -> i64 {
        self.archives_ahead.load(Ordering::Relaxed)
    }

    pub fn pass_in_archives(&self, seconds: u32) {
        self.archives_ahead
            .fetch_add(i64::from(seconds), Ordering::Relaxed);
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        let since_epoch = match &self.hand {
            Hand::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or(Duration::ZERO)
                .as_secs(),
            Hand::SetAt { started, time } => time.saturating_add(started.elapsed().as_secs()),
        };
        i64::try_from(since_epoch).unwrap_or(i64::MAX)
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

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
    let month = MONTHS.iter().position(|name| *name == month).unwrap_or(0) + 1;
    format!("{year}-{month:02}-{day}T{time}")
}

/// `2020-04-10T18:20:30.000Z`, or without the fraction; None if it is no such time.
pub fn of_iso(text: &str) -> Option<i64> {
    let time = text.strip_suffix('Z')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<usize>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let month = MONTHS.get(month.checked_sub(1)?)?;
    let rest = format!("{day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT");
    // What day of the week it is only the right one tells.
    let found = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .iter()
        .find_map(|name| httpdate::parse_http_date(&format!("{name}, {rest}")).ok())?;
    let seconds = found.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let seconds = i64::try_from(seconds).ok()?;
    let is_number = fraction.bytes().all(|byte| byte.is_ascii_digit());
    // What is not written the same again was no such time.
    (is_number && iso(seconds) == time).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_documents() {
        for (text, seconds) in [
            ("2020-04-10T18:20:30Z", Some(1_586_542_830)),
            ("2020-04-10T18:20:30.414Z", Some(1_586_542_830)),
            ("1970-01-01T00:00:00.000Z", Some(0)),
            ("2020-02-30T00:00:00Z", None),
            ("2020-13-01T00:00:00Z", None),
            ("2020-04-10T18:20:30", None),
            ("2020-04-10 18:20:30Z", None),
            ("2020-04-10T18:20:30.xZ", None),
            ("tomorrow", None),
        ] {
            assert_eq!(of_iso(text), seconds, "{text}");
        }
    }
}
