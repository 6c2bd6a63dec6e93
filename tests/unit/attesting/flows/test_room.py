"""What flows may have of an asset fits into one statement as often as `has_room` says: the largest entry, counted."""

from __future__ import annotations

from typing import Any

from scanner.attesting import canonical
from scanner.attesting.flows.v1.shape import SHAPE
from scanner.attesting.statement import MAX_STATEMENT_BYTES
from scanner.core.evidence import MAX_OPERATORS
from scanner.weighing.flows import LARGEST, ROUND_TRIPS, has_room

NAME, COUNT, TIME, DIGEST = "U" * 64, 2**53 - 1, "2023-11-22T15:59:59Z", "sha256:" + "a" * 64
# As much as half a million transfers of 2^256 - 1 atoms are.
AMOUNT = f"{(2**256 - 1) * 500_000}"
SIDE: dict[str, Any] = {
    "listed": {
        **{"came": AMOUNT, "went": AMOUNT, "net": f"-{AMOUNT}", "among": AMOUNT, "transfers": COUNT},
        **{"largestShare": "0.999999", "herfindahl": "0.999999"},
    },
    "change": f"-{AMOUNT}",
    "unread": COUNT,
    "differing": COUNT,
}
MOVED = {"came": AMOUNT, "went": AMOUNT}
COUNTERPART = {"account": "f" * 100, "before": MOVED, "after": MOVED, "roundTrip": False}
ASSET: dict[str, Any] = {
    "asset": "a" * 200,
    "unit": NAME,
    "operators": [NAME] * MAX_OPERATORS,
    "dissent": [NAME] * MAX_OPERATORS,
    "basis": "QUORUM",
    "gap": {"why": "UNCONFIRMED_DECIMALS", "detail": "d" * 400},
    "shows": "INCOMPLETE",
    "lacking": ["TRANSFERS", "BALANCES", "DIFFERENCE"],
    "held": AMOUNT,
    "before": SIDE,
    "after": SIDE,
    "counterparts": [COUNTERPART] * (LARGEST + ROUND_TRIPS),
    "others": COUNT,
    "roundTrips": COUNT,
}


def test_the_largest_entries_fit_as_often_as_there_is_room_for() -> None:
    assets = next(count for count in range(1, 10_000) if not has_room(count)) - 1
    entry = SHAPE.fields["flows"].fields["assets"].schema["items"]["properties"]
    assert set(entry) == set(ASSET)
    assert assets * (len(canonical.encode(ASSET)) + 1) < MAX_STATEMENT_BYTES - 1_000_000
