"""Runs a command for as long as its own standard input stays open, so that no node outlives who started it.

Whoever starts a node holds the other end of that pipe; the system closes it however its holder ends, also by SIGKILL.

    python supervise.py COMMAND [ARGUMENT ...]

Not in here: imports from this package. It is started by its path, once for each node, and should start fast.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 10


def main(command: list[str]) -> int:
    """Run the command until it ends, standard input ends, or SIGTERM comes. The command's exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    node = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    try:
        return node.wait()
    finally:
        if node.poll() is None:
            node.terminate()
            try:
                node.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                node.kill()


def _end_with_standard_input() -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written: it returns when the other end is closed
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
