"""One rule for all tests on real nodes: where a node is missing they skip, or fail if nodes are required."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

from localnet.errors import NodeMissing

T = TypeVar("T")
REQUIRED = "RESERVE_SCANNER_REQUIRE_NODES"  # set to 1 where a missing node must not pass unnoticed


def or_skip(start: Callable[[], T]) -> T:
    """What `start` returns; the test is skipped where its node program is missing, unless nodes are required."""
    try:
        return start()
    except NodeMissing as missing:
        if os.environ.get(REQUIRED) == "1":
            raise
        pytest.skip(str(missing))
