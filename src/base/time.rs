//! The service's times as Unix seconds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// By this machine's clock.
pub(crate) fn now() -> u64 {
    since_epoch().as_secs()
}

/// The same in milliseconds.
pub(crate) fn now_ms() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}

fn since_epoch() -> Duration {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.unwrap_or_default()
}

/// `Fri, 10 Apr 2020 18:20:30 GMT`
pub(crate) fn http(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text).ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// `2020-04-10T18:20:30.000Z`, the one form of the XML API's documents.
pub(crate) fn iso(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March, so that the leap day is the last.
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1;
    // Days from the 1st of March of the year 0 to 1970.
    let days = days.checked_sub(719_468)?;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// The same form of a time.
pub(crate) fn to_iso(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // From the 1st of March of the year 0, in periods of 400 years.
    let days = days + 719_468;
    let (period, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * period + year + u64::from(month > 9);
    let month = if month > 9 { month - 9 } else { month + 3 };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_it_is_read() {
        // Each day, at another second of it, from 1970 to 2400.
        for day in 0..157_000 {
            let seconds = day * 86_400 + day * 7 % 86_400;
            let text = to_iso(seconds);
            assert_eq!(iso(&text), Some(seconds), "{text}");
        }
        assert_eq!(to_iso(1_567_157_892), "2019-08-30T09:38:12.000Z");
        assert_eq!(to_iso(951_782_400), "2000-02-29T00:00:00.000Z");
    }

    #[test]
    fn both_forms_say_the_same() {
        for (document, header) in [
            ("1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("2020-04-10T18:20:30Z", "Fri, 10 Apr 2020 18:20:30 GMT"),
            ("2020-02-29T23:59:59.000Z", "Sat, 29 Feb 2020 23:59:59 GMT"),
            ("2000-03-01T00:00:00.000Z", "Wed, 01 Mar 2000 00:00:00 GMT"),
            ("2099-12-31T12:00:00.000Z", "Thu, 31 Dec 2099 12:00:00 GMT"),
        ] {
            assert_eq!(iso(document), http(header), "{document}");
            assert!(iso(document).is_some());
        }
        for text in [
            "",
            "yesterday",
            "2020-13-01T00:00:00Z",
            "2020-0é-10T18:20:30Z",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }
}
