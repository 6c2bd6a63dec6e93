"""`scanner included`: a customer asks whether an account is in it, and is answered in plain sentences."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.commands import main
from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.proofs.liabilities.reading import MOST_USER_BYTES
from scanner.weighing.claim import Liability
from tests.support.attestations.attested import Seal, a_claim, attest
from tests.support.liabilities.liability_trees import bitmex_tree, okx_paths, okx_tree, records, strip

HELD = records(5)
LINES, USERS = okx_tree(HELD)
TREE = "\n".join(LINES) + "\n"
ETH_OWED = strip(sum((each["ETH"] for each in HELD), start=HELD[0]["ETH"] * 0))
PATHS = okx_paths(HELD)
ROOT = PATHS[0]["path"][-1]["hash"]


@dataclass
class Answer:
    code: int
    text: str


Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The command on a customer's file, with what follows."""

    def run(user: Any, *arguments: str) -> Answer:
        file = tmp_path / "mine.json"
        file.write_text(user if isinstance(user, str) else json.dumps(user))
        code = main(["included", str(file), *arguments])
        told = capsys.readouterr()
        return Answer(code, " ".join((told.out + told.err).split()))

    return run


@pytest.fixture
def claim(tmp_path: Path) -> Callable[..., str]:
    """The path of a claim that names this file as the proof of its ETH. Files of what is held are not there."""

    def write(scheme: str, content: str | None = None, owed: str = ETH_OWED, root: str | None = None) -> str:
        named = [f"scheme: {scheme}"]
        if content is not None:
            (tmp_path / "tree").write_text(content)
            named.append(f"file: tree, sha256: {hashlib.sha256(content.encode()).hexdigest()}")
        if root is not None:
            named.append(f"root: {root}")
        path = tmp_path / "claim.yaml"
        path.write_text(
            f"version: 1\nexchange: X\nas_of: 2026-01-01T00:00:00Z\nliabilities:\n"
            f'  ETH: {{amount: "{owed}", proof: {{{", ".join(named)}}}}}\n'
            f"holdings:\n  - {{file: missing.csv, sha256: {'ab' * 32}}}\n"
        )
        return str(path)

    return write


@pytest.fixture
def attestation(tmp_path: Path) -> Callable[..., str]:
    """The path of an attestation of which ETH's amount rests on this."""

    def write(basis: OwedBasis) -> str:
        liabilities = {"ETH": Liability("ETH", Fraction(1), basis=basis), "BTC": Liability("BTC", None)}
        path = tmp_path / "attestation.json"
        path.write_bytes(attest(claim=a_claim(liabilities=liabilities), signers=(Seal(b"secret"),)).envelope)
        return str(path)

    return write


def test_a_customer_in_the_tree_is_told_so_with_balances_root_and_what_it_does_not_show(
    ask: Ask, claim: Callable[..., str]
) -> None:
    answer = ask(USERS[1], "--claim", claim("okx-merkle-v2", TREE))
    assert answer.code == 0
    assert answer.text.startswith("Yes: this record is in it, with these balances.")
    for text in (LINES[0][:64], strip(HELD[1]["ETH"]), "2026-01-01T00:00:00Z", "TOTAL-PROVEN"):
        assert text in answer.text
    assert "What it does not show: that every account is among the records" in answer.text
    assert "It rests on this: every account is in the published file" in answer.text


def test_a_customer_who_was_left_out_is_told_so(ask: Ask, claim: Callable[..., str]) -> None:
    left_out = okx_tree(records(6))[1][5]
    answer = ask(left_out, "--claim", claim("okx-merkle-v2", TREE))
    assert answer.code == 4
    assert "is not in the tree with its amounts" in answer.text


def test_a_file_that_was_edited_is_not_taken_for_one_of_another_report(ask: Ask, claim: Callable[..., str]) -> None:
    edited = json.loads(json.dumps(PATHS[0]))
    edited["self"]["balances"]["ETH"] = "1"
    where = claim("okx-merkle-v1", root=ROOT)
    answer = ask(edited, "--claim", where)
    assert (answer.code, "does not hold" in answer.text) == (4, True)
    other = okx_paths(records(6))[0]
    answer = ask(other, "--claim", where)
    assert (answer.code, "belongs to another report" in answer.text) == (4, True)


def test_a_file_of_no_known_format_is_not_called_wrong(ask: Ask, claim: Callable[..., str]) -> None:
    answer = ask("a letter", "--claim", claim("okx-merkle-v1", root=ROOT))
    assert answer.code == 2
    assert answer.text.startswith("This cannot be answered: the file is not of a format that is known here.")


def test_a_file_beyond_our_bounds_accuses_neither_the_exchange_nor_what_it_published(
    ask: Ask, claim: Callable[..., str]
) -> None:
    """What is more than is read at all may be good."""
    answer = ask(" " * (MOST_USER_BYTES + 1), "--claim", claim("okx-merkle-v1", root=ROOT))
    assert (answer.code, "does not hold" in answer.text) == (2, False)
    answer = ask(USERS[1], "--claim", claim("okx-merkle-v2", "x" * (MOST_USER_BYTES + 1)))
    assert (answer.code, "does not hold" in answer.text) == (2, False)


def test_what_was_published_is_blamed_where_it_does_not_hold_itself(ask: Ask, claim: Callable[..., str]) -> None:
    forged = TREE.replace(LINES[-1], LINES[-1].replace('"ETH":"', '"ETH":"1'))
    answer = ask(USERS[1], "--claim", claim("okx-merkle-v2", forged))
    assert answer.code == 4
    assert answer.text.startswith("No: what the exchange published does not hold itself")


def test_a_total_that_the_claim_states_otherwise_is_told(ask: Ask, claim: Callable[..., str]) -> None:
    answer = ask(USERS[1], "--claim", claim("okx-merkle-v2", TREE, owed="1"))
    assert answer.code == 0
    assert f"ETH: {ETH_OWED} stand beside the root of this file, and 1 are said to be owed" in answer.text


def test_an_attestation_has_the_root_which_is_enough_for_a_path(ask: Ask, attestation: Callable[..., str]) -> None:
    path = attestation(OwedBasis(Shows.INCLUDED, "okx-merkle-v1", root=ROOT, entries=1))
    answer = ask(PATHS[2], "--attestation", path)
    assert answer.code == 0
    assert "its signature was not checked" in answer.text
    assert "What it does not show: that the total is right" in answer.text


def test_a_tree_is_asked_for_where_the_root_is_not_enough(
    ask: Ask, attestation: Callable[..., str], tmp_path: Path
) -> None:
    lines, users = bitmex_tree([500, 0, 2**40, 7])
    path = attestation(OwedBasis(Shows.TOTAL_PROVEN, "bitmex", root=lines[1][:64], entries=8))
    answer = ask(users[0], "--attestation", path)
    assert (answer.code, "--published" in answer.text) == (3, True)
    (tmp_path / "tree.csv").write_text("\n".join(lines) + "\n")
    answer = ask(users[0], "--attestation", path, "--published", str(tmp_path / "tree.csv"))
    assert (answer.code, "0.000005" in answer.text) == (0, True)


def test_what_a_scheme_has_to_be_told_can_be_told_beside_an_attestation(
    ask: Ask, attestation: Callable[..., str], tmp_path: Path
) -> None:
    rows = [["1", "1.50", "0"], ["2", "7", "1"]]
    digests = [hashlib.sha256(text.encode()).digest()[:8] for text in ("1,BTC:1.5,ETH:0.0", "2,BTC:7.0,ETH:1.0")]
    listed = "".join(f"1,{each}\t{digest.hex()}\n" for each, digest in enumerate(digests))
    (tmp_path / "leaves.txt").write_text("Level\tHash\n" + listed)
    root = hashlib.sha256(b"".join(digests)).hexdigest()
    path = attestation(OwedBasis(Shows.INCLUDED, "armanino", root=root, entries=2))
    published = ("--attestation", path, "--published", str(tmp_path / "leaves.txt"))
    user = "#ID,BTC,ETH\n" + ",".join(rows[0]) + "\n"
    assert ask(user, *published).code == 4
    answer = ask(user, *published, "--option", "mode=concatenated")
    assert (answer.code, "Yes: this record is in it" in answer.text) == (0, True)


def test_the_answer_as_json_has_a_word_for_each_outcome(ask: Ask, claim: Callable[..., str]) -> None:
    where = claim("okx-merkle-v1", root=ROOT)
    told = json.loads(ask(PATHS[0], "--claim", where, "--json").text)
    assert (told["included"], told["outcome"], told["shows"]) == (True, "included", "INCLUDED")
    assert told["amounts"]["ETH"] == strip(HELD[0]["ETH"])
    told = json.loads(ask("{}", "--claim", where, "--json").text)
    assert (told["included"], told["outcome"]) == (False, "not-understood")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scheme", "mexc"], "names no published proof of the scheme mexc"),
        (["--published", "x"], "belong to --attestation"),
        (["--option", "a=b"], "belong to --attestation"),
    ],
)
def test_what_cannot_be_asked_is_told_once(
    ask: Ask, claim: Callable[..., str], arguments: list[str], message: str
) -> None:
    answer = ask(PATHS[0], "--claim", claim("okx-merkle-v1", root=ROOT), *arguments)
    assert answer.code == 2
    assert message in answer.text


def test_a_root_that_stands_in_customers_files_alone_is_not_called_published(
    ask: Ask, claim: Callable[..., str]
) -> None:
    for named in (PATHS[0], PATHS[1]):  # of the customer who asks, or of another one
        answer = ask(PATHS[0], "--claim", claim("okx-merkle-v1", json.dumps(named)))
        assert answer.code == 3
        assert "nothing was published here to compare its root with" in answer.text
        assert "in customers' own files alone" in answer.text
    answer = ask(PATHS[0], "--claim", claim("okx-merkle-v1", json.dumps(PATHS[1]), root=ROOT))
    assert answer.code == 0
    assert "published, as claim.yaml has it" in answer.text
    assert "in the published files that claim.yaml names" in ask(USERS[1], "--claim", claim("okx-merkle-v2", TREE)).text


def test_a_root_that_the_scheme_cannot_have_is_named_with_its_line(ask: Ask, claim: Callable[..., str]) -> None:
    answer = ask(PATHS[0], "--claim", claim("okx-merkle-v1", root="ab12"))
    assert answer.code == 2
    assert "claim.yaml:5: root: 'ab12' is no root of this scheme" in answer.text


def test_a_customers_file_that_is_none_is_told_at_once(
    claim: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = claim("okx-merkle-v1", root=ROOT)
    for path in (tmp_path, tmp_path / "missing", Path("/dev/zero")):
        assert main(["included", str(path), "--claim", where]) == 2
        assert str(path) in capsys.readouterr().err
