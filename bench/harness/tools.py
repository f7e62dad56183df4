"""Builds and installs what a run needs, below target/bench. What is there already is kept."""
import os
import shutil
import subprocess
import sys
from typing import Callable, Dict, Iterable, List, Optional

from .places import BIN, BUILT, PEERS, PYTHON, here

CC = [os.environ.get("CC", "cc"), "-std=gnu99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2"]

# Where libqcos.so and qcos-emulator are; `--release` says otherwise.
release = "target/release"


class Missing(Exception):
    """Something that a run needs is not installed."""


def run(command: List[str], folder: str = ".", more: Optional[Dict[str, str]] = None) -> None:
    done = subprocess.run(command, cwd=here(folder), env={**os.environ, **(more or {})},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, check=False)
    if done.returncode != 0:
        raise Missing("%s\n%s" % (" ".join(command), done.stdout))


def installed(name: str, list_file: str, install: Callable[[str], None]) -> None:
    """Runs `install` in a folder of that name, unless it has run with the same list before."""
    folder = here("%s/%s" % (BUILT, name))
    done = os.path.join(folder, "installed")
    with open(here(list_file), encoding="utf-8") as file:
        wanted = file.read()
    if os.path.exists(done):
        with open(done, encoding="utf-8") as file:
            if file.read() == wanted:
                return
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    install(folder)
    with open(done, "w", encoding="utf-8") as file:
        file.write(wanted)


def c_program(name: str, *more: str) -> None:
    os.makedirs(here(BIN), exist_ok=True)
    run(CC + ["%s/%s.c" % (PEERS, name), "-o", "%s/%s" % (BIN, name)] + list(more))


def libqcos() -> None:
    if not os.path.exists(here(release + "/libqcos.so")):
        raise Missing("there is no %s/libqcos.so: make build" % release)
    c_program("libqcos", "-Iinclude", "-L" + release, "-lqcos", "-pthread",
              "-Wl,-rpath," + here(release))


def cargo(folder: str, *more: str) -> None:
    name = os.path.basename(folder)
    run(["cargo", "build", "--quiet", "--locked", "--manifest-path", folder + "/Cargo.toml"] + list(more),
        more={"CARGO_TARGET_DIR": here("%s/%s" % (BUILT, name))})


def python_packages() -> None:
    def install(folder: str) -> None:
        run([sys.executable, "-m", "venv", folder])
        run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "-r", PEERS + "/python/requirements.txt"])
    installed("venv", PEERS + "/python/requirements.txt", install)


def node_packages() -> None:
    def install(folder: str) -> None:
        for file in ["package.json", "package-lock.json"]:
            shutil.copy(here("%s/node/%s" % (PEERS, file)), folder)
        run(["npm", "ci", "--no-audit", "--no-fund"], BUILT + "/node")
    installed("node", PEERS + "/node/package-lock.json", install)
    # Beside node_modules, where it looks for them.
    shutil.copy(here(PEERS + "/node/sdk.js"), here(BUILT + "/node"))


def go_program() -> None:
    os.makedirs(here(BIN), exist_ok=True)
    run(["go", "build", "-mod=readonly", "-o", here(BIN + "/go-sdk"), "."], PEERS + "/go")


def load_program() -> None:
    c_program("load", "-ldl")


TOOLS: Dict[str, Callable[[], None]] = {
    "libqcos": libqcos,
    "libcurl": lambda: c_program("libcurl", "-lcurl", "-lcrypto"),
    "raw": lambda: c_program("raw", "-pthread", "-lcrypto"),
    "load": load_program,
    "curl": lambda: None,
    "python": python_packages,
    "node": node_packages,
    "go": go_program,
    "opendal": lambda: cargo(PEERS + "/opendal", "--release"),
}


def prepare(names: Iterable[str], quick: bool) -> None:
    cargo("bench/sink", *([] if quick else ["--release", "--features", "tls"]))
    for name in sorted(set(names)):
        print("preparing %s" % name, flush=True)
        TOOLS[name]()
