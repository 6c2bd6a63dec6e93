"""What `scanner check` says of how each chain is read, and that kinds of nodes say rightly whether they may prove."""

from __future__ import annotations

import pytest

from scanner.chains.backends import open_node
from scanner.chains.names import parse_chain
from scanner.chains.registry import BACKENDS
from scanner.cli.check_result import Grade
from scanner.cli.reading_points import points
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings

DASH = "00000ffd590b1485b3caadc19b22e637"


def told(*chains: str, unserved: tuple[str, ...] = ()) -> list[str]:
    return [each.what for each in points(map(parse_chain, chains), set(map(parse_chain, unserved)))]


def test_each_chain_stands_under_the_one_way_in_which_it_is_read() -> None:
    assert told("tron:728126428", "fil:f", "xrpl:0", "eip155:1", "tvm:-239", "cosmos:x", unserved=("cosmos:x",)) == [
        "proven at a past block, where a node gives proofs: eip155:1, fil:f, tvm:-239",
        "read at a past block, as operators agree: xrpl:0",
        "read only as it is during the scan, as operators agree: tron:728126428",
    ]
    assert told() == []


def test_a_chain_whose_blocks_are_its_operators_word_is_named_with_the_reason() -> None:
    chains = [parse_chain(f"bip122:{name}") for name in (DASH, "1a91e3dace36e2be3bf030a65679fe82")]
    way, note = points(chains, ())
    assert way.what.startswith("read at a past block, as operators agree: bip122:0")
    assert note.grade is Grade.NOTE
    assert note.about == f"bip122:{DASH}"
    assert "X11" in note.what
    assert "operators' word" in note.matters


@pytest.mark.parametrize("kind", BACKENDS)
def test_a_kind_of_node_that_may_have_proofs_says_so_and_no_other_does(kind: str) -> None:
    family, backend = BACKENDS[kind]
    chain = backend.chain or Chain(family.namespace, "1")
    scheme = backend.transports[0]
    node = open_node(NodeSettings(kind, f"{scheme}://127.0.0.1:1", "o", chain))
    assert (node.capabilities.proofs is not None) == backend.proofs
