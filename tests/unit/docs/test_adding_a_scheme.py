"""The scheme that docs/adding-a-liabilities-scheme.md walks through, as it stands there, from an installed package."""

from __future__ import annotations

import re
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.proofs.liabilities import (
    Misstated,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    Scheme,
    Shows,
    TooLarge,
    find_scheme,
    scheme_names,
)
from scanner.sources.addresses import load_claim
from tests.support.installed_packages import install
from tests.support.liabilities.published_files import file
from tests.support.places import ROOT
from tests.support.small_claim import CLAIM

GUIDE: Final = (ROOT / "docs" / "adding-a-liabilities-scheme.md").read_text()


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    return str(found)


LIST: Final = block("csv")
ROOT_HASH: Final = sha256(
    b"".join(sha256(line.encode()).digest() for line in LIST.splitlines(keepends=True))
).hexdigest()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Scheme:
    site = tmp_path_factory.mktemp("site")
    install(site, "shell_reserves", {"shell_reserves.py": block("python")}, block("toml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        assert "shell" in scheme_names()
        return find_scheme("shell")


def test_the_list_shows_its_total(shell: Scheme) -> None:
    shown = shell.judge(Published((file(LIST, piece=7),), root=ROOT_HASH, totals={"BTC": Fraction("1.500025")}))
    assert (shown.root, shown.entries) == (ROOT_HASH, 3)
    assert (shown.totals["BTC"].amount, shown.totals["BTC"].shows) == (Fraction("1.500025"), Shows.TOTAL_PROVEN)


def test_a_customer_is_found_or_not(shell: Scheme) -> None:
    own = LIST.splitlines(keepends=True)[1]
    found = shell.includes(Published((file(LIST),)), file(own))
    assert (found.account, dict(found.amounts)) == ("ffeeddccbbaa99887766554433221100", {"BTC": Fraction("0.000025")})
    with pytest.raises(Refuted, match="not in the published list"):
        shell.includes(Published((file(LIST),)), file(own.replace("2500", "2501")))
    for text in ("", own + own):
        with pytest.raises(NotUnderstood):
            shell.includes(Published((file(LIST),)), file(text))


def test_what_contradicts_it_is_refused(shell: Scheme) -> None:
    with pytest.raises(OtherRoot):
        shell.judge(Published((file(LIST.replace("2500", "2501")),), root=ROOT_HASH))
    with pytest.raises(Refuted, match="is said to be owed"):
        shell.judge(Published((file(LIST),), totals={"BTC": Fraction(1)}))
    for root in ("ab12", "g" * 64):
        with pytest.raises(Misstated, match="no root of this scheme"):
            shell.judge(Published((file(LIST),), root=root))
    with pytest.raises(Misstated, match="no option of this scheme"):
        shell.judge(Published((file(LIST),), {"mode": "fast"}))
    for text in ("", LIST.replace("2500", "-2500"), LIST + "x\n", LIST.replace(",", ";")):
        with pytest.raises(NotUnderstood):
            shell.judge(Published((file(text),)))
    with pytest.raises(TooLarge):
        shell.judge(Published((file("0" * 1000, piece=10),)))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(shell: Scheme, data: bytes) -> None:
    for published, own in ((data, LIST), (LIST.encode(), data.decode("latin-1"))):
        try:
            shell.includes(Published((file(published),)), file(own))
        except (NotUnderstood, Refuted):
            continue


def test_a_claim_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "site", "shell_reserves", {"shell_reserves.py": block("python")}, block("toml"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    (tmp_path / "list.csv").write_text(LIST)
    proof = f"{{scheme: shell, file: list.csv, sha256: {sha256(LIST.encode()).hexdigest()}, root: {ROOT_HASH}}}"
    text = CLAIM.replace("ETH", "BTC").replace('{BTC: "1"}', f'{{BTC: {{amount: "1.500025", proof: {proof}}}}}')
    (tmp_path / "claim.yaml").write_text(text)
    basis = load_claim(tmp_path / "claim.yaml").liabilities["BTC"].basis
    assert basis is not None
    assert basis.shows is Shows.TOTAL_PROVEN
