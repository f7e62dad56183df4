//! A test's own program once more, for an ignored test in it: in a world where something is otherwise.

use std::path::Path;
use std::process::Command;

/// Runs an ignored test of this program by a command that goes on with its arguments; what it printed.
pub fn ignored_test(command: &mut Command, test: &str) -> String {
    let output = command
        .args([test, "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    let passed = output.status.success() && text.contains("1 passed");
    assert!(passed, "{text}\n{errors}");
    text
}

/// This program, where names are looked up as a file in the place of /etc/resolv.conf says. As root.
pub fn with_resolver(resolv_conf: &Path) -> Command {
    let script = "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script]);
    command.arg(resolv_conf);
    command.arg(std::env::current_exe().unwrap());
    command
}
