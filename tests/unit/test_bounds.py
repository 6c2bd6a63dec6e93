"""Bounds that several modules have in common: what each takes fits the others, alone and together.

A claim or an instrument that is read, and whose findings no statement can say, ends a scan after everything was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.attesting.formats.v1.shape import SHAPE
from scanner.chains.names import parse_chain
from scanner.core.amounts import MOST_ATOMS, MOST_DECIMALS, MOST_WHOLE_DIGITS
from scanner.core.control import Control
from scanner.core.evidence import MAX_OPERATORS
from scanner.errors import InputError
from scanner.sources.addresses import read_claim
from scanner.sources.nodes import load_instrument
from scanner.weighing.claim import MOST_LISTED, has_room
from scanner.weighing.finding import Verdict
from scanner.weighing.instrument import MOST_NOTES, Instrument, SharedHost
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Cause

FINDING = SHAPE.fields["finding"].fields
NAME = "U" * 64
ASSET = "eip155:" + "1" * 32 + "/erc20:0x" + "a" * 40
HOLDINGS = 10_000_000  # of a claim, at most, and so many sums of the largest balance there may be
SUM = f"{MOST_ATOMS * HOLDINGS}.{'1' * 36}"
STATED = "9" * MOST_WHOLE_DIGITS + "." + "9" * MOST_DECIMALS
RATIO = f"{MOST_ATOMS * HOLDINGS * 10**MOST_DECIMALS}.999999"
TIME = "2023-11-22T15:59:59Z"
COUNT = 2**53 - 1

LARGEST: dict[str, Any] = {
    "snapshots": {
        "chain": "beacon:" + "1" * 32,
        "height": 10**12,
        "named": False,
        "weighed": False,
        "hash": "f" * 128,
        "parent": "f" * 128,
        "time": TIME,
    },
    "coverage": {
        "asset": ASSET,
        "label": NAME,
        "unit": NAME,
        "known": "VOUCHED",
        "alias": ASSET,
        "held": SUM,
        "decimals": 36,
        "holdings": COUNT,
        "read": COUNT,
        "atLeast": COUNT,
        "unstated": COUNT,
        "claimed": SUM,
        "claimedRead": SUM,
        "difference": f"-{SUM}",
        "disagreeing": COUNT,
    },
    "reserves": {
        "unit": NAME,
        "held": SUM,
        "owed": STATED,
        "owedBasis": {
            "shows": "TOTAL-PROVEN",
            "scheme": "s" * 32,
            "symbol": "S" * 40,
            "total": SUM,
            "root": "r" * 200,
            "entries": COUNT,
            "assumes": ["a" * 32] * 8,
            "remarks": ["r" * 32] * 8,
        },
        "ratio": RATIO,
        "verdict": Verdict.COVERED.value,
        "statedRatio": "999999999.999999999%",
        "statedAgrees": False,
        "holdings": COUNT,
        "gaps": COUNT,
        "lastingGaps": COUNT,
        "lasting": False,
        "dissents": COUNT,
        "atLeast": COUNT,
        "proven": SUM,
        "quorum": SUM,
        "own": SUM,
        "provenShare": "1.000000",
        "missed": dict.fromkeys(("1%", "5%", "10%"), "1.000000"),
        "control": {control.value: SUM for control in Control},
        "controlByMovement": SUM,
        "ratioWithCustody": RATIO,
        "claimed": SUM,
        "custody": f"{SUM}{'1' * 24}",
        "blocks": {"first": TIME, "last": TIME},
        "withheld": [],
    },
}


def size(value: Mapping[str, Any]) -> int:
    return len(canonical.encode([value]))


@pytest.mark.parametrize("of", LARGEST)
def test_the_largest_entry_of_a_list_is_of_the_shape_and_has_every_key(of: str) -> None:
    FINDING[of].check([LARGEST[of]], of)
    items = FINDING[of].schema["items"]["properties"]
    assert LARGEST[of].keys() == items.keys()


def test_a_statement_has_room_for_what_a_claim_may_name_together() -> None:
    """What is left of 16 MiB beside gaps, dissents, files and the policy is 8 MB."""
    layout = size({ASSET: "Solidity mapping at slot 9, low 255 bits".ljust(60, "x")})
    unproven = size({ASSET: [cause.value for cause in Cause]})
    drawn = {ASSET: {"certain": COUNT, "draws": COUNT, "among": "9" * 100}}
    withheld = 500  # reasons why a verdict is withheld, with what they are about
    for count, fits in (
        ({"blocks": 1}, size(LARGEST["snapshots"])),
        ({"assets": 1}, size(LARGEST["coverage"]) + layout + unproven + size({ASSET: 1}) + size(drawn)),
        ({"units": 1}, size(LARGEST["reserves"]) + withheld),
    ):
        most = 1
        while has_room(**{"blocks": 0, "assets": 0, "units": 0, **dict.fromkeys(count, most + 100)}):
            most += 100
        assert most * fits <= 8_200_000, count


def test_a_claim_that_names_more_together_than_fits_is_refused(tmp_path: Path) -> None:
    assert has_room(blocks=100, assets=2_000, units=980)
    assert not has_room(blocks=0, assets=MOST_LISTED, units=MOST_LISTED)
    count = 3_000
    assets = "".join(
        f'  A{n}: {{id: "eip155:{n + 1}/slip44:60", backs: U{n}, decimals: 18}}\n' for n in range(61, 61 + count)
    )
    owed = "".join(f'  U{n}: "1"\n' for n in range(61, 61 + count))
    text = (
        f"version: 1\nexchange: X\nas_of: 2026-01-01T00:00:00Z\nassets:\n{assets}liabilities:\n{owed}"
        f'holdings:\n  - {{asset: A61, account: "0x1111111111111111111111111111111111111101"}}\n'
    )
    with pytest.raises(
        InputError, match="3,000 assets, 3,000 liabilities: more than a statement has room for together"
    ):
        read_claim(tmp_path / "claim.yaml", text.encode())


def test_no_chain_has_more_operators_than_a_row_of_evidence_can_name(tmp_path: Path) -> None:
    path = tmp_path / "nodes.yaml"

    def nodes(count: int, quorum: int = 2) -> Instrument:
        lines = "".join(
            f'  - {{url: "evm+https://{n}.example", chain: "eip155:1", operator: o{n}}}\n' for n in range(count)
        )
        path.write_text(f"policy: {{quorum: {quorum}}}\nnodes:\n{lines}")
        return load_instrument(path, {})

    assert len(nodes(MAX_OPERATORS, MAX_OPERATORS).nodes) == MAX_OPERATORS
    with pytest.raises(InputError, match="33 operators of eip155:1, and an attestation has room for 32"):
        nodes(MAX_OPERATORS + 1)
    with pytest.raises(InputError, match="a whole number from 1 to 32"):
        nodes(2, MAX_OPERATORS + 1)


def test_no_attestation_has_to_tell_of_more_pairs_on_one_host_than_it_has_room_for() -> None:
    chain = parse_chain("eip155:1")
    shared = tuple(SharedHost(chain, (f"a{n}", f"b{n}")) for n in range(MOST_NOTES + 1))
    assert list(Instrument(Policy(), (), shared=shared[:-1]).crowds()) == []
    assert list(Instrument(Policy(), (), shared=shared).crowds()) == [
        "101 pairs of operators on one host, and an attestation has room for 100"
    ]
