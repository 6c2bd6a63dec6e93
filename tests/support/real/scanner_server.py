"""A process that has the scanner imported, and forks for each command that it is asked to run (`scanner_runs`).

    python -m tests.support.real.scanner_server FD

What a command then meets is what `python -m scanner` meets: a process, a folder, an environment, streams and an end of
its own. It has only been spared the half second that all the imports take. Not for tests of how a process begins: of
closed streams, encodings, Python's own variables, lazy imports (`tests/processes`).
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import time
from typing import Any, Final

IMPORTED: Final = (
    "aiohttp",
    "scanner.attesting.attestation",
    "scanner.attesting.signers",
    "scanner.attesting.verify",
    "scanner.chains.bitcoin.node.core",
    "scanner.chains.evm.node.node",
    "scanner.cli.board",
    "scanner.cli.commands",
    "scanner.cli.scanning",
    "scanner.cli.standing",
    "scanner.cli.writing",
    "scanner.report.junit",
    "scanner.report.summary",
    "scanner.report.table",
    "scanner.scanning.run",
    "scanner.sources.addresses",
    "scanner.sources.nodes",
)


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()
    request = _asked(channel)
    if request is not None:
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        sys.argv[1:] = request["arguments"]
        runpy.run_module("scanner", run_name="__main__", alter_sys=True)


def _asked(channel: socket.socket) -> dict[str, Any] | None:
    """What to run, in the process that is to run it; None in this one, once nobody can ask any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, streams, *_ = socket.recv_fds(channel, 1 << 20, 3)
        if not message:
            return None
        if not os.fork():
            break
        for stream in streams:
            os.close(stream)
    channel.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *both, end = streams
    if child := os.fork():
        _await(child, end)
    os.close(end)
    for number, stream in enumerate(both, 1):
        os.dup2(stream, number)
        os.close(stream)
    request: dict[str, Any] = json.loads(message)
    return request


def _await(child: int, end: int) -> None:
    """Tells the process's number and, when it ends, how; and ends with it."""
    for stream in (1, 2):
        os.close(stream)
    os.write(end, f"{child}\n".encode())
    os.write(end, str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
