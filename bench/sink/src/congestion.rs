//! What TCP lets a connection have under way (RFC 5681, as Linux does it): ten segments at first, twice as many each
//! round trip while nothing is lost, then one more each round trip; half as many after a loss, and ten again after a
//! pause. And what the narrowest place of a line lets through.
//!
//! A loss is found out by what comes behind it and costs the bytes behind it one round trip; several of one round trip
//! count as one. The time that a sender takes to find out that the very last segment is lost, which is longer, is not
//! acted out.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Bytes of a packet on Ethernet, without its heads.
pub const SEGMENT: u64 = 1460;

/// RFC 6928.
const FIRST: f64 = 10.0 * SEGMENT as f64;
const LEAST: f64 = 2.0 * SEGMENT as f64;

/// The least pause after which nothing is known of the line any more.
const IDLE: Duration = Duration::from_millis(200);

pub struct CongestionWindow {
    bytes: f64,
    threshold: f64,
    most: f64,
    /// One segment in so many is lost; 0: none.
    loss: u64,
    until_loss: u64,
    random: u64,
    cut: Option<Instant>,
    sent: Option<Instant>,
}

impl CongestionWindow {
    /// `number` is the connection's: each loses other segments, and the same in each run.
    pub fn new(most: u64, loss: u64, number: u64) -> CongestionWindow {
        let mut window = CongestionWindow {
            bytes: FIRST.min(most as f64),
            threshold: f64::INFINITY,
            most: most as f64,
            loss,
            until_loss: u64::MAX,
            random: (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            cut: None,
            sent: None,
        };
        window.draw();
        window
    }

    pub fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    pub fn acknowledged(&mut self, bytes: u64) {
        let bytes = bytes as f64;
        self.bytes += match self.bytes < self.threshold {
            true => bytes,
            false => SEGMENT as f64 * bytes / self.bytes,
        };
        self.bytes = self.bytes.min(self.most);
    }

    /// Bytes go on their way; whether one of their segments is lost.
    pub fn sent(&mut self, bytes: u64, now: Instant, round_trip: Duration) -> bool {
        let pause = IDLE.max(round_trip * 2);
        if self.sent.is_some_and(|last| now - last > pause) {
            self.bytes = self.bytes.min(FIRST);
        }
        self.sent = Some(now);
        if self.loss == 0 || bytes < self.until_loss {
            self.until_loss -= bytes * u64::from(self.loss > 0);
            return false;
        }
        self.draw();
        true
    }

    /// A segment was lost.
    pub fn cut(&mut self, now: Instant, round_trip: Duration) {
        if self.cut.is_none_or(|last| now >= last + round_trip) {
            self.cut = Some(now);
            self.threshold = (self.bytes / 2.0).max(LEAST);
            self.bytes = self.threshold;
        }
    }

    /// How many bytes there are to the next loss: each segment has the same chance.
    fn draw(&mut self) {
        if self.loss == 0 {
            return;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let chance = (self.random >> 11) as f64 / (1_u64 << 53) as f64;
        let segments = (1.0 - chance).ln() / (1.0 - 1.0 / self.loss as f64).ln();
        self.until_loss = (segments as u64 + 1) * SEGMENT;
    }
}

/// The narrowest place of a line, which all connections share.
pub struct Bottleneck {
    bytes_per_s: f64,
    /// What waits longer in front of it finds no room there.
    queue: Duration,
    free_at: Mutex<Instant>,
}

impl Bottleneck {
    pub fn new(bytes_per_s: u64, queue: Duration) -> Bottleneck {
        Bottleneck {
            bytes_per_s: bytes_per_s as f64,
            queue,
            free_at: Mutex::new(Instant::now()),
        }
    }

    /// When bytes that come now are through, and whether a segment of them found no room.
    pub fn pass(&self, bytes: u64, now: Instant) -> (Instant, bool) {
        let mut free_at = self.free_at.lock().expect("nobody panics with it");
        let is_full = free_at.saturating_duration_since(now) > self.queue;
        *free_at = now.max(*free_at) + Duration::from_secs_f64(bytes as f64 / self.bytes_per_s);
        (*free_at, is_full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(80);

    /// A round trip in which as much is sent as may be; whether something of it was lost.
    fn round(window: &mut CongestionWindow, now: &mut Instant) -> bool {
        let segments = window.bytes() / SEGMENT;
        let mut lost = false;
        for _ in 0..segments {
            lost |= window.sent(SEGMENT, *now, ROUND_TRIP);
        }
        *now += ROUND_TRIP;
        window.acknowledged(segments * SEGMENT);
        if lost {
            window.cut(*now, ROUND_TRIP);
        }
        lost
    }

    #[test]
    fn it_doubles_until_something_is_lost_and_grows_slowly_then() {
        let (mut window, mut now) = (CongestionWindow::new(1 << 30, 0, 1), Instant::now());
        let mut segments = Vec::new();
        for _ in 0..5 {
            segments.push(window.bytes() / SEGMENT);
            round(&mut window, &mut now);
        }
        assert_eq!(segments, [10, 20, 40, 80, 160]);
        window.cut(now, ROUND_TRIP);
        // Of the same round trip.
        window.cut(now + ROUND_TRIP / 2, ROUND_TRIP);
        assert_eq!(window.bytes() / SEGMENT, 160);
        for _ in 0..5 {
            round(&mut window, &mut now);
        }
        assert!((164..=165).contains(&(window.bytes() / SEGMENT)));
        now += Duration::from_secs(1);
        window.sent(SEGMENT, now, ROUND_TRIP);
        assert_eq!(window.bytes() / SEGMENT, 10);
    }

    #[test]
    fn it_holds_what_its_receiver_lets_it() {
        let (mut window, mut now) = (CongestionWindow::new(30 * SEGMENT, 0, 1), Instant::now());
        for _ in 0..9 {
            round(&mut window, &mut now);
        }
        assert_eq!(window.bytes(), 30 * SEGMENT);
    }

    /// The formula of Mathis, Semke, Mahdavi and Ott (1997): 1.22 / sqrt(p) segments a round trip.
    #[test]
    fn losses_leave_what_the_formula_says() {
        for loss in [100, 1000, 10_000] {
            let mut segments = 0;
            let (mut lost, mut rounds) = (0, 0);
            for connection in 0..16 {
                let mut window = CongestionWindow::new(1 << 30, loss, connection);
                let mut now = Instant::now();
                for number in 0..5000 {
                    let under_way = window.bytes() / SEGMENT;
                    let is_lost = round(&mut window, &mut now);
                    // Without the first climb.
                    if number >= 500 {
                        segments += under_way;
                        lost += u64::from(is_lost);
                        rounds += 1;
                    }
                }
            }
            let share = lost as f64 / segments as f64;
            assert!(
                (0.8..1.2).contains(&(share * loss as f64)),
                "{loss}: {share}"
            );
            let expected = 1.22 * (loss as f64).sqrt();
            let found = segments as f64 / f64::from(rounds);
            assert!(
                (0.8..1.2).contains(&(found / expected)),
                "{loss}: {found} of {expected}"
            );
        }
    }

    #[test]
    fn a_narrow_place_lets_so_much_through() {
        let narrow = Bottleneck::new(1_000_000, Duration::from_millis(50));
        let now = Instant::now() + Duration::from_secs(1);
        let ms = |at: Instant| (at - now).as_millis();
        let passed: Vec<_> = (0..4).map(|_| narrow.pass(30_000, now)).collect();
        let passed: Vec<_> = passed.iter().map(|(at, full)| (ms(*at), *full)).collect();
        assert_eq!(passed, [(30, false), (60, false), (90, true), (120, true)]);
        // It is free again.
        let later = now + Duration::from_millis(500);
        assert_eq!(ms(narrow.pass(10_000, later).0), 510);
    }
}
