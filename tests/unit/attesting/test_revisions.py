"""Tables that findings follow from grow: what was signed by an earlier revision holds, whatever rows come later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from scanner.attesting.stated_revision import stated_revision
from scanner.chains import control, keyless, known_assets
from scanner.chains.evm import known_layouts, shown_again
from scanner.chains.evm.known_layouts import KnownLayout
from scanner.chains.evm.shown_again import ShownAgain
from scanner.chains.facts_revision import REVISION, stands
from scanner.chains.family import KeylessAccount, NetworkName, SignatureForm
from scanner.chains.known_assets import KnownAsset
from scanner.chains.registry import FAMILIES
from scanner.errors import AttestationInvalid, ScannerError
from scanner.proofs.control import NotShown, NotVerifiable, Refuted
from scanner.sources.published import labels, networks
from scanner.weighing.control.recognise import control_of
from scanner.weighing.holdings import Holding, Ownership
from tests.support.attestations.attested import ETH, attest
from tests.support.golden_flows import FLOWS_FOLDER, verified_flows
from tests.support.golden_folders import FOLDERS, verified
from tests.support.golden_series import SERIES_FOLDER, TOGETHER_FOLDER, verified_series, verified_together
from tests.support.tables import each_of

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Added:
    """A row that a table is given, in which revision, and the golden attestation that would not hold if it were old."""

    add: Callable[[Patch, int], None]
    unsettles: str


def _asset(unit: str, reference: str, *names: str) -> Callable[[Patch, int], None]:
    def add(patch: Patch, since: int) -> None:
        row = KnownAsset(unit, 18, f"eip155:1/erc20:0x{reference * 20}", names, since, None)
        patch.setattr(known_assets, "TABLE", (*known_assets.TABLE, row))
        patch.setattr(labels, "TABLE", known_assets.TABLE)

    return add


def _of_evm(**changes: Callable[[int], object]) -> Callable[[Patch, int], None]:
    def add(patch: Patch, since: int) -> None:
        family = FAMILIES["eip155"]
        patch.setitem(FAMILIES, "eip155", replace(family, **{key: of(since) for key, of in changes.items()}))  # type: ignore[arg-type]

    return add


def _layout(patch: Patch, since: int) -> None:
    row = KnownLayout(f"eip155:1/erc20:0x{'da' * 20}", "Solidity mapping at slot 1", since)
    patch.setattr(known_layouts, "TABLE", (*known_layouts.TABLE, row))


def _shown_again(patch: Patch, since: int) -> None:
    row = ShownAgain("eip155:1", "0xdac17f958d2ee523a2206206994597c13d831ec7", since)
    patch.setattr(shown_again, "TABLE", (*shown_again.TABLE, row))


def _network(patch: Patch, since: int) -> None:
    patch.setattr(networks, "TABLE", (NetworkName("ETH", "eip155:137", since), *networks.TABLE))


def _never(_proof: object) -> None:
    raise Refuted("by a scheme that came later")


def _scheme(patch: Patch, since: int) -> None:
    patch.setattr(control, "SCHEMES", (*control.SCHEMES, "secret-handshake"))
    schemes = {**FAMILIES["eip155"].schemes, "secret-handshake": _never}
    _of_evm(schemes=lambda _: schemes, schemes_since=lambda since: {"secret-handshake": since})(patch, since)


ADDED = {
    "contracts.csv": Added(_asset("DAI", "cd", "XDAI"), "gaps"),
    "labels.csv": Added(_asset("USDT", "ce", "USDT-ERC20"), "files"),
    "networks.csv": Added(_network, "files"),
    "keyless_accounts.csv": Added(
        _of_evm(
            keyless_accounts=lambda since: (
                *FAMILIES["eip155"].keyless_accounts,
                KeylessAccount("eip155", f"0x{'0a' * 20}", "a burn address", since),
            )
        ),
        "proven",
    ),
    "known_layouts.csv": Added(_layout, "executed"),
    "shown_again.csv": Added(_shown_again, "proven"),
    "schemes": Added(_scheme, "control"),
}


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    """What was looked up before a row was added is looked up again, and once more without it."""
    yield
    _forget()


def _forget() -> None:
    for looked_up in (known_assets._by_id, keyless._listed, networks._by_name):
        looked_up.cache_clear()


@each_of("table", ADDED)
def test_a_row_of_a_later_revision_unsettles_nothing_that_was_signed_before(table: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        ADDED[table].add(patch, REVISION + 1)
        _forget()
        for folder in FOLDERS:
            verified(folder)
        verified_series(SERIES_FOLDER / "v1" / "lent")
        verified_flows(FLOWS_FOLDER / "v1" / "lent")
        verified_together(TOGETHER_FOLDER / "v1" / "lending")
    _forget()


@each_of("table", ADDED)
def test_the_same_row_would_unsettle_something_if_it_had_been_there(table: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        ADDED[table].add(patch, REVISION)
        _forget()
        (folder,) = (folder for folder in FOLDERS if folder.name == ADDED[table].unsettles)
        with pytest.raises(ScannerError):
            verified(folder)
    _forget()


def test_a_form_of_signatures_is_recognised_from_its_revision_on() -> None:
    form = SignatureForm(re.compile("a new form"), ("eip191",), REVISION + 1)
    holding = Holding(ETH.id, bytes(20), ownership=Ownership("", "", ("a new form",)))
    with pytest.MonkeyPatch.context() as patch:
        _of_evm(signature_forms=lambda _: (form, *FAMILIES["eip155"].signature_forms))(patch, REVISION)
        assert isinstance(control_of(holding, None, REVISION), NotVerifiable)
        assert isinstance(control_of(holding, None, REVISION + 1), NotShown)


def test_a_row_that_is_withdrawn_stands_in_the_revisions_before() -> None:
    row = KnownLayout("eip155:1/erc20:0x", "Solady ERC20", 2, 3)
    assert [revision for revision in range(1, 6) if stands(row, revision)] == [2, 3]


def test_a_claim_that_was_read_by_another_revision_is_refused_with_what_to_do() -> None:
    attested = attest()
    assert stated_revision(attested.envelope) == REVISION
    told = "made by revision 1 of the tables, and the claim was read by revision 2: load"
    with pytest.raises(AttestationInvalid, match=told) as caught:
        replace(attested, claim=replace(attested.claim, revision=REVISION + 1)).verify()
    assert caught.value.step == 4


def test_what_is_no_attestation_names_the_newest_revision_and_is_refused_by_who_verifies_it() -> None:
    assert {stated_revision(each) for each in (b"", b"{}", b"x" * 1000)} == {REVISION}
