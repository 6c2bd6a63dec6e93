"""The scanner run to its end as a process of its own, without its imports being done each time (`scanner_server`)."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

from tests.support.places import ROOT

TIMEOUT: Final = 120  # seconds


def run_scanner(
    folder: Path,
    command: str | Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> subprocess.CompletedProcess[str]:
    """`python -m scanner COMMAND` in the folder, with these variables beside ours; a command in one text is split at
    blanks. Raises TimeoutExpired, and ValueError for a variable of Python's own, which would come too late."""
    arguments = command.split() if isinstance(command, str) else list(command)
    if late := [name for name in environment or {} if name.startswith("PYTHON")]:
        raise ValueError(f"{late} are for a Python that begins")
    asked = {"arguments": arguments, "folder": str(folder), "environment": {**os.environ, **(environment or {})}}
    streams = [os.pipe() for _ in range(3)]
    socket.send_fds(_server(), [json.dumps(asked).encode()], [written for _, written in streams])
    for _, written in streams:
        os.close(written)
    out, told, end = (os.fdopen(read, encoding="utf-8") for read, _ in streams)
    with out, told, end, ThreadPoolExecutor(3) as readers:
        process = end.readline()
        output, problems, code = (readers.submit(stream.read) for stream in (out, told, end))
        try:
            returned = int(code.result(timeout))
        except TimeoutError:
            os.kill(int(process), signal.SIGKILL)
            raise subprocess.TimeoutExpired(arguments, timeout, output.result(), problems.result()) from None
        return subprocess.CompletedProcess(arguments, returned, output.result(), problems.result())


@cache
def _server() -> socket.socket:
    """The server of this process, which ends when this process does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.real.scanner_server", str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait(TIMEOUT)

    atexit.register(end)
    return ours
