"""Versions of the predicate: each statement is verified in the one that it names, and all stand side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting.formats import FORMATS, newest
from scanner.attesting.formats.interface import Format
from scanner.attesting.formats.v1 import TYPE, V1
from scanner.core.shape import record, whole
from scanner.errors import AttestationInvalid
from scanner.history.entry import read_predicate
from scanner.history.log import append, open_history
from scanner.history.summary import summary
from scanner.report.page.document import render, script
from scanner.report.site.build import build
from scanner.report.site.shell import RSS, Site, attestation_file
from scanner.report.table import render as table
from scanner.weighing.finding import Finding
from tests.support.attestations.attested import Attested, Seal, a_claim, attest

AT = datetime(2023, 11, 24, tzinfo=UTC)


def _write(finding: Finding) -> dict[str, Any]:
    return {**V1.write_finding(finding), "balances": sum(each.read for each in finding.coverage)}


def _from_v1(predicate: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**predicate, "finding": {**predicate["finding"], "balances": None}}


V2 = Format(
    2,
    TYPE.replace("/v1", "/v2"),
    record(finding=record(**V1.shape.fields["finding"].fields, balances=whole()), run=V1.shape.fields["run"]),
    _write,
    V1.write_run,
    V1.read,
    lambda predicate: predicate,
)
FIRST = attest(signers=(Seal(b"secret"),))


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Attested:
    """An attestation in a second version, with one more field of the finding, in which new statements are written."""
    monkeypatch.setitem(FORMATS, V1.type, replace(V1, view=_from_v1))
    monkeypatch.setitem(FORMATS, V2.type, V2)
    claim = a_claim(as_of=datetime(2023, 12, 22, 16, tzinfo=UTC), digest=hashlib.sha256(b"the next claim").hexdigest())
    return attest(claim=claim, signers=(Seal(b"secret"),))


def test_new_statements_are_in_the_newest_version(second: Attested) -> None:
    assert newest() is V2
    assert second.statement["predicateType"] == V2.type
    assert second.statement["predicate"]["finding"]["balances"] == 7


def test_each_is_verified_in_the_version_that_it_names(second: Attested) -> None:
    assert second.verify().finding.verdict == FIRST.verify().finding.verdict
    assert FIRST.verify().predicate["finding"]["balances"] is None


def test_what_only_the_newer_version_has_is_recomputed_there(second: Attested) -> None:
    def more(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["balances"] += 1

    with pytest.raises(AttestationInvalid, match=r"step 9.*finding.balances is stated as 8") as failed:
        second.with_statement(more, sign=True).verify()
    assert failed.value.step == 9


@pytest.mark.parametrize("named", [V1.type, V2.type])
def test_a_predicate_of_another_version_than_is_named_is_refused(named: str, second: Attested) -> None:
    def rename(statement: dict[str, Any]) -> None:
        statement["predicateType"] = named

    other = second if named == V1.type else FIRST
    with pytest.raises(AttestationInvalid, match=r"step 3.*balances") as failed:
        other.with_statement(rename, sign=True).verify()
    assert failed.value.step == 3


def test_a_version_that_is_not_known_is_one_clear_refusal() -> None:
    def rename(statement: dict[str, Any]) -> None:
        statement["predicateType"] = V2.type
        statement["predicate"] = {"of": "another shape"}

    refusal = rf"step 3.*{V2.type}' is no version of the predicate that this scanner reads; it reads {TYPE}. A newer"
    with pytest.raises(AttestationInvalid, match=refusal) as failed:
        FIRST.with_statement(rename, sign=True).verify()
    assert failed.value.step == 3


def test_both_stand_in_one_history_and_on_one_site(second: Attested, tmp_path: Path) -> None:
    with open_history(str(tmp_path / "history.sqlite"), create=True) as history:
        for attested in (FIRST, second):
            append(history, attested.envelope, attested.claim, attested.keys, BytesIO(attested.evidence), at=AT)
        (told,) = summary(history)["exchanges"]
        assert [each["asOf"] for each in told["attestations"]] == ["2023-11-22T16:00:00Z", "2023-12-22T16:00:00Z"]
        assert [len(each["series"]) for each in told["units"]] == [2, 2, 2]
        site = Site("Reserves", summary(history))

        def read(listed: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
            document = history.document(listed["entry"])
            return document, read_predicate(document)

        files = dict(build(site, read, lambda listed: history.statement(listed["entry"])))
        assert {attestation_file(each["attestation"]) for each in told["attestations"]} <= files.keys()
        assert all(f"as of {month}" in files[RSS].decode() for month in ("2023-11-22", "2023-12-22"))


def test_page_and_table_show_both(second: Attested) -> None:
    for attested in (FIRST, second):
        shown = attested.verify()
        assert "Example Exchange" in table(shown.predicate)
        assert b"Example Exchange" in render(shown.predicate, attested.envelope)


def test_the_page_s_script_reads_every_version() -> None:
    assert [each for each in FORMATS if f'["{each}", ' not in script()] == []
