"""One node process: started in a folder of its own, waited for, stopped, its last words quoted when it dies.

Not in here: what kind of node it is, and how to ask it anything.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from localnet.errors import LocalnetError, NodeFailed

SUPERVISE = str(Path(__file__).resolve().with_name("supervise.py"))
START_SECONDS = 60  # takes 0.1 to 0.5 s on an idle machine
STOP_SECONDS = 20  # more than supervise.py gives the node to end by itself
POLL_SECONDS = 0.01
QUOTED_LINES = 12

Outcome = TypeVar("Outcome")


class NodeProcess:
    """A running node, its temporary folder and its log. Stopping it removes the folder."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"localnet-{name}-"))
        self._log = self.folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, argv: Sequence[str]) -> Self:
        """Run `argv` with the folder as its working directory, for no longer than this process runs.

        A session of its own keeps the terminal's Ctrl-C from reaching the node before its owner has seen it.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", SUPERVISE, *argv],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def output(self) -> str:
        """What the node has printed until now."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, what: str, look: Callable[[], Outcome | None], seconds: float = START_SECONDS) -> Outcome:
        """Call `look` until it returns something else than None, and return that.

        A LocalnetError of `look` counts as None. Raises NodeFailed if the process ends meanwhile, or after `seconds`.
        """
        last: LocalnetError | None = None

        def quiet_look() -> Outcome | None:
            nonlocal last
            if self._process is None or self._process.poll() is not None:
                code = None if self._process is None else self._process.returncode
                raise _Ended(f"{self.name} ended with exit code {code} while it was waited for {what}: {self._tail()}")
            try:
                return look()
            except LocalnetError as reason:
                last = reason
                return None

        try:
            return wait_for(what, quiet_look, seconds)
        except _Ended as ended:
            raise NodeFailed(str(ended)) from None
        except NodeFailed as timeout:
            raise NodeFailed(f"{self.name}: {timeout} (last error: {last}): {self._tail()}") from None

    def stop(self) -> None:
        """Ask the process to end, make it end after STOP_SECONDS, and remove its folder. Does nothing twice."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tail(self) -> str:
        return " | ".join(self.output().splitlines()[-QUOTED_LINES:]) or "it printed nothing"


class Node:
    """What is asked through a process of its own; at the end of a `with` the process is stopped."""

    def __init__(self, process: NodeProcess) -> None:
        self._process = process

    def stop(self) -> None:
        """End the process and remove its folder. Does nothing twice."""
        self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Ended(Exception):
    """The process ended; not a LocalnetError, so that no `look` can swallow it."""


def wait_for(what: str, look: Callable[[], Outcome | None], seconds: float) -> Outcome:
    """Call `look` until it returns something else than None, and return that. Raises NodeFailed after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        outcome = look()
        if outcome is not None:
            return outcome
        if time.monotonic() > deadline:
            raise NodeFailed(f"waited {seconds:g} s for {what}")
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free now. Another process can take it before it is used."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
