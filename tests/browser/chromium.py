"""Chromium, found on this machine: what RESERVE_SCANNER_CHROMIUM names, else what is on PATH. None is ever fetched."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from localnet.errors import NodeMissing

VARIABLE: Final = "RESERVE_SCANNER_CHROMIUM"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

# Without a sandbox, since tests may run as root; without anything that would look for a network at start.
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> Path:
    """The program. Raises NodeMissing, which says how to come by one."""
    named = os.environ.get(VARIABLE)
    found = named if named and Path(named).is_file() else next(filter(None, map(shutil.which, _NAMES)), None)
    if named and found != named:
        raise NodeMissing(f"{VARIABLE} names {named}, which is no file")
    if found is None:
        raise NodeMissing(f"no Chromium: install it (apt-get install chromium), or name one in {VARIABLE}")
    return Path(found)
