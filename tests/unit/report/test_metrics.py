"""The metrics of a job: what they say, how they are kept from run to run, and that the dashboard asks for no others."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import yaml
from prometheus_client import disable_created_metrics
from prometheus_client.parser import text_string_to_metric_families

from scanner.cli import commands, job_arguments
from scanner.report.metrics import FOUND, Metrics
from scanner.report.outcome import Job
from tests.support import jobs
from tests.support.places import ROOT

disable_created_metrics()  # type: ignore[no-untyped-call]  # as the command line does

DEPLOY = ROOT / "deploy"
LABELS = {"claim", "exchange", "unit", "verdict", "standing", "chain", "operator", "why", "le", "version"}


def measured(job: Job) -> Metrics:
    metrics = Metrics("1.0")
    for outcome in job.outcomes:
        metrics.found(outcome)
    metrics.ended(job)
    return metrics


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """By the name and the values of the labels in the labels' order."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.fixture
def text() -> bytes:
    return measured(jobs.a_job()).text()


def test_each_unit_of_each_claim_has_its_figures(text: bytes) -> None:
    found = samples(text)
    exchange = "Example Exchange"
    assert found["reserve_scanner_held", "good", exchange, "BTC"] == 143.5
    assert found["reserve_scanner_owed", "good", exchange, "BTC"] == 139.2
    assert found["reserve_scanner_ratio", "bad", exchange, "ETH"] == 0.333333
    assert found["reserve_scanner_gaps", "dim", exchange, "ETH"] == 1
    assert found["reserve_scanner_holdings", "dim", exchange, "ETH"] == 7
    assert ("reserve_scanner_owed", "dim", exchange, "ETH") not in found
    assert ("reserve_scanner_ratio", "dim", exchange, "ETH") not in found


def test_how_a_unit_stands_to_what_is_owed_has_the_dates_of_both() -> None:
    found = samples(measured(replace(jobs.a_job(), outcomes=(jobs.outcome("watched", 3, jobs.BETWEEN),))).text())
    of_claim = "watched", "Example Exchange"
    for unit, stands in (("BTC", "ABOVE"), ("ETH", "BELOW")):
        for each in ("ABOVE", "BELOW", "NOT_SHOWN"):
            labels = dict(zip(("claim", "exchange", "unit", "standing"), (*of_claim, unit, each), strict=True))
            values = (value for _, value in sorted(labels.items()))
            assert found["reserve_scanner_unit_standing", *values] == (each == stands)
    as_of = found["reserve_scanner_as_of_timestamp_seconds", *of_claim]
    assert as_of - found["reserve_scanner_owed_as_of_timestamp_seconds", *of_claim] == 86_400


@pytest.mark.parametrize(("claim", "verdict"), [("good", "COVERED"), ("bad", "SHORT"), ("dim", "UNKNOWN")])
def test_of_three_verdicts_one_is_true(text: bytes, claim: str, verdict: str) -> None:
    found = samples(text)
    for each in ("COVERED", "SHORT", "UNKNOWN"):
        assert found["reserve_scanner_verdict", claim, "Example Exchange", each] == (each == verdict)
        unit = "ETH" if claim != "good" else "BTC"
        assert found["reserve_scanner_unit_verdict", claim, "Example Exchange", unit, each] == (each == verdict)


def test_the_age_of_an_attestation_follows_from_when_it_was_scanned(text: bytes) -> None:
    found = samples(text)
    at = found["reserve_scanner_attestation_timestamp_seconds", "good", "Example Exchange"]
    assert at == (jobs.BEGAN.replace(microsecond=0) + timedelta(seconds=1)).timestamp()
    assert found["reserve_scanner_as_of_timestamp_seconds", "good", "Example Exchange"] == 1767225600


def test_the_run_and_each_claim_tell_their_exit_codes_and_times(text: bytes) -> None:
    found = samples(text)
    assert {name: found["reserve_scanner_exit_code", name] for name in ("good", "bad", "dim", "wrong")} == {
        "good": 0,
        "bad": 1,
        "dim": 5,
        "wrong": 2,
    }
    assert found["reserve_scanner_run_exit_code",] == 1
    assert found["reserve_scanner_run_seconds",] == 5000
    assert found["reserve_scanner_run_timestamp_seconds",] == jobs.a_job().ended.timestamp()
    assert found["reserve_scanner_build_info", "1.0"] == 1


def test_requests_errors_and_latency_are_counted_by_operator() -> None:
    metrics = Metrics("1.0")
    for seconds, outcome in ((0.02, "OK"), (0.2, "OK"), (3.0, "UNREACHABLE"), (0.02, "RATE_LIMITED")):
        metrics.request("eip155:1", "alpha", seconds, outcome)
    metrics.request("eip155:1", "beta", 1, "OK")
    found = samples(metrics.text())
    assert found["reserve_scanner_requests_total", "eip155:1", "alpha"] == 4
    assert found["reserve_scanner_requests_total", "eip155:1", "beta"] == 1
    assert found["reserve_scanner_request_errors_total", "eip155:1", "alpha", "UNREACHABLE"] == 1
    assert found["reserve_scanner_request_errors_total", "eip155:1", "alpha", "RATE_LIMITED"] == 1
    assert found["reserve_scanner_request_seconds_bucket", "eip155:1", "0.025", "alpha"] == 2
    assert found["reserve_scanner_request_seconds_bucket", "eip155:1", "2.5", "alpha"] == 3
    assert found["reserve_scanner_request_seconds_count", "eip155:1", "alpha"] == 4
    assert found["reserve_scanner_request_seconds_sum", "eip155:1", "alpha"] == pytest.approx(3.24)


def test_what_a_failed_run_finds_nothing_about_is_kept_with_its_age(text: bytes) -> None:
    failed = replace(jobs.a_job(), outcomes=(jobs.outcome("good", 2, errors=("no such file",)),))
    before, after = samples(text), samples(measured(failed).text(text.decode()))
    kept = {key: value for key, value in after.items() if key[0] in FOUND}
    assert kept == {key: value for key, value in before.items() if key[0] in FOUND and key[1] == "good"}
    assert after["reserve_scanner_exit_code", "good"] == 2
    again = samples(measured(failed).text(measured(failed).text(text.decode()).decode()))
    assert {key: value for key, value in again.items() if key[0] in FOUND} == kept


def test_what_a_run_finds_takes_the_place_of_what_was_there(text: bytes) -> None:
    assert measured(jobs.a_job()).text(text.decode()) == text


@pytest.mark.parametrize(
    "before",
    [
        "reserve_scanner_held{claim=",
        'reserve_scanner_held{claim="wrong",exchange="X"} 1',
        'reserve_scanner_held{claim="wrong",exchange="X",unit="BTC",more="1"} 1',
        'reserve_scanner_held{claim="gone",exchange="X",unit="BTC"} 1',
        'other{claim="wrong",exchange="X",unit="BTC"} 1',
        "reserve_scanner_held one",
        "\x00",
    ],
)
def test_of_an_older_file_nothing_else_is_believed(text: bytes, before: str) -> None:
    assert measured(jobs.a_job()).text(f"{before}\n") == text


def test_names_from_claims_cannot_break_the_format() -> None:
    job = jobs.a_job()
    finding = jobs.COVERED["finding"] | {"exchange": 'A "quoted\\\nname'}
    job = replace(job, outcomes=(jobs.outcome('a"b', 0, jobs.COVERED | {"finding": finding}),))
    assert samples(measured(job).text())["reserve_scanner_held", 'a"b', 'A "quoted\\\nname', "BTC"] == 143.5


def exported() -> set[str]:
    metrics = measured(jobs.a_job())
    metrics.request("eip155:1", "alpha", 1, "REFUSED")
    metrics.progress("good", "eip155:1", 1, 2)
    return {name for name, *_ in samples(metrics.text())}


def asked(expression: str) -> set[str]:
    return set(re.findall(r"reserve_scanner_[a-z_]+", expression))


def test_the_dashboard_is_whole_and_asks_for_what_is_exported() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "reserve-scanner.json").read_text())
    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= dashboard.keys()
    panels: list[dict[str, Any]] = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    names: set[str] = set()
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
        for target in panel["targets"]:
            assert_expression(target["expr"], variables)
            names |= asked(target["expr"])
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= LABELS
    assert names | asked(json.dumps(dashboard["templating"])) <= exported()
    assert len(names) >= 12


def assert_expression(expression: str, variables: set[str]) -> None:
    """What tests/nodes/test_prometheus.py leaves open: labels and variables are known, and brackets pair."""
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing), expression
    assert set(re.findall(r"\$(\w+)", expression)) <= variables
    assert set(re.findall(r"(\w+)=~?\"", expression)) <= LABELS
    for grouped in re.findall(r"(?:by|on) \(([^)]*)\)", expression):
        assert {label.strip() for label in grouped.split(",")} <= LABELS


def test_each_alert_asks_for_what_is_exported_and_says_what_is_wrong() -> None:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    rules = group["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert_expression(rule["expr"], set())
        assert asked(rule["expr"]) <= exported()
        assert asked(rule["expr"])
        assert rule["labels"]["severity"] in ("page", "ticket", "info")
        assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= LABELS


def test_every_metric_is_on_the_operators_page() -> None:
    page = (DEPLOY.parent / "docs" / "operations.md").read_text()
    for name in exported():
        assert f"`{re.sub('_(bucket|sum|count)$', '', name)}`" in page, name


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("9464", "127.0.0.1", 9464), ("0.0.0.0:1", "0.0.0.0", 1), ("[::1]:80", "::1", 80), ("host:0", "host", 0)],  # noqa: S104
)
def test_metrics_are_served_to_this_machine_alone_unless_a_host_is_named(text: str, host: str, port: int) -> None:
    address = job_arguments.Address(text)
    assert (address.host, address.port) == (host, port)


@pytest.mark.parametrize("text", ["", "port", ":9464", "65536", "1:", "-1", "９４６４"])
def test_what_is_no_address_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(["scan", "claim.yaml", f"--metrics-port={text}"])
    assert ended.value.code == 2
    assert "expected a port" in capsys.readouterr().err


def test_no_figure_is_given_of_what_is_not_known() -> None:
    unread = jobs.reserve("BTC", "UNKNOWN", "0", "2", "0.000000") | {"holdings": 2, "gaps": 2}
    apart = [{"why": "MOMENTS_APART", "detail": "block 4 of eip155:1 is of another day"}]
    withheld = jobs.reserve("ETH", "UNKNOWN", "3", "2", "1.500000") | {"withheld": apart}
    metrics = Metrics("1.0")
    metrics.found(jobs.outcome("dim", 3, jobs.predicate("UNKNOWN", [unread, withheld])))
    found = samples(metrics.text())
    of = ("dim", "Example Exchange")
    assert ("reserve_scanner_held", *of, "BTC") not in found
    assert ("reserve_scanner_ratio", *of, "BTC") not in found
    assert ("reserve_scanner_ratio", *of, "ETH") not in found
    assert found["reserve_scanner_held", *of, "ETH"] == 3
    assert found["reserve_scanner_owed", *of, "BTC"] == 2
