"""The layout that docs/adding-a-layout.md walks through, as it stands there: ours, and a package's."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from scanner.errors import InputError
from scanner.sources.addresses import load_claim
from scanner.sources.published import LAYOUTS, PublishedFile, read_published
from tests.support.installed_packages import install
from tests.support.places import ROOT
from tests.unit.conftest import Run

GUIDE: Final = (ROOT / "docs" / "adding-a-layout.md").read_text()
FILE: Final = "example-2026-01-31.csv"


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guide's file, and its layout in an installed package; the test stands beside the file."""
    install(tmp_path / "site", "example_reserves", {"example_reserves.py": block("python")}, block("toml"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    (tmp_path / FILE).write_text(block("csv"))
    return tmp_path


def assert_as_the_guide_says(published: PublishedFile) -> None:
    rows = [(row.listed.label, row.claimed) for row in published]
    assert rows == [("BTC", Fraction("1.5")), ("ETH", 2), ("ETH", None), ("PRL", 3)]
    assert (published.account.read, published.account.accepted) == (5, 4)
    assert {part.form.layout.name for part in published.parts} == {"example"}


def test_a_command_reads_the_file_by_the_layout_of_a_package(package: Path, command: Run) -> None:
    (argv,) = re.findall(r"^\$ scanner (.*)$", block("console"), re.MULTILINE)
    code, out, err = command(*argv.split(), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["exchange"] == "Example"
    claim = load_claim(package / "claim.yaml")
    assert (claim.exchange, f"{claim.as_of:%Y-%m-%d}", len(claim.holdings)) == ("Example", "2026-01-31", 4)
    assert_as_the_guide_says(read_published(Path(FILE), "example"))


@pytest.mark.usefixtures("package")
def test_a_packages_layout_takes_no_part_where_none_is_named() -> None:
    with pytest.raises(InputError, match="no layout fits"):
        read_published(Path(FILE))
    with pytest.raises(InputError, match="known are auto, okx, binance, bitmex, auditor, plain, example"):
        read_published(Path(FILE), "???")


@pytest.mark.usefixtures("package")
def test_one_of_our_own_is_found_by_what_the_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("example")
    exec(compile(block("python"), "example.py", "exec"), module.__dict__)  # noqa: S102
    monkeypatch.setitem(LAYOUTS, "example", module.LAYOUTS)
    assert_as_the_guide_says(read_published(Path(FILE)))
