"""Running the package tools of this machine, bounded in time, and saying so in one line.

Not in here: which tools, and why.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from localnet.errors import LocalnetError

TIMEOUT_SECONDS = 600
QUOTED_LINES = 8


def say(line: str) -> None:
    """One line for the person who waits."""
    print(line, file=sys.stderr, flush=True)


def run(argv: Sequence[str | Path], path_first: Path | None = None) -> str:
    """Run a program to its end and return what it printed.

    `path_first` is put before PATH. Raises LocalnetError with the end of the output if the program is absent, fails or
    takes more than TIMEOUT_SECONDS; addresses are left out of it, as they may hold a private mirror's password.
    """
    environment = {**os.environ, "LC_ALL": "C"}
    if path_first is not None:
        environment["PATH"] = f"{path_first}{os.pathsep}{environment.get('PATH', '')}"
    name = Path(argv[0]).name
    try:
        done = subprocess.run(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise LocalnetError(f"{name} is not installed") from None
    except subprocess.TimeoutExpired:
        raise LocalnetError(f"{name} took more than {TIMEOUT_SECONDS} s") from None
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        last = [line for line in output.splitlines() if line.strip()][-QUOTED_LINES:]
        raise LocalnetError(f"{name} failed ({done.returncode}): {without_addresses(' | '.join(last))}")
    return output


def without_addresses(text: str) -> str:
    """`text` with every URL replaced by `<url>`."""
    return re.sub(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"]*", "<url>", text)
