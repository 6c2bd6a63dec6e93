"""Real nodes for the tests here, started once. Where one is missing the tests skip, or fail if nodes are required."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localnet import fetch
from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from tests.support.real.real_nodes import or_skip


@pytest.fixture(scope="session")
def node_programs() -> None:
    """That anvil and bitcoind can be started here."""
    or_skip(fetch.anvil)
    or_skip(fetch.bitcoind)


@pytest.fixture
def anvil(node_programs: None) -> Iterator[Anvil]:
    with Anvil.start() as node:
        yield node


@pytest.fixture
def bitcoind(node_programs: None) -> Iterator[Bitcoind]:
    with Bitcoind.start() as node:
        yield node
