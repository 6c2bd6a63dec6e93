"""A verifier of flows, written from the documents alone, agrees with ours: in what holds, and where it is refused. And
the golden flows hold in every run."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, read_envelope, write_envelope
from scanner.attesting.flows.statement import FLOWS as NAME
from scanner.attesting.flows.transfers_csv import TRANSFERS
from scanner.attesting.points import point_folder
from scanner.attesting.times import read_time
from scanner.errors import AttestationInvalid
from scanner.weighing.flows import Completeness, Incomplete
from tests.second_verifier.flows import refusal
from tests.support.attestations.attested import AUDITOR
from tests.support.golden_flows import CARA, DORA, EMIL, FLOWS, FLOWS_FOLDER, flows_files, verified_flows
from tests.support.strength import cases
from tests.support.tables import each_of

FOLDERS = [FLOWS_FOLDER / "v1" / name for name in sorted(FLOWS)]
_OTHER: list[Any] = [None, True, 0, 1, "", "0", "10", "COMPLETE", "BALANCES", "2023-11-21T00:00:00Z", [], {}]


def test_the_golden_flows_hold_and_show_what_they_are_named_for() -> None:
    lent, cut, missing = (verified_flows(FLOWS_FOLDER / "v1" / name).flows for name in FLOWS)
    coin, tether = sorted(lent.assets, key=lambda flow: flow.unit)
    assert (coin.shows, tether.shows) == (Completeness.NOT_LISTED, Completeness.COMPLETE)
    assert [(each.account, each.round_trip) for each in tether.counterparts] == [
        (CARA, True),
        (EMIL, False),
        (DORA, False),  # by one atom
    ]
    assert (tether.before.moved.came, tether.before.moved.went, tether.after.moved.came) == (13_500_001, 1_000_000, 7)
    assert cut.assets[0].lacking == (Incomplete.BALANCES, Incomplete.DIFFERENCE)
    assert {flow.shows for flow in missing.assets} == {Completeness.NOT_LISTED}


def test_what_lies_there_is_what_would_be_written() -> None:
    for name, golden in FLOWS.items():
        written = flows_files(golden)
        assert (
            json.loads(read_envelope(written[NAME]).payload)["predicate"]["flows"]["assets"]
            == (
                json.loads(read_envelope((FLOWS_FOLDER / "v1" / name / NAME).read_bytes()).payload)["predicate"][
                    "flows"
                ]["assets"]
            )
        )


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values that hold no others."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, inner in items for each in leaves(inner, (*path, key))] or [path]


def mutated(statement: Any, luck: random.Random) -> Any:
    """With one value in its predicate another, or one of its lists shorter."""
    changed = json.loads(json.dumps(statement))
    path = luck.choice(leaves(changed["predicate"]))
    parent = changed["predicate"]
    for key in path[:-1]:
        parent = parent[key]
    if isinstance(parent, list) and luck.random() < 0.5:
        parent.pop(luck.randrange(len(parent)))
    elif isinstance(parent[path[-1]], int) and luck.random() < 0.5:
        parent[path[-1]] += luck.choice([1, -1, 60])
    elif isinstance(parent[path[-1]], str) and parent[path[-1]] and luck.random() < 0.5:
        at = luck.randrange(len(parent[path[-1]]))
        parent[path[-1]] = parent[path[-1]][:at] + luck.choice("0123456789abcdef") + parent[path[-1]][at + 1 :]
    else:
        parent[path[-1]] = luck.choice(_OTHER)
    return changed


def sealed(folder: Path, statement: Any) -> None:
    """Signed anew, with the subjects that its predicate names where it names any."""
    try:
        flows = statement["predicate"]["flows"]
        points = {
            f"{point_folder(read_time(each['at']))}/statement.json": each["statement"] for each in flows["points"]
        }
        named = {"claim": flows["claim"], TRANSFERS: flows["transfers"], **points}
        statement["subject"] = [{"name": name, "digest": {"sha256": digest[7:]}} for name, digest in named.items()]
    except (ValueError, TypeError, KeyError, AttributeError):
        pass  # then it is of no shape
    (folder / NAME).write_bytes(write_envelope(Envelope(canonical.encode(statement)).signed(AUDITOR)))


def agreed_step(folder: Path) -> int | None:
    """In which step both refuse; None where both find that it holds."""
    found = refusal(folder)
    try:
        verified_flows(folder)
        ours, why = None, ""
    except AttestationInvalid as error:
        ours, why = error.step, str(error)
    assert (None if found is None else found.step) == ours, (str(found), why)
    return ours


@pytest.fixture
def golden(tmp_path: Path) -> list[Path]:
    return [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in FOLDERS]


def test_what_holds_for_us_holds_for_it() -> None:
    assert [agreed_step(folder) for folder in FOLDERS] == [None] * len(FOLDERS)


def test_it_agrees_on_mutations_of_statements(golden: list[Path]) -> None:
    steps = set()
    for number in range(cases(200)):
        luck = random.Random(number)
        folder = luck.choice(golden)
        original = (FLOWS_FOLDER / "v1" / folder.name / NAME).read_bytes()
        sealed(folder, mutated(json.loads(read_envelope(original).payload), luck))
        steps.add(agreed_step(folder))
    assert len(steps) > 2


@each_of(
    ("line", "column", "becomes"),
    [
        (1, "transaction", str.upper),  # another spelling of the same
        (1, "transaction", lambda text: text.removeprefix("0x")),
        (1, "transaction", lambda text: text[:-1]),
        (4, "block", lambda _: "0x" + "ab" * 32),  # a point names the block after it, and that names its parent
        (5, "block", lambda _: "0x" + "ab" * 32),  # a point's
        (7, "block", lambda _: "0x" + hashlib.sha256(b"156000").hexdigest()),  # that of another height
    ],
)
def test_it_agrees_that_blocks_and_transactions_are_those_of_one_chain(
    golden: list[Path], line: int, column: str, becomes: Callable[[str], str]
) -> None:
    folder = next(each for each in golden if each.name == "lent")
    statement = json.loads(read_envelope((folder / NAME).read_bytes()).payload)
    lines = [each.split(",") for each in gzip.decompress((folder / TRANSFERS).read_bytes()).decode().splitlines()]
    at = lines[0].index(column)
    lines[line][at] = becomes(lines[line][at])
    stated_with(folder, statement, "".join(",".join(each) + "\n" for each in lines))
    assert agreed_step(folder) == 8


def stated_with(folder: Path, statement: Any, transfers: str) -> None:
    """These transfers, in a file that the statement names; signed anew."""
    file = gzip.compress(transfers.encode(), mtime=0)
    (folder / TRANSFERS).write_bytes(file)
    statement["predicate"]["flows"]["transfers"] = f"sha256:{hashlib.sha256(file).hexdigest()}"
    sealed(folder, statement)


def test_it_agrees_on_mutations_of_transfers(golden: list[Path]) -> None:
    folder = next(each for each in golden if each.name == "lent")
    statement = json.loads(read_envelope((folder / NAME).read_bytes()).payload)
    text = gzip.decompress((folder / TRANSFERS).read_bytes()).decode()
    steps = set()
    for number in range(cases(100)):
        luck = random.Random(number)
        at = luck.randrange(len(text))
        changed = text[:at] + luck.choice("0123456789abcdef,\n") + text[at + 1 :]
        if luck.random() < 0.2:
            lines = text.splitlines(keepends=True)
            lines.insert(luck.randrange(len(lines)), lines.pop(luck.randrange(len(lines))))
            changed = "".join(lines)
        stated_with(folder, statement, changed)
        steps.add(agreed_step(folder))
    assert {8, 9} <= steps
