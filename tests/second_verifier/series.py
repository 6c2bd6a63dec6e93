"""A second verifier of series: all nine steps on a folder, with nothing of the package. See docs/series.md."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from jsonschema_rs import Draft202012Validator

from tests.second_verifier.accounts import DOCS
from tests.second_verifier.reading import (
    Claim,
    Json,
    Refused,
    canonical,
    check_signed,
    encoded,
    moment,
    need,
    opened,
    predicate_of,
    table,
)
from tests.second_verifier.verify import judged
from tests.second_verifier.weighing import cut, exact

TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-series/v1"
SCHEMA: Final = Draft202012Validator(json.loads((DOCS / "schema" / "series.schema.json").read_text()))
DAYS: Final = tuple(timedelta(days=days) for days in (1, 7, 30))
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def refusal(folder: Path) -> Refused | None:
    """Why the series in a folder does not hold; None if it does."""
    try:
        verify(folder)
    except Refused as refused:
        return refused
    return None


def verify(folder: Path) -> None:
    """Raises Refused."""
    payload, signatures = opened((folder / "series.dsse.json").read_bytes())
    check_signed(payload, signatures, (folder / "auditor.pub.pem").read_text())
    series, run = _predicate(payload)
    claim = Claim.read((folder / "claim.yaml").read_bytes())
    need(4, series["claim"] == f"sha256:{claim.digest}", "it is of another claim")
    need(4, moment(series["asOf"]) == moment(claim.fields["as_of"]), "of another moment")
    schedule = Schedule(series)
    schedule.check(claim, run)
    findings = {at: _point(folder, at, digest, claim, series) for at, digest in schedule.points.items()}
    revisions = {finding["tablesRevision"] for finding in findings.values()}
    need(6, len(revisions) == 1, "points of several revisions of the tables")
    _check_blocks(schedule, findings, claim)
    computed = Computed(schedule, findings, claim).whole()
    for key in sorted(series):
        need(8, encoded(series[key]) == encoded(computed[key]), f"series.{key}: {series[key]} is not {computed[key]}")


def _predicate(payload: bytes) -> tuple[Json, Json]:
    """Step 3."""
    need(3, len(payload) <= 16 * 2**20, "too long")
    statement = canonical(payload, 3)
    need(3, isinstance(statement, dict), "no statement")
    need(3, statement.keys() == {"_type", "subject", "predicateType", "predicate"}, "other keys")
    need(3, statement["_type"] == "https://in-toto.io/Statement/v1" and statement["predicateType"] == TYPE, "a type")
    error = next(SCHEMA.iter_errors(statement["predicate"]), None)
    need(3, error is None, error.message if error else "")
    series, run = statement["predicate"]["series"], statement["predicate"]["run"]
    named = {"claim": series["claim"]}
    named |= {f"points/{_stamp(each['at'])}/statement.json": each["statement"] for each in series["points"]}
    subject = [{"name": name, "digest": {"sha256": digest[7:]}} for name, digest in named.items()]
    need(3, statement["subject"] == subject, "the subjects are not what the predicate names")
    need(3, Fraction(series["policy"]["threshold"]) > 0, "a threshold of zero")
    Schedule(series).check_form()
    moment(run["scannedAt"])
    return series, run


def _stamp(time: str) -> str:
    return f"{moment(time):%Y%m%dT%H%M%SZ}"


class Schedule:
    """Stretches and moments, as they are stated."""

    def __init__(self, series: Json) -> None:
        self.series = series
        self.as_of = moment(series["asOf"])
        self.every = timedelta(seconds=series["schedule"]["every"])
        self.start, self.end = (moment(series["schedule"][end]) for end in ("start", "end"))
        self.points = {moment(each["at"]): each["statement"] for each in series["points"]}

    def check_form(self) -> None:
        minutes, rest = divmod(self.series["schedule"]["every"], 60)
        need(3, not rest, "no whole minutes")
        days, within = divmod(minutes, 1440)
        need(3, (days <= 30 and not within) if days else 1440 % minutes == 0, "no length of a stretch")
        for end in (self.start, self.end):
            need(3, (end - EPOCH) % self.every == timedelta(0), "no stretch begins there")
        need(3, 1 <= (self.end - self.start) // self.every <= 1000, "no stretches, or too many")
        starts = [moment(each["start"]) for each in self.series["stretches"]]
        need(3, starts == [*self.starts()], "other stretches")
        need(3, len(self.points) == len(self.series["points"]), "a point twice")
        for each in self.series["stretches"]:
            if each["block"] is not None:
                moment(each["block"]["time"])

    def starts(self) -> Iterable[datetime]:
        return (self.start + number * self.every for number in range((self.end - self.start) // self.every))

    def fixed(self) -> list[datetime]:
        return [self.as_of, *(self.as_of + after for after in DAYS if self.as_of + after <= self.end)]

    def drawn(self, stretch: Json) -> datetime | None:
        if stretch["block"] is None:
            return None
        seconds = self.series["schedule"]["every"]
        text = f"reserve-scanner series\n{stretch['block']['hash']}\n{stretch['start']}\n{seconds}"
        offset = int.from_bytes(hashlib.sha512(text.encode()).digest()) % seconds
        return moment(stretch["start"]) + timedelta(seconds=offset)

    def check(self, claim: Claim, run: Json) -> None:
        """Step 5, of claims whose chains can all be read in their past."""
        chain = min(asset.partition("/")[0] for asset, _ in claim.listed)
        stated = any(each["block"] for each in self.series["stretches"])
        need(5, not stated or self.series["schedule"]["chain"] == chain, "drawn by another chain")
        form = re.compile(
            {row["namespace"]: row["pattern"] for row in table("block_hashes.csv")}[chain.partition(":")[0]]
        )
        for each in self.series["stretches"]:
            if each["block"] is not None:
                fits = form.fullmatch(each["block"]["hash"]) and form.fullmatch(each["block"]["parent"])
                need(5, fits, "another form of hash")
        drawn = {self.drawn(each) for each in self.series["stretches"]} - {None}
        need(5, self.points.keys() == drawn | {*self.fixed()}, "other moments than those that are drawn")
        need(5, self.end <= moment(run["scannedAt"]) + timedelta(minutes=5), "dated before its end")


def _point(folder: Path, at: datetime, digest: str, claim: Claim, series: Json) -> Json:
    """Step 6: the finding of one moment."""
    place = folder / "points" / f"{at:%Y%m%dT%H%M%SZ}"
    data = (place / "statement.json").read_bytes()
    need(6, digest == f"sha256:{hashlib.sha256(data).hexdigest()}", "another statement")
    try:
        predicate = predicate_of(data)
        finding = predicate["finding"]
        need(4, finding["claim"] == series["claim"] and moment(finding["asOf"]) == at, "another claim or moment")
        need(4, finding["policy"] == series["policy"], "another policy")
        judged(predicate, claim if at == moment(series["asOf"]) else claim.moved(), place)
    except Refused as refused:
        raise Refused(6, str(refused)) from None
    found: Json = finding
    return found


def _check_blocks(schedule: Schedule, findings: dict[datetime, Json], claim: Claim) -> None:
    """Step 7."""
    stated: dict[str, list[tuple[datetime | None, Json]]] = {}
    chain = schedule.series["schedule"]["chain"]
    for each in schedule.series["stretches"]:
        if each["block"] is not None:
            stated.setdefault(chain, []).append((moment(each["start"]) + schedule.every, each["block"]))
    for at, finding in findings.items():
        for block in finding["snapshots"]:
            if block["weighed"]:
                named = at == schedule.as_of and block["named"]
                stated.setdefault(block["chain"], []).append((None if named else at, block))
    for blocks in stated.values():
        for _, one in blocks:
            need(7, one["hash"] != one["parent"], "a block that is its own parent")
            for _, other in blocks:
                same = one["height"] == other["height"]
                facts = all(one[key] == other[key] for key in ("hash", "parent", "time"))
                need(7, facts if same else one["hash"] != other["hash"], "two blocks in one")
                follows = one["height"] + 1 != other["height"] or other["parent"] == one["hash"]
                need(7, follows, "blocks that do not follow each other")
        ordered = sorted(((at, block) for at, block in blocks if at is not None), key=lambda pair: pair[0])
        for at, block in ordered:
            need(7, moment(block["time"]) <= at, "a block after its moment")
        for (at, one), (_, other) in pairwise(ordered):
            need(7, one["height"] <= other["height"], "an earlier block of a later moment")
            need(7, one["height"] == other["height"] or moment(other["time"]) > at, "not the last block by its moment")


class Computed:
    """Step 8: what follows from the findings of all moments."""

    def __init__(self, schedule: Schedule, findings: dict[datetime, Json], claim: Claim) -> None:
        self.schedule, self.findings, self.claim = schedule, findings, claim
        self.units = sorted(claim.fields["liabilities"])

    def whole(self) -> Json:
        series = self.schedule.series
        return {
            "exchange": self.claim.fields["exchange"],
            "asOf": series["asOf"],
            "claim": series["claim"],
            "complete": self.findings[self.schedule.as_of]["complete"],
            "policy": series["policy"],
            "share": None,
            "schedule": series["schedule"],
            "stretches": [
                {**each, "moment": None if (at := self.schedule.drawn(each)) is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"}
                for each in series["stretches"]
            ],
            "points": [
                {
                    "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                    "statement": self.schedule.points[at],
                    "units": [self._unit(at, unit) for unit in self.units],
                }
                for at in sorted(self.findings)
            ],
            "sustained": [self._sustained(unit, window) for unit in self.units for window in self._windows()],
            "later": [
                self._later(unit, after)
                for unit in self.units
                for after in DAYS
                if self.schedule.as_of + after <= self.schedule.end
            ],
        }

    def _reserve(self, at: datetime, unit: str) -> Json:
        found: Json = next(each for each in self.findings[at]["reserves"] if each["unit"] == unit)
        return found

    def _unit(self, at: datetime, unit: str) -> Json:
        reserve = self._reserve(at, unit)
        apart = any(each["why"] == "MOMENTS_APART" for each in reserve["withheld"])
        return {key: reserve[key] for key in ("unit", "held", "gaps", "atLeast")} | {"apart": apart}

    def _whole(self, at: datetime, unit: str) -> bool:
        found = self._unit(at, unit)
        return not (found["gaps"] or found["atLeast"] or found["apart"])

    def _held(self, at: datetime, unit: str) -> Fraction:
        return Fraction(self._reserve(at, unit)["held"])

    def _blocks(self, at: datetime, unit: str) -> tuple[str, ...]:
        finding = self.findings[at]
        chains = {each["asset"].partition("/")[0] for each in finding["coverage"] if each["unit"] == unit}
        return tuple(each["hash"] for each in finding["snapshots"] if each["weighed"] and each["chain"] in chains)

    def _windows(self) -> list[timedelta]:
        schedule = self.schedule
        most = min(schedule.as_of - schedule.start, schedule.end - schedule.as_of) // schedule.every * schedule.every
        return sorted({each for each in DAYS if each <= most} | {most}) if most > timedelta(0) else []

    def _sustained(self, unit: str, window: timedelta) -> Json:
        now, owed = self.schedule.as_of, self.claim.owed()[unit][0]
        before = [at for at in self.findings if now - window <= at < now]
        after = [at for at in self.findings if now < at <= now + window]
        counts = [len({self._blocks(at, unit) for at in side} - {self._blocks(now, unit)}) for side in (before, after)]
        lacking = []
        if not all(self._whole(at, unit) for at in (now, *before, *after)):
            lacking.append("GAPS")
        for stretch in self.schedule.series["stretches"]:
            start = moment(stretch["start"])
            reaches = start < now + window and start + self.schedule.every > now - window
            if stretch["block"] is None and reaches and "NOT_DRAWN" not in lacking:
                lacking.append("NOT_DRAWN")
        if not all(counts):
            lacking.append("NO_BLOCKS")
        held = self._held(now, unit)
        found: dict[str, Any] = dict.fromkeys(("leastBefore", "leastAfter", "sustained", "transient", "ratio"))
        found["shows"] = "NOT_SHOWN"
        if not lacking:
            least = [min(self._held(at, unit) for at in side) for side in (before, after)]
            sustained = min(held, max(least))
            found |= {"leastBefore": exact(least[0]), "leastAfter": exact(least[1]), "sustained": exact(sustained)}
            found |= {"transient": exact(held - sustained), "ratio": cut(sustained / owed) if owed else None}
            found["shows"] = "FOUND" if held > sustained else "NONE_FOUND"
        stated = None if owed is None else exact(owed)
        head = {"unit": unit, "window": int(window.total_seconds()), "before": counts[0], "after": counts[1]}
        return {**head, "held": exact(held), "owed": stated, **found, "lacking": lacking}

    def _later(self, unit: str, after: timedelta) -> Json:
        now, then = self.schedule.as_of, self.schedule.as_of + after
        held = self._held(then, unit) if self._whole(then, unit) else None
        known = held is not None and self._whole(now, unit)
        change = exact(held - self._held(now, unit)) if known and held is not None else None
        return {
            "unit": unit,
            "after": int(after.total_seconds()),
            "held": None if held is None else exact(held),
            "change": change,
        }
