"""What `import scanner` offers: every name there, documented, and enough for an embedder."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from html5lib import HTMLParser

import scanner
from scanner import errors
from scanner.chains import interface
from scanner.scanning import events
from tests.support.attestations.attested import ETH, attest
from tests.support.findings import finding
from tests.support.places import ROOT
from tests.support.tables import each_of


@each_of("name", [name for name in scanner.__all__ if name not in ("__version__", "Event")])
def test_each_name_says_what_it_is(name: str) -> None:
    assert (inspect.getdoc(getattr(scanner, name)) or "").strip()


def test_each_name_is_listed_and_no_other_is_found() -> None:
    assert set(scanner.__all__) <= set(dir(scanner))
    with pytest.raises(AttributeError, match="no attribute 'scam'"):
        _ = scanner.scam
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+.*", scanner.__version__)


def test_every_error_that_a_caller_may_meet_is_there() -> None:
    tree = {
        scanner.InputError,
        scanner.AttestationInvalid,
        scanner.HistoryInvalid,
        scanner.StampInvalid,
        scanner.NodeError,
    }
    assert tree == set(scanner.ScannerError.__subclasses__())


@pytest.mark.parametrize("module", [errors, events, interface], ids=lambda module: module.__name__)
def test_every_error_event_and_capability_is_there(module: ModuleType) -> None:
    public = {name for name, value in vars(module).items() if inspect.isclass(value) and not name.startswith("_")}
    assert {name for name in public if vars(module)[name].__module__ == module.__name__} <= set(scanner.__all__)


def test_a_finding_that_was_verified_is_the_one_of_the_statement_to_the_letter() -> None:
    verified = attest().verify()
    assert verified.finding.to_dict() == json.loads(verified.statement)["predicate"]["finding"]


def test_a_finding_is_written_without_any_name_of_the_face() -> None:
    """The writers are named when the package is imported, whichever of its modules is asked for."""
    script = (
        "from tests.support.findings import ETH, finding; each = finding([(ETH, 1)], {'ETH': '1'}); "
        "print(each.to_dict()['verdict'], each._repr_html_()[:7])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "SHORT <table>\n", done.stderr


def test_a_finding_is_a_dictionary_and_a_table() -> None:
    weighed = finding([(ETH.id, 2 * 10**18)], {"ETH": "1.5", "X<Y": None})
    written = weighed.to_dict()
    assert [(each["unit"], each["verdict"]) for each in written["reserves"]] == [("ETH", "COVERED"), ("X<Y", "UNKNOWN")]
    table = weighed._repr_html_()
    HTMLParser(strict=False).parseFragment(table)
    assert "<td>X&lt;Y</td>" in table
    assert "<td>not stated</td>" in table


def test_a_path_may_be_text(tmp_path: Path) -> None:
    with pytest.raises(scanner.InputError, match=r"none\.yaml"):
        scanner.load_claim(str(tmp_path / "none.yaml"))
    with pytest.raises(scanner.InputError, match=r"none\.pem"):
        scanner.load_signer(str(tmp_path / "none.pem"))


@pytest.mark.parametrize("name", ["SECURITY.md", "CONTRIBUTING.md", "docs/release.md", "docs/glossary.md", "README.md"])
def test_every_link_within_the_project_leads_somewhere(name: str) -> None:
    page = ROOT / name
    links = re.findall(r"\]\(((?!https?:)[^)#]+)", page.read_text())
    assert [link for link in links if "security/advisories" not in link and not (page.parent / link).exists()] == []
