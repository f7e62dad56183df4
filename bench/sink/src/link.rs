//! A long line between client and sink, acted out where the sink reads and writes. HTTP/1.1 takes
//! turns, so that waiting in these places is all that a client can see of a line:
//!
//! - what is read now left the client now, arrives half a round trip later, and its acknowledgement
//!   is back after a whole one: until then it counts against the window;
//! - an answer to what was read now is with the client a whole round trip later;
//! - a connection's first bytes come after a handshake, one round trip more.
//!
//! No byte is moved for it and no thread is needed, so that the line costs no processor time. A plain line has
//! no slow start, losses or shared bandwidth: one connection carries window / round trip, two carry
//! twice that. With slow start, losses or a cap, what may be under way is as TCP has it (`congestion.rs`).

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::congestion::{Bottleneck, CongestionWindow, SEGMENT};

/// Bytes that pass a narrow place together: few enough for connections to take turns.
const TURN: u64 = 16 << 10;

/// What a line is like.
#[derive(Clone)]
pub struct Line {
    pub round_trip: Duration,
    pub window: u64,
    pub slow_start: bool,
    /// One segment in so many is lost; 0: none.
    pub loss: u64,
    /// Bytes a second of all connections together, in each direction; 0: any number.
    pub cap: u64,
}

impl Default for Line {
    fn default() -> Line {
        Line {
            round_trip: Duration::ZERO,
            window: 4 << 20,
            slow_start: false,
            loss: 0,
            cap: 0,
        }
    }
}

impl Line {
    pub fn set_rtt_ms(&mut self, milliseconds: u64) {
        self.round_trip = Duration::from_millis(milliseconds);
    }

    pub fn is_plain(&self) -> bool {
        !self.slow_start && self.loss == 0 && self.cap == 0
    }

    /// Its narrowest place, for one direction: what comes while a round trip's bytes wait there is lost.
    pub fn bottleneck(&self) -> Option<Arc<Bottleneck>> {
        let queue = self.round_trip.max(Duration::from_millis(10));
        (self.cap > 0).then(|| Arc::new(Bottleneck::new(self.cap, queue)))
    }
}

/// One direction of a connection.
pub struct Direction {
    line: Line,
    /// `None` on a plain line.
    window: Option<CongestionWindow>,
    bottleneck: Option<Arc<Bottleneck>>,
    /// When bytes went on their way and how many, until they are acknowledged.
    under_way: VecDeque<(Instant, u64)>,
    bytes: u64,
    /// When the last of them were through, in their order.
    through: Option<Instant>,
}

impl Direction {
    /// `number` is the connection's.
    pub fn new(line: &Line, bottleneck: Option<Arc<Bottleneck>>, number: u64) -> Direction {
        let window = || CongestionWindow::new(line.window, line.loss, number);
        Direction {
            window: (!line.is_plain()).then(window),
            line: line.clone(),
            bottleneck,
            under_way: VecDeque::new(),
            bytes: 0,
            through: None,
        }
    }

    fn is_short(&self) -> bool {
        self.line.round_trip.is_zero() && self.window.is_none()
    }

    /// Waits until more may be under way; tells how much more.
    pub fn wait(&mut self) -> u64 {
        if self.is_short() {
            return u64::MAX;
        }
        loop {
            let now = Instant::now();
            while let Some((since, bytes)) = self.under_way.front() {
                if *since + self.line.round_trip > now {
                    break;
                }
                self.bytes -= bytes;
                if let Some(window) = &mut self.window {
                    window.acknowledged(*bytes);
                }
                self.under_way.pop_front();
            }
            let (window, most) = match &self.window {
                Some(window) => (window.bytes(), TURN),
                None => (self.line.window, u64::MAX),
            };
            let left = window.saturating_sub(self.bytes).min(most);
            let Some((oldest, _)) = self.under_way.front() else {
                return left.max(1);
            };
            // TCP sends whole segments while others are under way.
            let least = if self.window.is_some() { SEGMENT } else { 1 };
            if left >= least {
                return left;
            }
            thread::sleep(*oldest + self.line.round_trip - now);
        }
    }

    /// So many bytes are on their way; waits until they are through where the line is narrowest.
    pub fn moved(&mut self, bytes: u64) {
        if self.is_short() || bytes == 0 {
            return;
        }
        let (now, round_trip) = (Instant::now(), self.line.round_trip);
        let (through, is_full) = match &self.bottleneck {
            Some(bottleneck) => bottleneck.pass(bytes, now),
            None => (now, false),
        };
        let mut arrived = through;
        if let Some(window) = &mut self.window {
            if window.sent(bytes, now, round_trip) || is_full {
                window.cut(now, round_trip);
                // It is sent again; until then all behind it waits.
                arrived += round_trip;
            }
        }
        self.through = self.through.max(Some(arrived));
        self.under_way.push_back((through, bytes));
        self.bytes += bytes;
        thread::sleep(through.saturating_duration_since(Instant::now()));
    }

    /// Waits until what was moved is there in its order: nobody reads what is behind a lost segment.
    pub fn arrive(&self) {
        if let (true, Some(through)) = (self.window.is_some(), self.through) {
            thread::sleep(through.saturating_duration_since(Instant::now()));
        }
    }

    /// Waits for the time that it takes until what was read last is answered.
    pub fn turn(&self) {
        if let (false, Some(last)) = (self.is_short(), self.through) {
            thread::sleep((last + self.line.round_trip).saturating_duration_since(Instant::now()));
        }
    }

    /// The handshake of a new connection.
    pub fn greet(&self) {
        thread::sleep(self.line.round_trip);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(milliseconds: u64) -> Line {
        Line {
            round_trip: Duration::from_millis(milliseconds),
            window: 10,
            ..Line::default()
        }
    }

    fn direction(line: &Line) -> Direction {
        Direction::new(line, line.bottleneck(), 1)
    }

    /// Bytes to the line as it takes them; how long that takes until they are answered.
    fn time_of(direction: &mut Direction, mut bytes: u64) -> Duration {
        let begun = Instant::now();
        while bytes > 0 {
            let now = bytes.min(direction.wait());
            direction.moved(now);
            bytes -= now;
        }
        direction.turn();
        begun.elapsed()
    }

    #[test]
    fn a_full_window_lasts_a_round_trip() {
        let mut upward = direction(&line(30));
        assert_eq!(upward.wait(), 10);
        let begun = Instant::now();
        upward.moved(4);
        assert_eq!(upward.wait(), 6);
        upward.moved(6);
        assert!(upward.wait() >= 4);
        assert!(begun.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn an_answer_takes_a_round_trip() {
        let mut upward = direction(&line(30));
        let begun = Instant::now();
        upward.moved(1);
        upward.turn();
        assert!(begun.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn no_round_trip_is_no_wait() {
        let mut upward = direction(&line(0));
        upward.moved(100);
        assert_eq!(upward.wait(), u64::MAX);
        assert!(upward.under_way.is_empty());
    }

    /// Ten segments, twenty, and five more: three round trips.
    #[test]
    fn a_slow_start_takes_more_round_trips() {
        let slow = Line {
            slow_start: true,
            window: 4 << 20,
            ..line(40)
        };
        let took = time_of(&mut direction(&slow), 35 * SEGMENT);
        assert!(took >= Duration::from_millis(120), "{took:?}");
        assert!(took < Duration::from_millis(240), "{took:?}");
    }

    #[test]
    fn connections_share_what_is_narrow() {
        let narrow = Line {
            cap: 2_000_000,
            window: 4 << 20,
            ..line(10)
        };
        let bottleneck = narrow.bottleneck();
        let begun = Instant::now();
        thread::scope(|scope| {
            for number in 0..4 {
                let mut upward = Direction::new(&narrow, bottleneck.clone(), number);
                scope.spawn(move || time_of(&mut upward, 100_000));
            }
        });
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(200), "{took:?}");
        assert!(took < Duration::from_millis(500), "{took:?}");
    }

    #[test]
    fn what_is_lost_comes_a_round_trip_later() {
        let lossy = Line {
            loss: 1,
            window: 4 << 20,
            ..line(30)
        };
        let took = time_of(&mut direction(&lossy), SEGMENT);
        assert!(took >= Duration::from_millis(60), "{took:?}");
    }
}
