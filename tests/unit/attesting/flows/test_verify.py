"""Flows checked again: what holds, and that each thing in them that is changed is found, and in its step."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, write_envelope
from scanner.attesting.flows.statement import is_flows, read_flows, signed_flows
from scanner.attesting.flows.transfers_csv import TRANSFERS
from scanner.attesting.points import MomentsRun, point_folder
from scanner.attesting.series.statement import is_series
from scanner.chains.registry import FAMILIES
from scanner.core.transfers import NOT_ONE
from scanner.errors import AttestationInvalid
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import toy
from tests.support.toy_flows import CARA, LENT, Lists, Made, made
from tests.support.toy_series import AS_OF, MOMENT, NOW, a_claim

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    FAMILIES["toy"] = toy()
    yield
    del FAMILIES["toy"]


@pytest.fixture(scope="module")
def flows(_toys: None) -> Made:
    return made()


def resealed(of: Made, change: Change) -> Made:
    """The same with something else in its predicate, and subjects to fit, sealed by the same key."""
    statement = json.loads(of.statement)
    change(statement["predicate"])
    stated = statement["predicate"]["flows"]
    points = {
        f"{point_folder(datetime.fromisoformat(point['at']))}/statement.json": point["statement"]
        for point in stated["points"]
    }
    named = {"claim": stated["claim"], TRANSFERS: stated["transfers"], **points}
    statement["subject"] = [
        {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}} for name, digest in named.items()
    ]
    payload = canonical.encode(statement)
    return replace(of, document=write_envelope(Envelope(payload).signed(Seal(b"x"))), statement=payload)


def with_transfers(of: Made, change: Callable[[list[str]], object]) -> Made:
    """The same with other lines in the file of transfers, named by its digest."""
    lines = gzip.decompress(of.files[TRANSFERS]).decode().splitlines(keepends=True)
    change(lines)
    file = gzip.compress("".join(lines).encode(), mtime=0)
    digest = f"sha256:{hashlib.sha256(file).hexdigest()}"
    return resealed(replace(of, files={**of.files, TRANSFERS: file}), lambda p: p["flows"].update(transfers=digest))


def refused(of: Made, step: int, why: str, **arguments: Any) -> None:
    with pytest.raises(AttestationInvalid, match=why) as error:
        of.verified(**arguments)
    assert error.value.step == step


def test_flows_hold_and_are_computed_again(flows: Made) -> None:
    shown = flows.verified()
    assert shown.flows == flows.flows
    (stated,) = shown.predicate["flows"]["assets"]
    assert (stated["shows"], stated["basis"], stated["roundTrips"]) == ("COMPLETE", "QUORUM", 1)
    assert stated["before"] == {
        "listed": {
            **{"came": "13", "went": "0", "net": "13", "among": "0.4", "transfers": 3},
            **{"largestShare": "0.769230", "herfindahl": "0.644970"},  # 10 and 3 of 13
        },
        "change": "13",
        "unread": 0,
        "differing": 0,
    }
    assert [each["account"] for each in stated["counterparts"]] == ["cara", "dora"]
    assert stated["held"] == "113"


def test_only_a_demanded_key_makes_them_hold(flows: Made) -> None:
    refused(replace(flows, document=b"{}"), 1, "step 1")
    other = write_envelope(Envelope(flows.statement).signed(Seal(b"y")))
    refused(replace(flows, document=other), 2, "not signed by the key")


@pytest.mark.parametrize(
    ("change", "step", "why"),
    [
        (lambda f: f.pop("window"), 3, "window is missing"),
        (lambda f: f.update(extra=1), 3, "unknown key"),
        (lambda f: f["points"].pop(), 3, "2 items, at least 3"),
        (lambda f: f["points"].__setitem__(0, f["points"][1]), 3, "stands there twice"),
        (lambda f: f["assets"].append(f["assets"][0]), 3, "stands there twice"),
        (lambda f: f["assets"][0].update(operators=["beta", "alpha"]), 3, "out of order"),
        (lambda f: f.update(claim="sha256:" + "1" * 64), 4, "it is of the claim sha256:1111"),
        (lambda f: f.update(asOf="2026-01-01T00:16:01Z"), 4, "another moment than the claim's"),
        (lambda f: f.update(window=660), 5, "at other moments"),
        (lambda f: f.update(window=90), 5, "whole minutes"),
        (lambda f: f["points"][0].update(at="2026-01-01T00:05:59Z"), 5, "at other moments"),
        (lambda f: f["points"][0].update(statement="sha256:" + "1" * 64), 6, "is not the one that is named"),
        (lambda f: f["policy"].update(quorum=3), 6, "another policy than the statement"),
        (lambda f: f.update(transfers="sha256:" + "1" * 64), 8, "the file of transfers is sha256:"),
        (lambda f: f["assets"][0].update(operators=["alpha"]), 8, "too few operators"),
        (lambda f: f["assets"][0].update(operators=["alpha", "gamma"]), 8, "by others than the operators"),
        (lambda f: f["assets"][0].update(gap={"why": "REFUSED", "detail": ""}), 8, "of which none are listed"),
        (lambda f: f["assets"].pop(), 8, "other assets than the claim's"),
        (lambda f: f.update(exchange="Y"), 9, "predicate.flows.exchange is stated as"),
        (lambda f: f["assets"][0].update(shows="INCOMPLETE"), 9, "shows"),
        (lambda f: f["assets"][0].update(basis="OWN"), 9, "basis"),
        (lambda f: f["assets"][0].update(roundTrips=0), 9, "roundTrips"),
        (lambda f: f["assets"][0].update(unit="USDT"), 9, "unit"),
        (lambda f: f["assets"][0].update(held="114"), 9, "held"),
        (lambda f: f["assets"][0].update(others=1), 9, "others"),
        (lambda f: f["assets"][0]["before"].update(change="12"), 9, "change"),
        (lambda f: f["assets"][0]["before"].update(differing=1), 9, "differing"),
        (lambda f: f["assets"][0]["after"]["listed"].update(went="10.44"), 9, "went"),
        (lambda f: f["assets"][0]["counterparts"].pop(), 9, "counterparts"),
        (lambda f: f["assets"][0]["counterparts"][0].update(roundTrip=False), 9, "roundTrip"),
        (lambda f: f["assets"][0]["counterparts"][0].update(account="emil"), 9, "account"),
    ],
)
def test_whatever_is_changed_in_the_statement_is_found(flows: Made, change: Change, step: int, why: str) -> None:
    refused(resealed(flows, lambda predicate: change(predicate["flows"])), step, why)


def edited(number: int, column: int, text: str) -> Callable[[list[str]], object]:
    def change(lines: list[str]) -> None:
        values = lines[number].rstrip("\n").split(",")
        values[column] = text
        lines[number] = ",".join(values) + "\n"

    return change


@pytest.mark.parametrize(
    ("change", "step", "why"),
    [
        (lambda lines: lines.pop(1), 9, "assets"),  # one less: the flow is not complete any more
        (lambda lines: lines.pop(0), 8, "another header"),
        (lambda lines: lines.insert(2, lines[1]), 8, "out of order, or twice"),
        (lambda lines: lines.append("toy:main\n"), 8, "number of columns"),
        (lambda lines: lines.append("x"), 8, "no line feed"),
        (edited(1, 0, "toy:main/slip44:7778"), 8, "out of order|none are listed"),
        (edited(1, 1, "1"), 8, "not between the moments"),
        (edited(1, 1, "0460"), 8, "is no number"),
        (edited(1, 2, "-1"), 8, "is no number"),
        (edited(1, 3, "a b"), 8, "none of the chain's"),
        (edited(1, 4, "a b"), 8, "id is none"),
        (edited(1, 5, "CARA"), 8, "expected four letters"),
        (edited(1, 6, "dora"), 8, "between accounts of others"),
        (edited(1, 6, "bert"), 9, "assets"),
        (edited(1, 7, "0"), 8, "is no number from 1"),
        (edited(1, 7, "1001"), 9, "assets"),
        (edited(1, 7, "9" * 90), 8, "is no number"),
        (edited(5, 1, str(MOMENT)), 8, "out of order|two blocks"),
    ],
)
def test_whatever_is_changed_in_the_transfers_is_found(
    flows: Made, change: Callable[[list[str]], object], step: int, why: str
) -> None:
    refused(with_transfers(flows, change), step, why)


def test_a_file_of_transfers_that_is_another_one_is_never_read(flows: Made) -> None:
    for spoilt in (flows.files[TRANSFERS][:-1], b"", flows.files[TRANSFERS] + b"x"):
        refused(replace(flows, files={**flows.files, TRANSFERS: spoilt}), 8, "the file of transfers is sha256:")


def test_the_files_of_a_moment_are_those_that_are_named(flows: Made) -> None:
    first, second = (point_folder(point.at) for point in flows.flows.points[:2])
    for name, why in (("statement.json", "is not the one that is named"), ("evidence.csv.gz", "step 5")):
        files = {**flows.files, f"{first}/{name}": flows.files[f"{second}/{name}"]}
        refused(replace(flows, files=files), 6, why)


def test_flows_are_dated_after_their_last_moment(flows: Made) -> None:
    early = resealed(flows, lambda p: p["run"].update(scannedAt="2026-01-01T00:20:00Z"))
    refused(early, 5, "before its last moment")


def test_the_claim_of_another_moment_is_another_claim(flows: Made) -> None:
    refused(flows, 4, "another moment", claim=a_claim(as_of=AS_OF + timedelta(seconds=1)))


def test_a_policy_that_is_demanded_is_held_against_the_flows(flows: Made) -> None:
    assert flows.verified(policy=Policy(quorum=2)).flows == flows.flows
    refused(flows, 10, "laxer", policy=Policy(quorum=3))


def test_a_list_cannot_be_said_to_be_believed_that_one_operator_made() -> None:
    """The signer of a gap states that two listed: with the transfers that only one did."""
    gap = made({"alpha": Lists(), "beta": Lists(able=False), "gamma": Lists(able=False)})

    def listed(predicate: dict[str, Any]) -> None:
        predicate["flows"]["assets"][0] |= {"gap": None, "operators": ["alpha"], "shows": "COMPLETE", "lacking": []}

    refused(resealed(gap, listed), 8, "too few operators")


def test_flows_are_distinguished_from_other_statements(flows: Made) -> None:
    assert is_flows(flows.statement)
    assert not is_series(flows.statement)
    point = flows.files[f"{point_folder(AS_OF)}/statement.json"]
    assert not is_flows(point)
    with pytest.raises(ValueError, match="is no version of flows"):
        read_flows(point)


def test_what_came_from_no_one_account_and_went_to_none_is_no_round_trip() -> None:
    sent = [
        (height, NOT_ONE if source == CARA else source, NOT_ONE if target == CARA else target, atoms)
        for height, source, target, atoms in LENT
    ]
    found = made({name: Lists(sent) for name in ("alpha", "beta")})
    shown = found.verified()
    assert shown.flows == found.flows
    (stated,) = shown.predicate["flows"]["assets"]
    assert (stated["shows"], stated["roundTrips"]) == ("COMPLETE", 0)
    (none, _) = stated["counterparts"]
    assert (none["account"], none["before"]["came"], none["after"]["went"]) == (None, "10", "9.95")
    assert b"sent0,,anna,1000\n" in gzip.decompress(found.files[TRANSFERS])


def test_two_who_asked_the_same_nodes_state_the_same(flows: Made) -> None:
    again = made(now=NOW + timedelta(hours=7))
    assert (
        read_flows(again.statement).predicate["flows"]["assets"]
        == read_flows(flows.statement).predicate["flows"]["assets"]
    )
    assert again.files[TRANSFERS] == flows.files[TRANSFERS]


def test_unsigned_it_is_the_statement_alone(flows: Made, tmp_path: Any) -> None:
    with (tmp_path / TRANSFERS).open("wb") as file:
        run = MomentsRun(NOW + timedelta(hours=1), "1.0.0")
        name, document, statement = signed_flows(flows.flows, run, [], lambda _: file)
    assert (name, document) == ("flows.json", statement)
    assert (tmp_path / TRANSFERS).read_bytes() == flows.files[TRANSFERS]
