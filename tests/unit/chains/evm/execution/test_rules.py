"""By which rules code runs at a block: as its header shows, or a date that is known of its chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scanner.chains.evm.execution.rules import Rules, rules_of
from scanner.chains.evm.header import ExecutionHeader, header_from_rlp
from scanner.chains.names import parse_chain
from scanner.proofs.flaws import Flaw, ProofError
from tests.support.simulated.trie_builder import array, keccak256, number, string
from tests.support.tables import each_of

FRONTIER = [
    *(string(bytes(size)) for size in (32, 32, 20, 32, 32, 32, 256)),
    *map(number, (0, 7, 30_000_000, 0, 1_700_000_000)),
    *(string(bytes(size)) for size in (0, 32, 8)),
]
HASH, FEE = string(b"\x01" * 32), number(7)


def header(*more: bytes, time: datetime | None = None) -> ExecutionHeader:
    encoded = array(*FRONTIER, *more)
    found = header_from_rlp(encoded, keccak256(encoded))
    return found if time is None else replace(found, timestamp=int(time.timestamp()))


@each_of(
    ("more", "push0", "cancun"),
    [
        ((), False, False),
        ((FEE,), False, False),
        ((FEE, HASH), True, False),
        ((FEE, HASH, number(0), number(0)), True, False),
        ((FEE, HASH, number(0), number(0), HASH), True, True),
        ((FEE, string(b""), number(0), number(0), HASH), False, True),  # no header of any chain
        ((HASH, FEE), False, False),  # the C-Chain's
        ((HASH, FEE, number(0), number(0), number(0), number(0), HASH), False, False),
        ((HASH, HASH, number(0), number(0), HASH), False, False),
    ],
)
def test_a_header_shows_a_fork_by_the_fields_that_came_with_it(
    more: tuple[bytes, ...], push0: bool, cancun: bool
) -> None:
    rules = rules_of(parse_chain("eip155:1"), header(*more))
    assert rules == Rules(1, 7, 1_700_000_000, has_push0=push0, has_cancun=cancun)


@pytest.mark.parametrize("chain", [137, 42161, 43114, 534352])
def test_where_headers_do_not_show_it_a_date_does(chain: int) -> None:
    for year, has in ((2023, False), (2025, True)):
        found = rules_of(parse_chain(f"eip155:{chain}"), header(FEE, time=datetime(year, 6, 1, tzinfo=UTC)))
        assert (found.has_push0, found.has_cancun) == (has, has)
        assert found.number == (None if chain == 42161 else 7)


@pytest.mark.parametrize(("chain", "number"), [(1, 7), (42161, None), (42170, None), (999_999, None)])
def test_the_number_is_the_chains_own_height_where_that_is_known(chain: int, number: int | None) -> None:
    assert rules_of(parse_chain(f"eip155:{chain}"), header(FEE)).number == number


@pytest.mark.parametrize(("chain", "year"), [(1, 2019), (999, 2019), (137, 2020), (324, 2025)])
def test_no_code_is_executed_where_its_rules_are_not_known(chain: int, year: int) -> None:
    with pytest.raises(ProofError) as caught:
        rules_of(parse_chain(f"eip155:{chain}"), header(FEE, time=datetime(year, 6, 1, tzinfo=UTC)))
    assert caught.value.flaw is Flaw.UNDETERMINED
