"""Runs a command for as long as its own standard input stays open, so that no node outlives who started it.

Whoever starts a node holds the other end of that pipe; the system closes it however its holder ends, also by SIGKILL.

    python supervise.py COMMAND [ARGUMENT ...]

A signal raises nothing here, it is only written down: an exception could come between the start of the node and the
first look at it, or while it is being ended, and leave it running for good.

Not in here: imports from this package. It is started by its path, once for each node, and should start fast.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 10
_ENDED, _ASKED = b"e", b"a"


def main(command: list[str]) -> int:
    """Run the command until it ends, standard input ends, or SIGTERM comes. Its exit code, or 0 if ended here."""
    happened, happens = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(happens, _ASKED))
    node = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def end() -> None:
        node.wait()
        os.write(happens, _ENDED)

    def end_with_standard_input() -> None:
        os.read(sys.stdin.fileno(), 1)  # nothing is ever written: it returns when the other end is closed
        os.write(happens, _ASKED)

    for watch in (end, end_with_standard_input):
        threading.Thread(target=watch, daemon=True).start()
    if os.read(happened, 1) == _ENDED:
        return node.wait()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is being done, and the default would end this at its own end
    node.terminate()
    try:
        node.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        node.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
