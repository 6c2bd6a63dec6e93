"""Which accounts a claim declares: as the definition in docs/predicate.md has it, and told apart by each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import parse_asset
from scanner.core.ids import AssetId
from scanner.weighing import declared as declared_module
from scanner.weighing.declared import LONGEST, DeclaredAccounts, declared_accounts
from scanner.weighing.holdings import Holding, Holdings, holding_order
from tests.support.attestations.attested import ALICE, BOB, ETH, USDT, attest

ELSEWHERE = parse_asset("eip155:137/slip44:966")
BITCOIN = parse_asset("bip122:000000000019d6689c085ae165831e93/slip44:0")
SHORT = st.binary(min_size=1, max_size=3)
KEYS = SHORT | st.integers(1, 3).map(lambda number: bytes([number]) * (LONGEST + number - 1))


def declared(of: Iterable[tuple[AssetId, bytes]]) -> DeclaredAccounts:
    ordered = sorted(set(of), key=lambda each: holding_order(*each))
    return declared_accounts(Holdings.of(Holding(asset, account) for asset, account in ordered))


def as_defined(of: Iterable[tuple[AssetId, bytes]]) -> DeclaredAccounts:
    """As docs/predicate.md says, all in memory."""
    keys = ((str(asset.chain), key) for asset, key in of)
    lines = {
        f"{chain} {key.hex() if len(key) <= 1024 else f'sha256:{hashlib.sha256(key).hexdigest()}'}\n".encode()
        for chain, key in keys
    }
    return DeclaredAccounts(len(lines), hashlib.sha256(b"".join(sorted(lines))).hexdigest())


@given(st.lists(st.tuples(st.sampled_from([ETH.id, USDT.id, ELSEWHERE, BITCOIN]), KEYS), max_size=30))
def test_it_is_that_of_the_sorted_lines_of_the_distinct_accounts(of: list[tuple[AssetId, bytes]]) -> None:
    assert declared(of) == as_defined(of)


def test_of_more_lines_than_are_taken_at_a_time_too() -> None:
    of = [(asset, number.to_bytes(20)) for asset in (ETH.id, USDT.id) for number in range(1, 20_002)]
    assert declared(of) == as_defined(of)
    assert declared(of).count == 20_001


def test_the_same_account_on_two_chains_is_two_and_in_two_assets_one() -> None:
    assert declared([(ETH.id, ALICE), (USDT.id, ALICE)]) == declared([(ETH.id, ALICE)])
    assert declared([(ETH.id, ALICE), (ELSEWHERE, ALICE)]).count == 2


def test_no_two_sets_of_accounts_share_a_digest() -> None:
    sets = [[(ETH.id, ALICE)], [(ETH.id, BOB)], [(ELSEWHERE, ALICE)], [(ETH.id, ALICE), (ETH.id, BOB)], []]
    assert len({declared(of).sha256 for of in sets}) == len(sets)
    assert declared([]) == DeclaredAccounts(0, hashlib.sha256(b"").hexdigest())


def test_it_stands_in_the_finding_and_verify_computes_it_again() -> None:
    attested = attest()
    stated = attested.statement["predicate"]["finding"]["accounts"]
    expected = as_defined((holding.asset, holding.account) for holding in attested.claim.holdings)
    assert stated == {"count": expected.count, "digest": f"sha256:{expected.sha256}"}


@given(st.lists(st.tuples(st.sampled_from([ETH.id, USDT.id, ELSEWHERE]), SHORT), max_size=40), st.integers(1, 4))
def test_however_few_accounts_are_taken_at_a_time(of: list[tuple[AssetId, bytes]], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(declared_module, "_AT_A_TIME", size)
        assert declared(of) == as_defined(of)
