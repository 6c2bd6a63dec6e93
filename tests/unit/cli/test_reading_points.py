"""What `scanner check` says of how each chain is read, and that kinds of nodes say rightly whether they may prove."""

from __future__ import annotations

import pytest

from scanner.chains.accounts import account_key
from scanner.chains.backends import open_node
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.registry import BACKENDS
from scanner.cli.check_result import Grade
from scanner.cli.reading_points import elsewhere, from_below, points, unread
from scanner.cli.uncounted_points import second_names
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.weighing.claim import Asset
from scanner.weighing.holdings import Holding
from tests.support.attestations.attested import a_claim
from tests.support.tables import each_of

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


NUMBERED = "0xff000000000000000000000000000000000004d2"  # an actor of Filecoin, as its EVM has it
COVERED_AT_MOST = {
    "EOS": "antelope:aca376f206b8fc25a6ed44dbdc66547c/slip44:194",
    "SPL": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/token:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    "APT": "aptos:1/slip44:637",
}
WHOLE = {
    "TRX": "tron:728126428/slip44:195",
    "SOL": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501",
    "TRC20": "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "ETH": "eip155:1/slip44:60",
}


def test_assets_of_which_only_a_part_is_read_are_named_with_what_is_not() -> None:
    assets = {name: parse_asset(text) for name, text in {**COVERED_AT_MOST, **WHOLE}.items()}
    account = {"tron": b"\x41" * 21, "eip155": b"\1" * 20, "antelope": b"\1" * 8}
    holdings = [Holding(each, account.get(each.chain.namespace, b"\1" * 32)) for each in sorted(assets.values())]
    listed = {each: Asset(name, each, name, 6) for name, each in assets.items()}
    (note,) = from_below(a_claim(assets=listed, holdings=holdings))
    assert note.grade is Grade.NOTE
    assert all(name in note.what for name in COVERED_AT_MOST)
    assert not any(name in note.what for name in WHOLE)
    assert "what is delegated" in note.what
    assert "never SHORT" in note.matters
    assert list(from_below(a_claim())) == []


def test_assets_that_no_node_is_asked_for_are_named_with_the_reason() -> None:
    texts = {
        "USDT": "tvm:-239/jetton:0%3Ab113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe",
        "NOT": "tvm:-239/jetton:0%3A2f956143c461769579baef2e32cc2d7bc18283f40d20bb03e432cd603ac33ffc",
        "DOGS": f"tvm:-239/jetton:0%3A{'ab' * 32}",
        "TON": "tvm:-239/slip44:607",
        "RLUSD": "xrpl:0/token:RLUSD.rMxCKbEDwqr76QuheSUMdEGf4B9xJ8m5De",
        "XRP": "xrpl:0/slip44:144",
        "ATOM": "cosmos:cosmoshub-4/slip44:118",
    }
    assets = {name: parse_asset(text) for name, text in texts.items()}
    holdings = [Holding(each, b"\0" * 33 if each.chain.namespace == "tvm" else b"\1" * 20) for each in assets.values()]
    listed = {each: Asset(name, each, name, 6) for name, each in assets.items()}
    (note,) = unread(a_claim(assets=listed, holdings=sorted(holdings, key=lambda each: str(each.asset))))
    assert note.grade is Grade.NOTE
    assert note.what == (
        "not read at all: NOT, DOGS (of jettons USDT alone is read: the contract of another may keep its balances in"
        " any way); RLUSD (no token is read on this chain)"
    )
    assert "UNSUPPORTED" in note.matters
    assert list(unread(a_claim())) == []


@pytest.mark.parametrize(
    ("asset", "account", "read"),
    [
        ("fil:f/slip44:461", "f01234", False),
        ("fil:f/slip44:461", "f1abjxfbp274xpdqcpuaykwkfb43omjotacm2p3za", True),
        ("eip155:314/slip44:461", NUMBERED, False),
        ("eip155:1/slip44:60", NUMBERED, True),
        (
            "eip155:314/erc20:0x00000000000000000000000000000000000000aa",
            NUMBERED,
            True,
        ),
    ],
)
def test_an_account_that_is_not_read_by_the_name_it_has_is_named(asset: str, account: str, read: bool) -> None:
    of = parse_asset(asset)
    holding = Holding(of, account_key(of.chain, account))
    found = list(second_names(a_claim(assets={of: Asset("X", of, "X", 18)}, holdings=[holding])))
    assert [each.what.partition(":")[0] for each in found] == ([] if read else ["1 holding of X not read by this name"])
    assert all("UNSUPPORTED" in each.matters and "other address" in each.todo for each in found)


@each_of("kind", BACKENDS)
def test_a_kind_of_node_that_may_have_proofs_says_so_and_no_other_does(kind: str) -> None:
    family, backend = BACKENDS[kind]
    chain = backend.chain or Chain(family.namespace, "1")
    scheme = backend.transports[0]
    node = open_node(NodeSettings(kind, f"{scheme}://127.0.0.1:1", "o", chain))
    assert (node.capabilities.proofs is not None) == backend.proofs


def test_coins_that_lie_in_accounts_of_their_own_are_named_together_with_where_they_lie() -> None:
    solana, ripple = parse_asset("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501"), parse_asset("xrpl:0/slip44:144")
    listed = {each: Asset(label, each, label, 9) for label, each in (("SOL", solana), ("XRP", ripple))}
    holdings = tuple(Holding(each, bytes([7]) * (32 if each == solana else 20)) for each in listed)
    (note,) = elsewhere(a_claim(assets=listed, holdings=holdings))
    assert "SOL (stakes, each in a stake account; who has some not named has a lower bound)" in note.what
    assert "XRP (escrows for others and payment channels" in note.what
    assert "SHORT" in note.matters
    assert list(elsewhere(a_claim())) == []
