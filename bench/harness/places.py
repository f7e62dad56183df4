"""Where things are. Commands run in the repository's root and name files relative to it, so that
what a report shows can be typed there."""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILT = "target/bench"
BIN = BUILT + "/bin"
PYTHON = BUILT + "/venv/bin/python"
NODE_SDK = BUILT + "/node/sdk.js"
PEERS = "bench/peers"


def here(relative: str) -> str:
    return os.path.join(ROOT, relative)
