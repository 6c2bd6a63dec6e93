"""What a series, or claims together, may have of everything fits into one statement: the largest entries, counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.attesting import canonical
from scanner.attesting.series.v1.shape import MOST_POINTS
from scanner.attesting.series.v1.shape import SHAPE as SERIES
from scanner.attesting.statement import MAX_STATEMENT_BYTES
from scanner.attesting.together.v1.shape import SHAPE as TOGETHER
from scanner.core.amounts import MOST_ATOMS, MOST_DECIMALS, MOST_WHOLE_DIGITS
from scanner.weighing.schedule import AFTERWARDS, MOST_STRETCHES
from scanner.weighing.series import has_room
from scanner.weighing.together import _UNIT_BYTES

NAME, COUNT, TIME, DIGEST = "U" * 64, 2**53 - 1, "2023-11-22T15:59:59Z", "sha256:" + "a" * 64
SUM = f"{MOST_ATOMS * 10_000_000}.{'1' * 36}"
STATED = "9" * MOST_WHOLE_DIGITS + "." + "9" * MOST_DECIMALS
RATIO = f"{MOST_ATOMS * 10_000_000 * 10**MOST_DECIMALS}.999999"
BLOCK = {"height": 10**12, "hash": "f" * 128, "parent": "f" * 128, "time": TIME}
OF_SERIES: Mapping[str, Any] = {
    "stretches": {"start": TIME, "block": BLOCK, "moment": TIME},
    "points": {"at": TIME, "statement": DIGEST, "units": []},
    "sustained": {
        "unit": NAME,
        "window": COUNT,
        "before": COUNT,
        "after": COUNT,
        "held": SUM,
        "owed": STATED,
        "leastBefore": SUM,
        "leastAfter": SUM,
        "sustained": SUM,
        "transient": SUM,
        "ratio": RATIO,
        "shows": "NOT_SHOWN",
        "lacking": ["GAPS", "NOT_DRAWN", "NO_BLOCKS"],
    },
    "later": {"unit": NAME, "after": COUNT, "held": SUM, "change": f"-{SUM}"},
}
UNIT = {"unit": NAME, "held": SUM, "gaps": COUNT, "atLeast": COUNT, "apart": False}
WEIGHED = {
    **{"unit": NAME, "held": SUM, "owed": f"{'9' * (MOST_WHOLE_DIGITS + 2)}.{'9' * MOST_DECIMALS}"},
    **{"custody": f"{SUM}{'1' * 24}", "gaps": COUNT, "atLeast": COUNT, "apart": False, "verdict": "COVERED"},
}
SUBJECT = {"name": "points/20231122T155959Z/statement.json", "digest": {"sha256": "a" * 64}}


def size(value: Any) -> int:
    return len(canonical.encode(value)) + 1


def test_the_largest_entries_are_of_the_shape_and_have_every_key() -> None:
    series = SERIES.fields["series"].fields
    for name, entry in OF_SERIES.items():
        series[name].check([entry], name)
        assert entry.keys() == series[name].schema["items"]["properties"].keys()
    series["points"].check([{**OF_SERIES["points"], "units": [UNIT]}], "points")
    point = {
        **{"at": TIME, "statement": DIGEST, "alone": [{"claim": DIGEST, "units": [WEIGHED]}] * 2},
        "together": [{**WEIGHED, "countedTwice": SUM}],
    }
    TOGETHER.fields["together"].fields["points"].check([point], "points")


def test_a_series_that_has_room_fits_its_statement() -> None:
    """At each count of moments, as many units as there is room for, all as large as they may be."""
    windows = len(AFTERWARDS) + 1
    unit = windows * size(OF_SERIES["sustained"]) + len(AFTERWARDS) * size(OF_SERIES["later"])
    for points in (5, 60, MOST_POINTS):
        units = max(count for count in range(1, 2500) if has_room(points=points, units=count))
        point = size(OF_SERIES["points"]) + size(OF_SERIES["stretches"]) + size(SUBJECT) + units * size(UNIT)
        assert points * point + units * unit < MAX_STATEMENT_BYTES - 1_000_000, points
    assert has_room(points=MOST_POINTS, units=22)
    assert MOST_STRETCHES + 1 + len(AFTERWARDS) == MOST_POINTS


def test_what_is_reckoned_for_a_unit_of_claims_together_is_enough() -> None:
    assert size({**WEIGHED, "countedTwice": SUM}) <= _UNIT_BYTES
