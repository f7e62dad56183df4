//! A long line between client and sink, acted out where the sink reads and writes. HTTP/1.1 takes
//! turns, so that waiting in these places is all that a client can see of a line:
//!
//! - what is read now left the client now, arrives half a round trip later, and its acknowledgement
//!   is back after a whole one: until then it counts against the window;
//! - an answer to what was read now is with the client a whole round trip later;
//! - a connection's first bytes come after a handshake, one round trip more.
//!
//! No byte is moved for it and no thread is needed, so that the line costs no processor time. It has
//! no slow start, losses or shared bandwidth: one connection carries window / round trip, two carry
//! twice that.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

/// What a line is like.
#[derive(Clone, Copy)]
pub struct Line {
    pub round_trip: Duration,
    pub window: u64,
}

impl Default for Line {
    fn default() -> Line {
        Line {
            round_trip: Duration::ZERO,
            window: 4 << 20,
        }
    }
}

impl Line {
    pub fn set_rtt_ms(&mut self, milliseconds: u64) {
        self.round_trip = Duration::from_millis(milliseconds);
    }

    fn is_short(&self) -> bool {
        self.round_trip.is_zero()
    }
}

/// One direction of a connection.
pub struct Direction {
    line: Line,
    /// When bytes went on their way and how many, until they are acknowledged.
    under_way: VecDeque<(Instant, u64)>,
    bytes: u64,
}

impl Direction {
    pub fn new(line: Line) -> Direction {
        Direction {
            line,
            under_way: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Waits until more may be under way; tells how much more.
    pub fn wait(&mut self) -> u64 {
        if self.line.is_short() {
            return u64::MAX;
        }
        loop {
            let now = Instant::now();
            while let Some((since, bytes)) = self.under_way.front() {
                if *since + self.line.round_trip > now {
                    break;
                }
                self.bytes -= bytes;
                self.under_way.pop_front();
            }
            let Some((oldest, _)) = self.under_way.front() else {
                return self.line.window;
            };
            if self.bytes < self.line.window {
                return self.line.window - self.bytes;
            }
            thread::sleep(*oldest + self.line.round_trip - now);
        }
    }

    pub fn moved(&mut self, bytes: u64) {
        if !self.line.is_short() {
            self.under_way.push_back((Instant::now(), bytes));
            self.bytes += bytes;
        }
    }

    /// Waits for the time that it takes until what was read last is answered.
    pub fn turn(&self) {
        if let (false, Some((last, _))) = (self.line.is_short(), self.under_way.back()) {
            thread::sleep((*last + self.line.round_trip).saturating_duration_since(Instant::now()));
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
        }
    }

    #[test]
    fn a_full_window_lasts_a_round_trip() {
        let mut upward = Direction::new(line(30));
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
        let mut upward = Direction::new(line(30));
        let begun = Instant::now();
        upward.moved(1);
        upward.turn();
        assert!(begun.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn no_round_trip_is_no_wait() {
        let mut upward = Direction::new(line(0));
        upward.moved(100);
        assert_eq!(upward.wait(), u64::MAX);
        assert!(upward.under_way.is_empty());
    }
}
