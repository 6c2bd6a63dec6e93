"""Rows of evidence: some written out, and Hypothesis' strategies for all that can be."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

from hypothesis import strategies as st

from scanner.chains.names import parse_asset
from scanner.core.control import ContractOwners
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.lower_bound import AtLeast, Word, denies, implies
from scanner.core.two_passes import BlockReading, TwoPasses
from scanner.errors import FINDING_ONLY, Why

ETH = parse_asset("eip155:1/slip44:60")
USDT = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
BTC = parse_asset("bip122:000000000019d6689c085ae165831e93/slip44:0")
XRP = parse_asset("xrpl:0/slip44:144")
ELSEWHERE = parse_asset("nowhere:1/slip44:1")
ETH_BLOCK = "0x" + "1f" * 32
BTC_BLOCK = "00" * 8 + "5a" * 24
ALICE = bytes.fromhex("03ae1a796dfe0400439211133d065bda774b9d3e")
accounts = {
    ETH: st.binary(min_size=20, max_size=20),
    USDT: st.binary(min_size=20, max_size=20),
    BTC: st.one_of(
        st.binary(min_size=20, max_size=20).map(lambda digest: b"\x76\xa9\x14" + digest + b"\x88\xac"),
        st.binary(min_size=32, max_size=32).map(lambda program: b"\x51\x20" + program),
        st.binary(min_size=1, max_size=60),
    ),
    XRP: st.binary(min_size=20, max_size=20),
    ELSEWHERE: st.text("rABCabc123.-_", min_size=1, max_size=40).map(str.encode),
}
blocks = {ETH: ETH_BLOCK, USDT: ETH_BLOCK, BTC: BTC_BLOCK, XRP: "F8A1" * 16, ELSEWHERE: "F8A1_b"}
amounts = st.integers(min_value=0, max_value=2**256 - 1)
words: st.SearchStrategy[Word] = st.one_of(amounts, st.builds(AtLeast, amounts))
operators = st.sets(st.text("aZ0._-", min_size=1, max_size=64), max_size=5).map(lambda names: tuple(sorted(names)))
addresses = st.binary(min_size=20, max_size=20).filter(any)
owners = st.one_of(
    st.none(),
    st.just(ContractOwners()),
    st.builds(ContractOwners, owner=addresses),
    st.sets(addresses, min_size=1, max_size=4).flatmap(
        lambda named: st.builds(ContractOwners, st.just(tuple(sorted(named))), st.integers(1, len(named)))
    ),
)
gaps = st.builds(
    Gap,
    st.sampled_from(sorted(set(Why) - FINDING_ONLY)),
    st.one_of(st.text(max_size=20), st.text('," =+-@\n\r\tx', max_size=8)),
)


@st.composite
def balances(draw: st.DrawFn) -> Balance:
    atoms, agreeing = draw(amounts), draw(operators)
    others = draw(st.dictionaries(st.text("bY1._-", min_size=1, max_size=64), words, max_size=3))
    basis = draw(st.sampled_from(Basis))
    at_least = basis is not Basis.PROVEN and draw(st.booleans())
    believed = AtLeast(atoms) if at_least else atoms
    dissent = {
        name: word
        for name, word in others.items()
        if name not in agreeing and (denies if basis is Basis.PROVEN else _does_not_imply)(word, believed)
    }
    return Balance(atoms, basis, agreeing, tuple(sorted(dissent.items(), key=itemgetter(0))), at_least=at_least)


SOL = parse_asset("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501")
SOL_BLOCK = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"


@st.composite
def passes(draw: st.DrawFn) -> TwoPasses:
    """Two readings of one account of Solana."""
    first, second = (
        BlockReading(draw(st.integers(0, 2**53 - 1)), SOL_BLOCK, draw(balances().filter(_rests_on_words)))
        for _ in range(2)
    )
    return TwoPasses(first, second)


def _rests_on_words(balance: Balance) -> bool:
    return bool(balance.operators) and balance.basis is not Basis.PROVEN


def _does_not_imply(word: Word, believed: Word) -> bool:
    return not implies(word, believed)


def a_row(**changes: object) -> EvidenceRow:
    row = EvidenceRow(ETH, ALICE, ETH_BLOCK, Balance(1500, Basis.QUORUM, ("alpha", "beta")), 1500)
    return replace(row, **changes)  # type: ignore[arg-type]
