"""What reports say of a cluster's workers, and when they say that a quorum is one machine's word."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.report.workers import brought, single_voices

ETHEREUM = "eip155:1"


def told(workers: Any, *, quorum: int = 2, by_quorum: str = "7", own: str = "0", asked: int = 3) -> list[str]:
    finding = {
        "policy": {"quorum": quorum},
        "reserves": [{"unit": "ETH", "quorum": by_quorum, "own": own}, {"unit": "BTC", "quorum": "0", "own": "0"}],
        "coverage": [
            {"asset": f"{ETHEREUM}/slip44:60", "unit": "ETH", "read": 1},
            {"asset": "bip122:000000000019d6689c085ae165831e93/slip44:0", "unit": "BTC", "read": 1},
        ],
    }
    return list(
        single_voices(finding, {"workers": workers, "operators": {ETHEREUM: ["alpha", "beta", "gamma"][:asked]}})
    )


def test_one_worker_that_spoke_for_a_quorum_is_told_of_by_name_of_its_operators() -> None:
    (text,) = told([{ETHEREUM: ["alpha", "beta"]}, {ETHEREUM: ["gamma"]}])
    assert text.startswith("eip155:1: one worker of the cluster brought the answers of alpha, beta.")
    assert len(told([{ETHEREUM: ["alpha", "beta"]}, {ETHEREUM: ["beta", "gamma"]}])) == 2


@pytest.mark.parametrize(
    ("workers", "changes"),
    [
        (None, {}),
        ([], {}),
        ([{ETHEREUM: ["alpha"]}, {ETHEREUM: ["beta"]}, {ETHEREUM: ["gamma"]}], {}),
        ([{ETHEREUM: ["alpha", "beta"]}], {"quorum": 3}),
        ([{ETHEREUM: ["alpha", "beta"]}], {"by_quorum": "0"}),
        ([{"eip155:10": ["alpha", "beta"]}], {}),
    ],
)
def test_where_no_worker_was_a_quorum_or_all_is_proven_nothing_is_said(workers: Any, changes: dict[str, Any]) -> None:
    assert told(workers, **changes) == []


def test_an_own_node_or_all_operators_there_are_behind_one_worker_are_told_of_below_a_quorum_too() -> None:
    assert len(told([{ETHEREUM: ["alpha"]}], asked=1, by_quorum="0", own="7")) == 1


def test_how_many_workers_there_were_is_said_where_there_were_any() -> None:
    assert brought({"workers": None}) == ""
    assert brought({"workers": [{ETHEREUM: ["alpha"]}]}) == ", through 1 worker of a cluster"
    assert brought({"workers": [{ETHEREUM: ["alpha"]}] * 2}) == ", through 2 workers of a cluster"
