"""docs/predicate.md, run: its example is what this package writes, its shell lines check it, its lists are complete."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import PAYLOAD_TYPE
from scanner.attesting.evidence_csv import HEADER
from scanner.attesting.formats.v1 import TYPE as PREDICATE_TYPE
from scanner.attesting.signers import Ed25519Signer
from scanner.attesting.statement import STATEMENT_TYPE
from scanner.chains import opaque
from scanner.chains.bitcoin.keyless import ANYONE, UNSPENDABLE
from scanner.chains.control import SCHEMES
from scanner.chains.evm.slots import erc7201, layouts
from scanner.chains.family import Family, History
from scanner.chains.keyless_words import MODULE, PROTOCOL, ZERO
from scanner.chains.registry import FAMILIES
from scanner.core.control import Control
from scanner.core.evidence import Basis
from scanner.core.ids import Chain
from scanner.errors import FINDING_ONLY, LASTING, Why
from scanner.report.wording import CAUSES
from scanner.sources.published.labels import LabelTable
from scanner.sources.published.networks import TABLE as NETWORKS
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Cause
from tests.support.attestations.attested import (
    AUDITOR,
    BTC,
    ETH,
    EXCHANGE,
    STRANGER,
    USDT,
    attest,
    held,
    public_pem,
)
from tests.support.documented import EXAMPLE, block
from tests.support.places import ROOT

DOCS = ROOT / "docs"
DOC = (DOCS / "predicate.md").read_text("utf-8")


def test_the_example_is_what_this_package_writes() -> None:
    EXAMPLE.verify()
    assert block("json") == json.dumps(EXAMPLE.statement, indent=2) + "\n"
    assert block("csv") == b"".join(EXAMPLE.lines).decode()


def test_the_constants_are_those_of_the_code() -> None:
    for constant in (PAYLOAD_TYPE, STATEMENT_TYPE, PREDICATE_TYPE, HEADER.decode().rstrip()):
        assert constant in DOC


def test_every_key_of_the_example_is_described() -> None:
    described = set(re.findall(r"`(?:[a-z]+\.)?(\w+)`", DOC)) | set(
        re.findall(r'"(\w+)"', DOC.partition("## An example")[0])
    )
    data = {
        "sha256",
        *Why,
        *Control,
        "alpha",
        "beta",
        "gamma",
        "BTC",
        "USDT",
        "DUPLICATE",
        "1%",
        "5%",
        "10%",
    }  # its own keys
    assert keys_of(EXAMPLE.statement) - data <= described


def test_there_is_something_of_everything_in_the_example() -> None:
    finding = EXAMPLE.statement["predicate"]["finding"]
    assert all([finding["files"], finding["differences"], finding["coverage"], finding["challenge"]])
    assert {word for reserve in finding["reserves"] for word in reserve["control"]} >= {"SHOWN", "REPLAYABLE"}
    assert {snapshot["named"] for snapshot in finding["snapshots"]} == {True, False}
    assert all([*finding["gaps"], *finding["dissents"], *finding["proving"]["layouts"], *finding["policy"]["require"]])
    assert finding["gaps"]
    assert finding["dissents"]
    assert finding["proving"]["unproven"]


def test_every_storage_layout_is_described() -> None:
    """As patterns, since there are many: `Solidity mapping at slot <n>`."""
    table = DOC.partition("| layout | slot of a holder's balance |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ", table, re.MULTILINE)
    patterns = [re.escape(row).replace("<n>", r"\d+") for row in rows]
    for layout in layouts():
        assert sum(re.fullmatch(pattern, layout.name) is not None for pattern in patterns) == 1, layout.name
    assert erc7201("openzeppelin.storage.ERC20").hex() in table
    for pattern in patterns:
        assert any(re.fullmatch(pattern, layout.name) for layout in layouts())


def test_every_reason_for_going_without_proofs_is_described_word_for_word() -> None:
    rows = DOC.partition("| cause | what happened |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([^`]+)` \|", rows, re.MULTILINE) == [each.value for each in Cause]
    assert CAUSES.keys() == set(Cause)


def test_every_rule_for_accounts_that_are_nobodys_and_every_family_of_accounts_is_described() -> None:
    table = DOC.partition("## Accounts that count for nothing")[2].partition("## Verification")[0]
    no_rule = Family(accounts=opaque.FORMS).keyless
    assert "tables/keyless_accounts.csv" in table
    assert all(f"| {what} |" in table for what in (ANYONE, MODULE, PROTOCOL, UNSPENDABLE, ZERO))
    assert all(f"`{namespace}`" in table for namespace, family in FAMILIES.items() if family.keyless is not no_rule)
    families = DOC.partition("## Accounts\n")[2].partition("\n## ")[0]
    assert all(f"`{namespace}`" in families for namespace in FAMILIES)


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return {key for key in value if ":" not in key} | {key for each in value.values() for key in keys_of(each)}
    return {key for each in value for key in keys_of(each)} if isinstance(value, list) else set()


HEADINGS: dict[type[StrEnum], str] = {
    Why: "| why | what happened |",
    Basis: "| basis | a balance is believed because |",
    Control: "| control | what the proof published for the account shows |",
}


def named_after(words: str) -> set[str]:
    """What stands in backticks in the rest of the sentence, or of the bracket, that begins with these words."""
    rest = re.split(r"[.)](?=[ |\n])", DOC.partition(words)[2], maxsplit=1)[0]
    return set(re.findall(r"`([^`]+)`", rest))


def test_what_is_said_of_families_of_chains_is_so() -> None:
    any_account = bytes(20)
    asked = {
        name
        for name, each in FAMILIES.items()
        if each.withdrawals or each.may_be_contract(Chain(name, "1"), any_account)
    }
    assert named_after("its chain is asked for such (") == asked
    tip = {name for name, each in FAMILIES.items() if each.history is History.TIP}
    assert named_after("which rows of other chains never are. Such are the\nchains of ") == tip
    proven = {name for name, each in FAMILIES.items() if each.state_proofs is not None}
    assert named_after("on each chain with state proofs: on those of ") == proven
    slow = {name for name, each in FAMILIES.items() if each.longest_standstill == timedelta(hours=6)}
    assert named_after("is at most so old at `asOf`: six hours on ") == slow
    assert {each.longest_standstill for each in FAMILIES.values()} == {timedelta(hours=6), timedelta(hours=24)}


def test_the_reasons_that_asking_again_cannot_fill_are_those_of_the_code() -> None:
    row = next(line for line in DOC.splitlines() if line.startswith("| `lastingGaps` |"))
    named = set(re.findall(r"`([A-Z_]+)`", row.partition("cannot fill: ")[2].partition(" unless ")[0]))
    assert named == {why.value for why in LASTING}


@pytest.mark.parametrize(("names", "heading"), HEADINGS.items())
def test_every_reason_basis_and_control_is_described_and_none_besides(names: type[StrEnum], heading: str) -> None:
    rows = DOC.partition(heading)[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)) == sorted(names)


@pytest.mark.parametrize("signer", [EXCHANGE, AUDITOR])
def test_openssl_alone_checks_each_signature(tmp_path: Path, signer: Ed25519Signer) -> None:
    assert check_with_openssl(tmp_path, EXAMPLE.envelope, signer) == (0, "Signature Verified Successfully")


def test_openssl_refuses_a_changed_statement(tmp_path: Path) -> None:
    changed = EXAMPLE.with_statement(lambda statement: statement["predicate"]["run"].update(scanner="2"), sign=False)
    assert check_with_openssl(tmp_path, changed.envelope, EXCHANGE)[0] != 0


def test_openssl_refuses_another_key(tmp_path: Path) -> None:
    assert check_with_openssl(tmp_path, EXAMPLE.envelope, STRANGER)[0] != 0


def check_with_openssl(folder: Path, envelope: bytes, signer: Ed25519Signer) -> tuple[int, str]:
    (folder / "attestation.dsse.json").write_bytes(envelope)
    (folder / "key.pub.pem").write_text(public_pem(signer))
    done = subprocess.run(
        ["sh", "-e", "-c", block("sh")], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.strip()


def test_the_line_that_makes_an_envelope_of_another_tool_one_of_these_does(tmp_path: Path) -> None:
    """Such as securesystemslib's, whose keyids are another digest of the key, or cosign's, which have none."""
    (line,) = re.findall(r"^    (jq .*)$", DOC, re.MULTILINE)
    ours = json.loads(EXAMPLE.envelope)
    first, second = (each["sig"] for each in ours["signatures"])
    theirs = {
        "payloadType": ours["payloadType"],
        "payload": ours["payload"],
        "signatures": [{"sig": second, "cert": None}, {"sig": first, "keyid": "ab" * 32}],
    }
    made = canonical.encode(
        {**theirs, "signatures": [{"keyid": "", "sig": second}, {"keyid": "ab" * 32, "sig": first}]}
    )
    assert replace(EXAMPLE, envelope=made + b"\n").verify().unchecked == ()
    if shutil.which("jq"):
        (tmp_path / "theirs.json").write_text(json.dumps(theirs, indent=2))
        done = subprocess.run(["sh", "-c", f"{line} theirs.json"], cwd=tmp_path, check=True, capture_output=True)
        assert done.stdout == made + b"\n"


CONTROL_PAGE = (DOCS / "control.md").read_text("utf-8")


def test_every_scheme_of_control_is_described_and_the_forms_are_the_table_s() -> None:
    schemes = CONTROL_PAGE.partition("## The schemes")[2]
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \| (?!`)", schemes, re.MULTILINE)) >= set(SCHEMES)
    with (DOCS / "tables" / "signature_forms.csv").open() as file:
        forms = [(row["namespace"], row["pattern"], tuple(row["schemes"].split(";"))) for row in csv.DictReader(file)]
    assert forms == [
        (name, form.pattern.pattern, form.schemes)
        for name, family in sorted(FAMILIES.items())
        for form in family.signature_forms
    ]


def test_the_tables_of_labels_networks_and_hashes_say_what_the_code_does() -> None:
    labels = LabelTable()
    with (DOCS / "tables" / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100
    for row in rows:
        network = next(each.name for each in NETWORKS if each.chain == row["chain"])
        listed = labels.find(row["label"], network)
        assert listed.known is not None
        assert (str(listed.asset), listed.known.backs, listed.known.decimals) == (
            row["asset"],
            row["unit"],
            int(row["decimals"]),
        )
        if row["own"]:
            assert str(labels.find(row["label"], "").asset) == row["asset"]
    with (DOCS / "tables" / "block_hashes.csv").open() as file:
        assert {row["namespace"]: row["pattern"] for row in csv.DictReader(file)} == {
            name: family.block_hash.pattern for name, family in FAMILIES.items()
        }


DETAILS = DOC.partition("### Reasons that only a finding has")[2].partition("\n### ")[0]


def test_the_details_of_reasons_that_only_a_finding_has_are_written_out_in_their_order() -> None:
    named = re.findall(r"^\| `([A-Z_]+)` \|", DETAILS, re.MULTILINE)
    assert named == ["UNKNOWN_CONTRACT", "ALIAS", "WEAK_BASIS", "NO_CONTROL"]
    assert set(named) == FINDING_ONLY
    for words in (
        "only the claim says that its coins are ",
        "the table of contracts has it as ",
        "the same coins as ",
        ", where the policy requires ",
    ):
        assert words in DETAILS


def test_what_goes_first_of_a_weak_basis_and_too_little_control_is_as_it_is_said() -> None:
    policy = Policy(require={"ETH": Basis.PROVEN}, require_ownership=Control.SHOWN)
    attested = attest(held(), policy=policy, signers=(EXCHANGE,))
    gaps = {(gap["asset"], gap["why"], gap["detail"]) for gap in attested.statement["predicate"]["finding"]["gaps"]}
    assert gaps == {
        (str(ETH.id), "WEAK_BASIS", "QUORUM, where the policy requires PROVEN"),
        *((str(each.id), "NO_CONTROL", "control ABSENT, where the policy requires SHOWN") for each in (BTC, USDT)),
    }
