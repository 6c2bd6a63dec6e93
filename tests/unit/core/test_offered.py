"""What installed packages offer stands behind ours, is given to none where two claim it, and fails with its name."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from scanner.core.offered import load, offered
from scanner.errors import InputError
from scanner.proofs.liabilities import SCHEMES, find_scheme, is_scheme, scheme_names
from scanner.sources.published.layouts import LAYOUTS, is_layout, layout_names, layouts_of
from tests.support.installed_packages import entry_point, install
from tests.support.places import ROOT

GROUP = "reserve_scanner.layouts"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_name_of_ours_is_ours(site: Path) -> None:
    install(
        site, "impostor", {"impostor.py": "LAYOUTS = SCHEME = ()"}, entry_point("layouts", "okx", "impostor:LAYOUTS")
    )
    install(site, "other", {}, entry_point("liabilities", "binance", "impostor:SCHEME"))
    install(site, "third", {}, entry_point("layouts", "auto", "impostor:LAYOUTS"))
    assert {point.name for point in metadata.entry_points(group=GROUP)} >= {"okx", "auto"}
    assert layouts_of("okx") is LAYOUTS["okx"]
    assert layout_names() == ["auto", *LAYOUTS]
    assert type(find_scheme("binance")).__module__.startswith("scanner.")
    assert scheme_names() == sorted(SCHEMES)
    install(site, "fourth", {}, entry_point("liabilities", "ours", "impostor:SCHEME"))
    assert [name for name in ("binance", "ours", "nowhere") if is_scheme(name)] == ["binance", "ours"]


def test_a_name_that_two_offer_is_given_to_neither(site: Path) -> None:
    for package in ("one", "two"):
        install(site, package, {}, entry_point("layouts", "shared", "one:LAYOUTS"))
    install(site, "alone", {}, entry_point("layouts", "alone", "one:LAYOUTS"))
    assert list(offered(GROUP, LAYOUTS)) == ["alone"]
    with pytest.raises(KeyError):
        layouts_of("shared")


def test_what_is_offered_stands_in_the_order_of_the_names(site: Path) -> None:
    for name in ("pear", "apple", "quince"):
        install(site, name, {}, entry_point("layouts", name, "one:LAYOUTS"))
    assert layout_names()[-3:] == ["apple", "pear", "quince"]
    assert [name for name in ("okx", "auto", "pear", "plum") if is_layout(name)] == ["okx", "auto", "pear"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise RuntimeError('no \\x1b licence')", r"RuntimeError: no \\x1b licence"),
        ("raise SystemExit(7)", None),
        ("LAYOUT = 1", "AttributeError: module 'broken_layouts'"),
        ("LAYOUTS = (1,)", "expected a tuple of layouts"),
        ("LAYOUTS = ()", "expected a tuple of layouts"),
        ("", "AttributeError"),
    ],
)
def test_one_that_cannot_be_used_is_named(
    site: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str | None
) -> None:
    install(site, "broken", {"broken_layouts.py": text}, entry_point("layouts", "odd", "broken_layouts:LAYOUTS"))
    monkeypatch.delitem(sys.modules, "broken_layouts", raising=False)
    if why is None:  # a package that ends the program is not kept from it
        with pytest.raises(SystemExit):
            layouts_of("odd")
        return
    with pytest.raises(
        InputError, match=r"^the package broken 1\.0: its entry point odd = broken_layouts:LAYOUTS"
    ) as raised:
        layouts_of("odd")
    assert why.replace("\\\\", "\\") in str(raised.value)
    monkeypatch.delitem(sys.modules, "broken_layouts", raising=False)


def test_an_object_within_another_is_found(site: Path) -> None:
    install(
        site,
        "deep",
        {"deep_layouts.py": "class A:\n    B = (1, 2)\n"},
        entry_point("layouts", "deep", "deep_layouts:A.B"),
    )
    assert load(offered(GROUP, ())["deep"]) == (1, 2)


# --- families: the registry takes them in when it is imported

FAMILY = """
from scanner.chains import opaque
from scanner.chains.account_forms import AccountForms
from scanner.chains.family import Backend, Family

def forms(namespace):
    return AccountForms(namespace, opaque.FORMS.key, opaque.FORMS.text)

BACKENDS = dict.fromkeys(("pearld", "bitcoind"), Backend("nowhere", "Node"))
PEARL = Family(accounts=forms("pearl"), backends=BACKENDS, network_names={"sea": ("PEARL", "BTC", "ETH")})
EVM = Family(accounts=forms("eip155"))
"""
LOOK = """
from scanner.chains.registry import BACKENDS, FAMILIES
from scanner.sources.published.networks import chain_of
assert list(FAMILIES)[-1] == "pearl" and FAMILIES["eip155"].tokens
assert BACKENDS["pearld"][0] is FAMILIES["pearl"] and BACKENDS["bitcoind"][0] is FAMILIES["bip122"]
assert str(chain_of("Pearl")) == "pearl:sea" and str(chain_of("ETH")) == "eip155:1"
assert chain_of("BTC").namespace == "bip122"
"""


def run(site: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": f"{site}:{ROOT}", "PATH": ""}
    return subprocess.run(
        [sys.executable, *argv], env=environment, capture_output=True, text=True, check=False, cwd=site
    )


def test_a_family_of_a_package_is_known_and_takes_nothing_from_ours(tmp_path: Path) -> None:
    install(tmp_path, "pearl", {"pearl_chains.py": FAMILY}, entry_point("families", "pearl", "pearl_chains:PEARL"))
    install(tmp_path, "evm", {}, entry_point("families", "eip155", "pearl_chains:EVM"))
    done = run(tmp_path, "-c", LOOK)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_family_that_is_none_ends_a_command_with_its_package_named(tmp_path: Path) -> None:
    install(tmp_path, "pearl", {"pearl_chains.py": FAMILY}, entry_point("families", "coral", "pearl_chains:PEARL"))
    done = run(tmp_path, "-m", "scanner", "check", "claim.yaml")
    assert done.returncode == 2
    assert "the package pearl 1.0: its entry point coral = pearl_chains:PEARL" in done.stderr
    assert "Family of the namespace coral" in done.stderr
