"""deploy/webhooks: each template, filled with a message of ours, is one that its receiver documents that it takes."""

from __future__ import annotations

import json
import re
from collections import ChainMap
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from scanner.report.webhook import Verdicts, change
from tests.support import jobs
from tests.support.places import ROOT
from tests.support.relay import ENVIRONMENT, TEMPLATES, relay, template

RELAY = relay()
COVERED_BEFORE = Verdicts("COVERED", {"BTC": "COVERED", "ETH": "COVERED", "OLD": "COVERED"})


def text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def form(required: dict[str, Any]) -> dict[str, Any]:
    """An object with these fields and no others."""
    return {"type": "object", "properties": required, "required": [*required], "additionalProperties": False}


def plain(longest: int) -> dict[str, Any]:
    """Slack's text object in which nothing is markup: the name of an exchange can call no one (`<!channel>`)."""
    return form({"type": {"const": "plain_text"}, "text": text(longest), "emoji": {"const": False}})


def one_of(*values: str) -> dict[str, Any]:
    return {"enum": [*values]}


SLACK_BLOCKS = [
    form({"type": {"const": "header"}, "text": plain(150)}),
    form({"type": {"const": "section"}, "text": plain(3000)}),
    form({"type": {"const": "context"}, "elements": {"type": "array", "items": plain(2000), "maxItems": 10}}),
]
FACT = form({"title": text(100), "value": text(200)})
CARD = {
    "type": "object",
    "required": ["$schema", "type", "version", "body"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"},
        "type": {"const": "AdaptiveCard"},
        "version": {"const": "1.4"},
        "body": {
            "type": "array",
            "minItems": 1,
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["type", "text", "wrap"],
                        "additionalProperties": False,
                        "properties": {
                            "type": {"const": "TextBlock"},
                            "text": text(3000),
                            "wrap": {"const": True},
                            "weight": one_of("Default", "Lighter", "Bolder"),
                            "size": one_of("Small", "Default", "Medium", "Large", "ExtraLarge"),
                            "fontType": one_of("Default", "Monospace"),
                        },
                    },
                    form({"type": {"const": "FactSet"}, "facts": {"type": "array", "items": FACT}}),
                ]
            },
        },
    },
}
ATTACHMENT = form(
    {
        "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
        "contentUrl": {"const": None},
        "content": CARD,
    }
)
# Sources: Slack's references of blocks and text objects; the Adaptive Cards schema and Teams' webhooks of Workflows;
# PagerDuty's Events API v2.
TAKEN = {
    "slack.json": form(
        {"text": text(3000), "blocks": {"type": "array", "items": {"oneOf": SLACK_BLOCKS}, "maxItems": 50}}
    ),
    "teams.json": form(
        {
            "type": {"const": "message"},
            "attachments": {"type": "array", "items": ATTACHMENT, "minItems": 1, "maxItems": 1},
        }
    ),
    "pagerduty.json": form(
        {
            "routing_key": {"type": "string", "pattern": "^[0-9a-zA-Z]{32}$"},
            "event_action": one_of("trigger", "acknowledge", "resolve"),
            "dedup_key": text(255),
            "payload": form(
                {
                    "summary": text(1024),
                    "source": text(255),
                    "severity": one_of("critical", "error", "warning", "info"),
                    "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
                    "component": text(300),
                    "class": text(300),
                    "custom_details": {"type": "object"},
                }
            ),
        }
    ),
}


def message(before: Verdicts | None, predicate: Any) -> Any:
    found = change("okx", before, predicate)
    assert found is not None
    return json.loads(found.body)


def with_a_long_name(told: Any) -> Any:
    units = [{**told["units"][0], "unit": f"U{number}"} for number in range(500)]
    return {**told, "exchange": 'Ex<!channel>"' + "x" * 250, "units": units}


MESSAGES: dict[str, Callable[[], Any]] = {
    "a first verdict": lambda: message(None, jobs.COVERED),
    "a shortfall, and a unit that went": lambda: message(COVERED_BEFORE, jobs.SHORT),
    "what is not known": lambda: message(COVERED_BEFORE, jobs.UNKNOWN),
    "five hundred units and a name full of signs": lambda: with_a_long_name(message(COVERED_BEFORE, jobs.SHORT)),
}


def filled(name: str, told: Any) -> Any:
    return RELAY.rendered(template(name), ChainMap(RELAY.fields(told), ENVIRONMENT))


@pytest.mark.parametrize("what", MESSAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_filled_is_what_its_receiver_takes(name: str, what: str) -> None:
    body = filled(name, MESSAGES[what]())
    Draft202012Validator(TAKEN[name]).validate(body)
    assert len(json.dumps(body)) < 28_000  # Teams' limit, the least of the three
    assert "$" not in json.dumps(body).replace('"$schema"', "")
    if "channel" in json.dumps(body) and name == "slack.json":
        assert "<!" not in body["text"]


def test_a_pager_is_called_for_what_is_short_and_called_off_when_all_is_covered() -> None:
    short = filled("pagerduty.json", message(COVERED_BEFORE, jobs.SHORT))
    assert (short["event_action"], short["payload"]["severity"]) == ("trigger", "critical")
    well = filled("pagerduty.json", message(Verdicts("SHORT", {"BTC": "SHORT"}), jobs.COVERED))
    assert (well["event_action"], well["payload"]["severity"]) == ("resolve", "info")
    assert short["dedup_key"] == well["dedup_key"]
    unknown = filled("pagerduty.json", message(COVERED_BEFORE, jobs.UNKNOWN))
    assert (unknown["event_action"], unknown["payload"]["severity"]) == ("trigger", "warning")


def test_a_figure_that_is_not_known_is_no_zero() -> None:
    unit = {"unit": "ETH", "before": "COVERED", "after": "UNKNOWN", "held": None, "owed": None}
    at = {"asOf": "2026-01-01T00:00:00Z", "owedAsOf": "2026-01-01T00:00:00Z"}
    assert RELAY.line(unit, at) == "ETH: COVERED -> UNKNOWN; held not established, owed not published"


def test_between_reports_both_figures_have_their_dates() -> None:
    body = message(COVERED_BEFORE, jobs.BETWEEN)
    assert [RELAY.line(unit, body) for unit in body["units"] if unit["unit"] == "ETH"] == [
        "ETH: COVERED -> UNKNOWN; held 1 as of 2026-01-02T00:00:00Z, less than owed 3 as of 2026-01-01T00:00:00Z"
    ]
    (eth,) = (unit for unit in body["units"] if unit["unit"] == "ETH")
    other = {**eth, "belowOwed": False}
    assert ", owed 3 as of 2026-01-01" in RELAY.line(other, body)


@pytest.mark.parametrize(("wrong", "error"), [("$nothing", KeyError), ("costs $ 5", ValueError)])
def test_a_template_that_cannot_be_filled_is_refused_when_the_relay_starts(wrong: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        RELAY.server(0, {"text": [wrong]}, "http://127.0.0.1:9", b"k" * 16, {})


def test_the_page_of_the_operator_lists_every_name_that_a_template_may_use() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    section = page.partition("### Chats and pagers")[2].partition("\n## ")[0]
    assert set(re.findall(r"`\$(\w+)`", section)) - {"PAGERDUTY_ROUTING_KEY"} == set(RELAY.NAMES)
    assert RELAY.fields(MESSAGES["a first verdict"]()).keys() == set(RELAY.NAMES)
