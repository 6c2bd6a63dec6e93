"""Real nodes for the tests here, started once. Where one is missing the tests skip, or fail if nodes are required."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from localnet import fetch
from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from localnet.errors import NodeMissing

REQUIRED = "RESERVE_SCANNER_REQUIRE_NODES"  # set to 1 where a missing node must not pass unnoticed


@pytest.fixture(scope="session")
def node_programs() -> None:
    """That anvil and bitcoind can be started here."""
    try:
        fetch.anvil()
        fetch.bitcoind()
    except NodeMissing as missing:
        if os.environ.get(REQUIRED) == "1":
            raise
        pytest.skip(str(missing))


@pytest.fixture
def anvil(node_programs: None) -> Iterator[Anvil]:
    with Anvil.start() as node:
        yield node


@pytest.fixture
def bitcoind(node_programs: None) -> Iterator[Bitcoind]:
    with Bitcoind.start() as node:
        yield node
