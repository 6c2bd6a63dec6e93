"""The dashboard in deploy/grafana, as the classes that Grafana generates from its own schema read it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.deployed import DEPLOY

DASHBOARD = json.loads((DEPLOY / "grafana" / "reserve-scanner.json").read_text())


def lost(before: Any, after: Any, at: str = "") -> list[str]:
    """Where something of `before` is missing in `after` or is another there; defaults may be added."""
    if isinstance(before, dict) and isinstance(after, dict):
        gone = [f"{at}.{key}" for key in before if key not in after]
        return gone + [each for key in before if key in after for each in lost(before[key], after[key], f"{at}.{key}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            each for at_, (a, b) in enumerate(zip(before, after, strict=True)) for each in lost(a, b, f"{at}[{at_}]")
        ]
    return [] if before == after else [at]


def test_grafanas_own_model_keeps_every_field_of_the_dashboard() -> None:
    models = pytest.importorskip("grafana_foundation_sdk.models.dashboard")
    encoder = pytest.importorskip("grafana_foundation_sdk.cog.encoder")

    def through(dashboard: dict[str, Any]) -> Any:
        return json.loads(encoder.JSONEncoder(sort_keys=True).encode(models.Dashboard.from_json(dashboard)))

    assert lost(DASHBOARD, through(DASHBOARD)) == []
    assert lost(DASHBOARD | {"unheardOf": 1}, through(DASHBOARD | {"unheardOf": 1})) == [".unheardOf"]


def test_panels_have_each_a_place_of_their_own_and_one_source() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
