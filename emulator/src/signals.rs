//! What ends the emulator, on each system: the first time it stops in order, the second time at once.

use std::io;

/// SIGINT, which Ctrl-C makes, and SIGTERM.
#[cfg(unix)]
mod system {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub struct Signals {
        interrupt: Signal,
        terminate: Signal,
    }

    impl Signals {
        pub fn catch() -> io::Result<Signals> {
            Ok(Signals {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        pub async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }
}

/// Ctrl-C and Ctrl-Break, and a console that is closed.
#[cfg(windows)]
mod system {
    use std::io;

    use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

    pub struct Signals {
        interrupt: CtrlC,
        terminate: CtrlBreak,
        close: CtrlClose,
    }

    impl Signals {
        pub fn catch() -> io::Result<Signals> {
            Ok(Signals {
                interrupt: ctrl_c()?,
                terminate: ctrl_break()?,
                close: ctrl_close()?,
            })
        }

        pub async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = self.close.recv() => {}
            }
        }
    }
}

pub struct Signals(system::Signals);

impl Signals {
    pub fn catch() -> io::Result<Signals> {
        system::Signals::catch().map(Signals)
    }

    /// Ready at the first; the second ends the process at once, with this code.
    pub async fn stop(mut self, at_once: u8) {
        self.0.next().await;
        tokio::spawn(async move {
            self.0.next().await;
            std::process::exit(at_once.into());
        });
    }
}
