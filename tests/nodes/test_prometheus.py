"""What we export, the alerts over it and the dashboard's queries, as a real Prometheus takes them."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from localnet.prometheus import Prometheus, found
from localnet.pushgateway import Pushgateway
from scanner.cli.job_arguments import Address
from scanner.cli.metrics_server import Served, new_metrics
from scanner.report.delivery import Pauses, push
from scanner.report.metrics import Metrics
from tests.support import jobs
from tests.support.places import ROOT
from tests.support.real.real_nodes import or_skip

DEPLOY = ROOT / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    job, metrics = jobs.a_job(), new_metrics()
    for outcome in job.outcomes:
        metrics.found(outcome)
    metrics.ended(job)
    for number in range(10):
        metrics.request("eip155:1", "alpha", 0.1 * number, "UNREACHABLE" if number > 7 else "OK")
    metrics.progress("good", "eip155:1", 5, 10)
    return metrics


@pytest.fixture(scope="module")
def prometheus(metrics: Metrics) -> Iterator[Prometheus]:
    or_skip(lambda: found("prometheus"))
    served = Served.at(Address("0"), metrics)
    try:
        with Prometheus.start(served.url.removeprefix("http://").removesuffix("/metrics"), ALERTS) as server:
            server.wait_for("reserve_scanner_build_info")
            yield server
    finally:
        served.stop()


def test_every_query_of_the_dashboard_is_answered_with_something(prometheus: Prometheus) -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "reserve-scanner.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    for query in queries:
        assert prometheus.query(query.replace("$exchange", ".*")), query
    assert len(queries) >= 14


def test_the_dashboards_verdicts_are_those_of_the_claims(prometheus: Prometheus) -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "reserve-scanner.json").read_text())
    (panel,) = [panel for panel in dashboard["panels"] if panel["title"] == "Verdict"]
    texts = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    series = prometheus.query(panel["targets"][0]["expr"].replace("$exchange", ".*"))
    assert {each["metric"]["claim"]: texts[each["value"][1]]["text"] for each in series} == {
        "good": "COVERED",
        "bad": "SHORT",
        "dim": "UNKNOWN",
    }


def test_every_alert_is_one_that_prometheus_takes_and_the_due_ones_fire(prometheus: Prometheus) -> None:
    prometheus.wait_for('ALERTS{alertname="ReservesShort"}')
    prometheus.wait_for('ALERTS{alertname="ReservesNodeFailing"}')
    rules = {rule["name"]: rule for rule in prometheus.rules()}
    assert {rule["health"] for rule in rules.values()} == {"ok"}
    assert {name: rule["state"] for name, rule in rules.items()} == {
        "ReservesShort": "firing",
        "ReservesBelowOwed": "inactive",  # every claim is of its own moment
        "ReservesUnknown": "inactive",  # the one claim that is UNKNOWN stays so
        "ReservesUndecided": "firing",
        "ReservesGaps": "pending",
        "ReservesClaimFailed": "firing",
        "ReservesJobNotRun": "pending",  # the job of the tests is of long ago
        "ReservesAttestationOld": "firing",
        "ReservesWebhookFailing": "inactive",
        "ReservesNodeFailing": "firing",
        "ReservesRunFailed": "inactive",  # a claim is to blame
    }
    (short,) = rules["ReservesShort"]["alerts"]
    assert short["annotations"]["summary"] == "Example Exchange: ETH is short, on complete evidence"
    (failing,) = rules["ReservesNodeFailing"]["alerts"]
    assert failing["annotations"]["summary"] == "alpha on eip155:1: 20% of requests fail"


def test_a_pushgateway_takes_the_metrics_and_the_alerts_have_their_data_there(metrics: Metrics) -> None:
    async def no_time(_: float) -> None:
        return

    or_skip(lambda: found("prometheus"))
    text = metrics.text()
    with or_skip(Pushgateway.start) as gateway:
        url = f"http://{gateway.address}/metrics/job/reserve-scanner"
        for body in (b"left_by_the_run_before 1\n", text):
            assert asyncio.run(push(url, body, Pauses(no_time, lambda: 0.0))) is None
        held = gateway.metrics()
        assert "left_by_the_run_before" not in held
        for name in set(re.findall(r"reserve_scanner_\w+", ALERTS.read_text())):
            assert f"\n{name}{{" in held, name
        assert asyncio.run(push(url, b"no metrics", Pauses(no_time, lambda: 0.0))) == "HTTP 400"


def test_promtool_finds_no_fault_with_the_alerts_nor_with_the_textfile(metrics: Metrics) -> None:
    promtool = or_skip(lambda: found("promtool"))
    rules = subprocess.run([promtool, "check", "rules", ALERTS], capture_output=True, text=True, check=False)
    assert rules.returncode == 0, rules.stdout + rules.stderr
    trial = ALERTS.with_name("alerts_test.yml")
    tried = subprocess.run([promtool, "test", "rules", trial], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    named = set(re.findall(r"alertname: (\w+)", trial.read_text()))
    assert named | {"ReservesUndecided", "ReservesAttestationOld", "ReservesWebhookFailing"} == set(
        re.findall(r"- alert: (\w+)", ALERTS.read_text())
    )
    text = metrics.text()
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
