"""No node outlives who started it, however and how often its supervisor is asked to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from localnet.process import SUPERVISE

NODE = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


def started() -> tuple[subprocess.Popen[bytes], int]:
    """The supervisor, and the id of the process that it runs, which has begun."""
    node = [sys.executable, "-S", "-E", "-c", NODE]
    command = [sys.executable, "-S", "-E", SUPERVISE, *node]
    supervisor = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert supervisor.stdout is not None
    return supervisor, int(supervisor.stdout.readline())


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("signals", [0, 1, 50])
def test_a_node_ends_with_its_supervisor_however_often_that_is_asked(signals: int) -> None:
    supervisor, node = started()
    for _ in range(signals):
        with suppress(ProcessLookupError):
            os.kill(supervisor.pid, signal.SIGTERM)
    supervisor.communicate()  # closes its standard input, which asks once more
    assert supervisor.returncode == 0
    assert not is_there(node)


def test_a_node_that_ends_by_itself_gives_its_code() -> None:
    command = [sys.executable, "-S", "-E", SUPERVISE, sys.executable, "-S", "-E", "-c", "raise SystemExit(7)"]
    supervisor = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert supervisor.wait() == 7
    assert supervisor.stdin is not None
    supervisor.stdin.close()
