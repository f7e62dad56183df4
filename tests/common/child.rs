//! Processes of a test's own: killed where it hurts, or with a system that lacks something.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Runs it in a process of its own, so that the other tests keep their folder and descriptors.
pub fn in_child(run: impl FnOnce() -> bool) {
    let status = Child::start(|_| run()).wait();
    assert_eq!(status, 0);
}

/// One test after the other: a lock that another thread holds while a process forks is held in the
/// child for ever.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub struct Child {
    id: libc::pid_t,
    said: UnixStream,
}

impl Child {
    /// `run` may say something to this process; it leaves by 0 when it returns true.
    pub fn start(run: impl FnOnce(&mut UnixStream) -> bool) -> Child {
        let (said, mut saying) = UnixStream::pair().unwrap();
        // SAFETY: fork in a test; the child only makes calls and leaves.
        let id = unsafe { libc::fork() };
        assert!(id >= 0, "{}", std::io::Error::last_os_error());
        if id == 0 {
            // What it says would be kept for a report that the parent writes.
            panic::set_hook(Box::new(|info| {
                let _ = writeln!(std::io::stderr(), "{info}");
            }));
            let run = AssertUnwindSafe(|| run(&mut saying));
            let good = panic::catch_unwind(run).unwrap_or(false);
            // SAFETY: leaves at once.
            unsafe { libc::_exit(i32::from(!good)) };
        }
        Child { id, said }
    }

    /// Waits for a byte of the child's.
    pub fn heard(&mut self) -> u8 {
        let mut byte = [0];
        self.said.read_exact(&mut byte).expect("the child lives");
        byte[0]
    }

    /// Ends it as nothing else does, and waits until it is gone.
    pub fn kill(self) {
        // SAFETY: a process of our own.
        unsafe { libc::kill(self.id, libc::SIGKILL) };
        self.wait();
    }

    /// How it ended, as `waitpid` tells it.
    pub fn wait(self) -> i32 {
        let mut status = 0;
        // SAFETY: valid arguments.
        unsafe { libc::waitpid(self.id, &mut status, 0) };
        status
    }
}

/// What becomes of system calls of this process, from now on.
#[derive(Clone, Copy)]
pub enum Lacking {
    /// Files without a name.
    Unnamed,
    /// Links to files that are open.
    Links,
    /// It is killed where it would rename.
    LifeAtRename,
    /// It is killed where it would remove a file.
    LifeAtRemoval,
}

/// `O_TMPFILE` without the folder's bit.
const TMPFILE: u32 = 0o20_000_000;

pub fn lack(what: Lacking) {
    let refused = libc::SECCOMP_RET_ERRNO | libc::EOPNOTSUPP as u32;
    let killed = libc::SECCOMP_RET_KILL_PROCESS;
    let (calls, bits, end): (Vec<libc::c_long>, Option<u32>, u32) = match what {
        Lacking::Unnamed => (vec![libc::SYS_openat], Some(TMPFILE), refused),
        Lacking::Links => (vec![libc::SYS_linkat], None, refused),
        Lacking::LifeAtRename => (renames(), None, killed),
        Lacking::LifeAtRemoval => (removals(), None, killed),
    };
    let allow = statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW);
    let mut program = Vec::new();
    for call in calls {
        // The number of the call is the first word of what a filter sees, its arguments come from
        // byte 16 on.
        let load = |at| statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, at);
        program.push(load(0));
        let over = if bits.is_some() { 3 } else { 1 };
        let equal = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
        program.push(jump(equal, u32::try_from(call).unwrap(), 0, over));
        if let Some(bits) = bits {
            program.push(load(16 + 2 * 8));
            program.push(jump(
                libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K,
                bits,
                0,
                1,
            ));
        }
        program.push(statement(libc::BPF_RET | libc::BPF_K, end));
    }
    program.push(allow);
    let filter = libc::sock_fprog {
        len: u16::try_from(program.len()).unwrap(),
        filter: program.as_mut_ptr(),
    };
    // SAFETY: a program that outlives the call.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let mode = libc::SECCOMP_MODE_FILTER;
        assert_eq!(
            libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const filter),
            0
        );
    }
}

fn statement(code: u32, k: u32) -> libc::sock_filter {
    jump(code, k, 0, 0)
}

fn jump(code: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    let code = u16::try_from(code).unwrap();
    libc::sock_filter { code, jt, jf, k }
}

fn renames() -> Vec<libc::c_long> {
    #[allow(unused_mut)]
    let mut calls = vec![libc::SYS_renameat2];
    #[cfg(target_arch = "x86_64")]
    calls.extend([libc::SYS_rename, libc::SYS_renameat]);
    calls
}

fn removals() -> Vec<libc::c_long> {
    #[allow(unused_mut)]
    let mut calls = vec![libc::SYS_unlinkat];
    #[cfg(target_arch = "x86_64")]
    calls.push(libc::SYS_unlink);
    calls
}

/// Runs an ignored test of this program as a process that says "done BYTES" in lines, and kills it once it has
/// said `enough`. The last that it said.
pub fn killed_once_done(test: &str, environment: &[(&str, &OsStr)], enough: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut done = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(bytes) = line.strip_prefix("done ") else {
            continue;
        };
        done = bytes.parse().unwrap();
        if done >= enough {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    done
}
