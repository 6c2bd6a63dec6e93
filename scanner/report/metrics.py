"""A job in numbers for Prometheus: what was found, how old it is, how the nodes answer.

Amounts and ratios are floats here, and nowhere else: Prometheus knows no other numbers. They are for curves and alarms,
to some fifteen digits; what is held exactly stands in the attestation. Names and labels are listed in
docs/operations.md, and dashboards rely on them: never rename one.

prometheus_client is an extra, and imported where this module is used.

Sources: Prometheus' naming practices and text format; node_exporter's textfile collector.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from scanner.core.shows import Shows
from scanner.report.below import standing
from scanner.report.outcome import Job, Outcome
from scanner.report.wording import has_ratio, not_established
from scanner.weighing.standing import RatioStanding

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)  # seconds
_VERDICTS: Final = ("COVERED", "SHORT", "UNKNOWN")
_OK: Final = "OK"
_UNIT: Final = ("claim", "exchange", "unit")
_CLAIM: Final = ("claim", "exchange")

# What is known of a claim from its last attestation: kept from one textfile to the next where a run brings no new one.
FOUND: Final = {
    "reserve_scanner_held": ("Whole coins that are held; absent where nothing was established.", _UNIT),
    "reserve_scanner_owed": ("Whole coins that are owed; absent where the claim does not state it.", _UNIT),
    "reserve_scanner_ratio": (
        "Held to owed; absent where that is not stated, nothing was established, or the verdict is withheld.",
        _UNIT,
    ),
    "reserve_scanner_owed_shown": ("1 for what is shown of what is owed, 0 for the others.", (*_UNIT, "shows")),
    "reserve_scanner_gaps": ("Holdings of which nothing counts.", _UNIT),
    "reserve_scanner_lasting_gaps": ("Of these, those that asking again cannot fill.", _UNIT),
    "reserve_scanner_holdings": ("Holdings in the claim.", _UNIT),
    "reserve_scanner_unit_verdict": ("1 for the unit's verdict, 0 for the others.", (*_UNIT, "verdict")),
    "reserve_scanner_unit_standing": (
        "1 for how what is held stands to what is owed, or was when it was last stated, 0 for the others.",
        (*_UNIT, "standing"),
    ),
    "reserve_scanner_verdict": ("1 for the finding's verdict, 0 for the others.", (*_CLAIM, "verdict")),
    "reserve_scanner_attestation_timestamp_seconds": ("When the last attestation's balances were read.", _CLAIM),
    "reserve_scanner_as_of_timestamp_seconds": ("The moment that the last attestation judges.", _CLAIM),
    "reserve_scanner_owed_as_of_timestamp_seconds": ("The moment of which something is owed.", _CLAIM),
}


class Metrics:
    """The numbers of one run. Methods may be called while another thread serves them."""

    def __init__(self, scanner: str) -> None:
        self.registry = CollectorRegistry()
        self._found = _Found()
        self._missed: set[str] = set()  # claims about which this run has not found anything
        self.registry.register(self._found)
        here = self.registry
        operator = ("chain", "operator")
        self._requests = Counter("reserve_scanner_requests", "Requests to nodes.", operator, registry=here)
        self._errors = Counter(
            "reserve_scanner_request_errors", "Requests that failed, by reason.", (*operator, "why"), registry=here
        )
        self._seconds = Histogram(
            "reserve_scanner_request_seconds",
            "From a request's turn to its answer.",
            operator,
            buckets=_BUCKETS,
            registry=here,
        )
        progress = ("claim", "chain")
        self._read = Gauge(
            "reserve_scanner_holdings_done", "Holdings read so far in this run.", progress, registry=here
        )
        self._to_read = Gauge(
            "reserve_scanner_holdings_wanted", "Holdings this run is to read.", progress, registry=here
        )
        self._exit = Gauge("reserve_scanner_exit_code", "Of the last run, for each claim.", ("claim",), registry=here)
        self._waiting = Gauge(
            "reserve_scanner_undelivered", "Changes of verdict not delivered yet.", ("claim",), registry=here
        )
        self._ended = Gauge("reserve_scanner_run_timestamp_seconds", "When the last run ended.", registry=here)
        self._took = Gauge("reserve_scanner_run_seconds", "How long the last run took.", registry=here)
        self._code = Gauge("reserve_scanner_run_exit_code", "Of the last run as a whole.", registry=here)
        self._info = Gauge("reserve_scanner_build_info", "1, with the program's version.", ("version",), registry=here)
        self._info.labels(scanner).set(1)

    def request(self, chain: str, operator: str, seconds: float, outcome: str) -> None:
        """A request to a node has ended."""
        self._requests.labels(chain, operator).inc()
        self._seconds.labels(chain, operator).observe(seconds)
        if outcome != _OK:
            self._errors.labels(chain, operator, outcome).inc()

    def progress(self, claim: str, chain: str, done: int, total: int) -> None:
        """So many holdings of so many are read."""
        self._read.labels(claim, chain).set(done)
        self._to_read.labels(claim, chain).set(total)

    def found(self, outcome: Outcome) -> None:
        """What became of one claim."""
        self._exit.labels(outcome.name).set(outcome.exit_code)
        self._waiting.labels(outcome.name).set(outcome.undelivered)
        if outcome.predicate is None:
            self._missed.add(outcome.name)
        else:
            self._found.add(outcome.name, outcome.predicate)

    def ended(self, job: Job) -> None:
        """The run as a whole."""
        self._ended.set(job.ended.timestamp())
        self._took.set((job.ended - job.began).total_seconds())
        self._code.set(job.exit_code)

    def text(self, before: str = "") -> bytes:
        """All of it in Prometheus' text format.

        `before` is the textfile as the run before left it: what it says of claims that this run was to scan and found
        nothing about is kept, so that the age of their last attestation goes on growing. One that cannot be read is as
        good as none.
        """
        self._found.keep(before, self._missed)
        return bytes(generate_latest(self.registry))


class _Found:
    """A collector of FOUND, claim by claim."""

    def __init__(self) -> None:
        self._samples: dict[str, list[tuple[tuple[str, ...], float]]] = {name: [] for name in FOUND}

    def add(self, claim: str, predicate: Mapping[str, Any]) -> None:
        finding = predicate["finding"]
        labels = claim, finding["exchange"]
        for reserve in finding["reserves"]:
            of_unit = (*labels, reserve["unit"])
            for field in ("held", "owed", "ratio", "gaps", "holdings"):
                if reserve[field] is not None and not _unknown(reserve, field):
                    self._sample(f"reserve_scanner_{field}", of_unit, float(reserve[field]))
            self._sample("reserve_scanner_lasting_gaps", of_unit, float(reserve["lastingGaps"]))
            self._verdict("reserve_scanner_unit_verdict", of_unit, reserve["verdict"])
            stands = standing(finding, reserve)
            for each in RatioStanding:
                self._sample("reserve_scanner_unit_standing", (*of_unit, each.value), float(each is stands))
            if reserve["owedBasis"] is not None:
                for word in Shows:
                    shown = float(reserve["owedBasis"]["shows"] == word)
                    self._sample("reserve_scanner_owed_shown", (*of_unit, word.value), shown)
        self._verdict("reserve_scanner_verdict", labels, finding["verdict"])
        scanned, as_of, owed_as_of = map(_unix, (predicate["run"]["scannedAt"], finding["asOf"], finding["owedAsOf"]))
        self._sample("reserve_scanner_attestation_timestamp_seconds", labels, scanned)
        self._sample("reserve_scanner_as_of_timestamp_seconds", labels, as_of)
        self._sample("reserve_scanner_owed_as_of_timestamp_seconds", labels, owed_as_of)

    def keep(self, before: str, claims: Collection[str]) -> None:
        """What `before` says of these claims."""
        kept: list[tuple[str, tuple[str, ...], float]] = []
        try:
            for family in text_string_to_metric_families(before):
                for sample in family.samples:
                    _, names = FOUND.get(sample.name, ("", ()))
                    if names and sample.labels.keys() == set(names) and sample.labels["claim"] in claims:
                        kept.append((sample.name, tuple(sample.labels[name] for name in names), float(sample.value)))
        except (ValueError, KeyError, IndexError):
            return
        for name, labels, value in kept:
            self._sample(name, labels, value)

    def collect(self) -> Collection[GaugeMetricFamily]:
        families = []
        for name, (help_text, labels) in FOUND.items():
            family = GaugeMetricFamily(name, help_text, labels=labels)
            for values, value in list(self._samples[name]):
                family.add_metric(values, value)
            families.append(family)
        return families

    def describe(self) -> Collection[GaugeMetricFamily]:
        return self.collect()

    def _verdict(self, name: str, labels: tuple[str, ...], verdict: str) -> None:
        for each in _VERDICTS:
            self._sample(name, (*labels, each), float(each == verdict))

    def _sample(self, name: str, labels: tuple[str, ...], value: float) -> None:
        self._samples[name].append((labels, value))


def _unknown(reserve: Mapping[str, Any], field: str) -> bool:
    """Whether a figure would be taken for what is not known."""
    return {"held": not_established(reserve), "ratio": not has_ratio(reserve)}.get(field, False)


def _unix(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
