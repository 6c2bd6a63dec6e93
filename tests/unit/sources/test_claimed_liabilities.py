"""What a claim says it owes, and the proofs published beside it: judged from their files, contradictions reported."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.cli.liability_points import points
from scanner.core.amounts import exact
from scanner.core.evidence import Balance, Basis
from scanner.core.evidence_row import EvidenceRow
from scanner.core.shows import Shows
from scanner.errors import AttestationInvalid, InputError
from scanner.proofs.liabilities import SCHEMES
from scanner.proofs.liabilities.distinct import Distinct, kept_of
from scanner.proofs.liabilities.remarks import STATED_DECIMALS
from scanner.sources.addresses import ReadClaim, read_claim
from scanner.sources.liabilities import published
from scanner.sources.stated_liabilities import ProofReference
from scanner.weighing.finding import Reserve, Verdict
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from scanner.weighing.withheld import Withheld
from tests.support.attestations.attested import Seal, a_claim, attest
from tests.support.full_disk import disk_full_at
from tests.support.liabilities import plonky2_trees
from tests.support.liabilities.liability_trees import bitget_paths, bitmex_tree, okx_paths, okx_tree, records, strip

HELD = records(5)
LINES, USERS = okx_tree(HELD)
TREE = "\n".join(LINES) + "\n"
OWED = {coin: strip(sum((each[coin] for each in HELD), start=type(HELD[0]["BTC"])(0))) for coin in HELD[0]}
ASSETS = (
    'assets:\n  BTC: {id: "bip122:000000000019d6689c085ae165831e93/slip44:0", backs: BTC, decimals: 8}\n'
    '  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}\n'
    '  USDT: {id: "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7", backs: USDT, decimals: 6}\n'
)
HOLDINGS = 'holdings:\n  - {asset: ETH, account: "0xdAC17F958D2ee523a2206206994597C13D831ec7"}\n'

Claimed = Callable[..., ReadClaim]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def claimed(tmp_path: Path) -> Claimed:
    """The claim of a folder: units to their entries, and the files that lie beside it."""

    def read(entries: dict[str, str], **files: str | bytes) -> ReadClaim:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        owed = "".join(f"  {unit}: {entry}\n" for unit, entry in (dict.fromkeys(OWED, "null") | entries).items())
        text = f"version: 1\nexchange: X\nas_of: 2026-01-01T00:00:00Z\n{ASSETS}liabilities:\n{owed}{HOLDINGS}"
        return read_claim(tmp_path / "claim.yaml", text.encode())

    return read


def entry(unit: str, proof: str, amount: str | None = None) -> str:
    return f'{{amount: "{OWED[unit] if amount is None else amount}", proof: {proof}}}'


def tree_of(name: str = "tree", content: str | bytes = TREE, scheme: str = "okx-merkle-v2", more: str = "") -> str:
    data = content.encode() if isinstance(content, str) else content
    return f"{{scheme: {scheme}, file: {name}, sha256: {sha256(data)}{more}}}"


def weighed(read: ReadClaim, policy: Policy = Policy()) -> dict[str, Reserve]:  # noqa: B008 - immutable
    claim = read.claim
    held = Balance(10**30, Basis.QUORUM, ("a", "b"))
    rows = [EvidenceRow(each.asset, each.account, "", held, each.claimed) for each in claim.holdings]
    return {reserve.unit: reserve for reserve in weigh(claim, {}, rows, policy).reserves}


def test_one_tree_shows_the_totals_of_all_units_that_name_it(claimed: Claimed) -> None:
    read = claimed({"BTC": entry("BTC", tree_of()), "ETH": entry("ETH", "{of: BTC}"), "USDT": "null"}, tree=TREE)
    (proof,) = read.proofs
    assert (proof.units, proof.shown is None, proof.reason) == (("BTC", "ETH"), False, "")
    for unit in ("BTC", "ETH"):
        liability = read.claim.liabilities[unit]
        basis = liability.basis
        assert (basis.shows, basis.scheme, basis.total) == (Shows.TOTAL_PROVEN, "okx-merkle-v2", Fraction(OWED[unit]))
        assert (basis.root, basis.entries, basis.assumes) == (LINES[0][:64], 10, ("complete",))
        assert liability.contradicted == ""
    assert read.claim.liabilities["USDT"].basis.shows is Shows.STATED


def test_an_amount_that_the_proof_does_not_come_to_is_contradicted_and_gets_no_verdict(claimed: Claimed) -> None:
    read = claimed({"ETH": entry("ETH", tree_of(), amount="1"), "BTC": entry("BTC", "{of: ETH}")}, tree=TREE)
    reserves = weighed(read)
    assert reserves["ETH"].verdict is Verdict.UNKNOWN
    told = reserves["ETH"].withheld[Withheld.OWED_CONTRADICTED]
    assert told == f"the claim states 1 owed, the published proof {OWED['ETH']}"
    basis = reserves["ETH"].owed_basis
    assert basis is not None
    assert (basis.shows, basis.assumes, basis.total) == (Shows.STATED, (), Fraction(OWED["ETH"]))
    assert reserves["BTC"].withheld == {}


def test_nothing_is_owed_only_as_far_as_the_proof_says_so(claimed: Claimed) -> None:
    read = claimed({"ETH": entry("ETH", tree_of(), amount="0")}, tree=TREE)
    assert weighed(read)["ETH"].verdict is Verdict.UNKNOWN


def test_a_forged_proof_is_a_contradiction_and_never_a_weaker_word(claimed: Claimed) -> None:
    forged = TREE.replace(LINES[-1], LINES[-1].replace('"BTC":"', '"BTC":"1'))
    read = claimed({"ETH": entry("ETH", tree_of(content=forged))}, tree=forged)
    (proof,) = read.proofs
    assert proof.refuted
    assert "line" in proof.reason
    reserve = weighed(read)["ETH"]
    assert reserve.withheld == {
        Withheld.OWED_CONTRADICTED: "the published proof of what is owed (okx-merkle-v2) does not hold"
    }
    assert reserve.owed_basis is not None
    assert (reserve.owed_basis.shows, reserve.owed_basis.remarks) == (Shows.STATED, ("refuted",))


def test_a_file_that_is_not_understood_shows_nothing_and_contradicts_nothing(claimed: Claimed) -> None:
    read = claimed({"ETH": entry("ETH", tree_of(content="a letter"))}, tree="a letter")
    reserve = weighed(read)["ETH"]
    assert (reserve.verdict, reserve.withheld) == (Verdict.COVERED, {})
    assert reserve.owed_basis is not None
    assert (reserve.owed_basis.shows, reserve.owed_basis.remarks) == (Shows.STATED, ("not-understood",))
    assert read.proofs[0].reason


def test_a_root_alone_shows_nothing(claimed: Claimed) -> None:
    read = claimed({"ETH": entry("ETH", f"{{scheme: okx-merkle-v1, root: {'ab' * 32}}}")})
    basis = read.claim.liabilities["ETH"].basis
    assert (basis.shows, basis.root, basis.entries, basis.total) == (Shows.STATED, "ab" * 32, 0, None)
    assert "no-total" in basis.remarks


def test_a_root_published_elsewhere_has_to_be_the_trees(claimed: Claimed) -> None:
    right = claimed({"ETH": entry("ETH", tree_of(more=f", root: {LINES[0][:64]}"))}, tree=TREE)
    assert right.claim.liabilities["ETH"].basis.shows is Shows.TOTAL_PROVEN
    for printed in (LINES[0][:64].upper(), f'"0x{LINES[0][:64]}"', f'"0X{LINES[0][:64].upper()}"'):
        as_printed = claimed({"ETH": entry("ETH", tree_of(more=f", root: {printed}"))}, tree=TREE)
        assert as_printed.claim.liabilities["ETH"].basis.shows is Shows.TOTAL_PROVEN
    wrong = claimed({"ETH": entry("ETH", tree_of(more=f", root: {'ab' * 32}"))}, tree=TREE)
    assert wrong.proofs[0].refuted


def test_a_verdict_needs_what_the_policy_requires_to_be_shown(claimed: Claimed) -> None:
    path = json.dumps(okx_paths(HELD)[0])
    read = claimed(
        {"ETH": entry("ETH", tree_of("path", path, "okx-merkle-v1")), "BTC": entry("BTC", tree_of())},
        path=path,
        tree=TREE,
    )
    policy = Policy(require_liabilities={"ETH": Shows.SUM_BOUND, "BTC": Shows.SUM_BOUND})
    reserves = weighed(read, policy)
    assert reserves["ETH"].withheld == {
        Withheld.OWED_UNSHOWN: "what is owed is INCLUDED, and the policy requires SUM-BOUND"
    }
    assert reserves["ETH"].verdict is Verdict.UNKNOWN
    assert Withheld.OWED_UNSHOWN not in reserves["BTC"].withheld
    assert weighed(read)["ETH"].verdict is Verdict.COVERED


def test_a_policy_that_requires_less_to_be_shown_is_laxer() -> None:
    demanded = Policy(require_liabilities={"ETH": Shows.SUM_BOUND})
    assert Policy(require_liabilities={"ETH": Shows.TOTAL_PROVEN}).shortfalls(demanded) == ()
    assert Policy(require_liabilities={"ETH": Shows.INCLUDED}).shortfalls(demanded) == (
        "ETH requires INCLUDED of what is owed, demanded SUM-BOUND",
    )
    assert Policy().shortfalls(demanded) == ("ETH requires STATED of what is owed, demanded SUM-BOUND",)


def test_several_files_are_named_each_with_its_digest_and_a_zip_stands_for_what_is_in_it(
    claimed: Claimed, tmp_path: Path
) -> None:
    user = json.dumps(USERS[0])
    both = f"[{{file: tree, sha256: {sha256(TREE.encode())}}}, {{file: user, sha256: {sha256(user.encode())}}}]"
    proof = f"{{scheme: okx-merkle-v2, files: {both}}}"
    assert claimed({"ETH": entry("ETH", proof)}, tree=TREE, user=user).claim.liabilities["ETH"].basis.entries == 10
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.writestr("folder/tree.txt", TREE)
        archive.writestr("folder/user.json", user)
        archive.writestr("__MACOSX/._tree.txt", "x")
    content = (tmp_path / "both.zip").read_bytes()
    read = claimed({"ETH": entry("ETH", tree_of("both.zip", content))})
    assert read.claim.liabilities["ETH"].basis.shows is Shows.TOTAL_PROVEN


def test_a_unit_may_be_called_otherwise_in_the_proof(claimed: Claimed) -> None:
    lines, _ = bitmex_tree([500, 0, 2**40, 7])
    content = "\n".join(lines) + "\n"
    amount = Fraction(2**40 + 507, 10**8)
    proof = tree_of("tree", content, "bitmex", more=", symbol: BTC")
    read = claimed({"ETH": entry("ETH", proof, amount=f"{float(amount):.8f}")}, tree=content)
    basis = read.claim.liabilities["ETH"].basis
    assert (basis.total, basis.symbol) == (amount, "BTC")
    with pytest.raises(InputError, match="it says nothing of ETH"):
        claimed({"ETH": entry("ETH", tree_of("tree", content, "bitmex"))}, tree=content)


def test_what_the_proof_calls_a_unit_is_said_only_where_it_is_not_the_units_name(claimed: Claimed) -> None:
    named = claimed({"BTC": entry("BTC", tree_of(more=", symbol: btc")), "ETH": entry("ETH", "{of: BTC}")}, tree=TREE)
    assert {named.claim.liabilities[unit].basis.symbol for unit in ("BTC", "ETH")} == {None}
    contradicted = claimed({"ETH": entry("ETH", tree_of(more=", symbol: BTC"))}, tree=TREE)
    assert contradicted.claim.liabilities["ETH"].basis.symbol == "BTC"
    refuted = claimed({"ETH": entry("ETH", tree_of(content=TREE[:-9], more=", symbol: BTC"))}, tree=TREE[:-9])
    assert refuted.claim.liabilities["ETH"].basis.symbol == "BTC"


@pytest.mark.parametrize("symbol", ["ETH", "eth"])
def test_no_total_of_a_proof_is_owed_in_two_units(claimed: Claimed, symbol: str) -> None:
    shared = {"ETH": entry("ETH", tree_of()), "BTC": entry("BTC", f"{{of: ETH, symbol: {symbol}}}", OWED["ETH"])}
    with pytest.raises(InputError, match=rf"proof: what it calls '?{symbol}'? is owed in .* already"):
        claimed(shared, tree=TREE)


def test_where_no_file_says_where_the_point_stands_the_claim_has_to_say_it(claimed: Claimed) -> None:
    """Else an exchange would be accused of what a list of cheap coins, that has grown since, makes of its numbers."""
    content = b"".join(plonky2_trees.global_file().chunks())
    total = json.loads(content)["proof"]["public_inputs"]
    net = Fraction(int(total[0]) - int(total[1]))

    def read(owed: Fraction, more: str = "") -> ReadClaim:
        proof = tree_of("global", content, "okx-plonky2", f", symbol: TOTAL{more}")
        return claimed({"USDT": entry("USDT", proof, exact(owed))}, **{"global": content})

    assert read(net).claim.liabilities["USDT"].contradicted == ""
    with pytest.raises(InputError, match=r"TOTAL in the proof are .* with the point elsewhere, and no file says where"):
        read(net / 100)
    named = read(net / 100, ', options: {decimals: "2"}').claim.liabilities["USDT"]
    assert (named.contradicted, STATED_DECIMALS in named.basis.remarks) == ("", True)
    assert "the published proof" in read(net / 100, ', options: {decimals: "1"}').claim.liabilities["USDT"].contradicted
    assert "the published proof" in read(net + 1).claim.liabilities["USDT"].contradicted


def test_the_files_of_one_proof_are_named_once(claimed: Claimed) -> None:
    with pytest.raises(
        InputError, match=r"proof: names what is published as the proof of BTC again; expected \{of: BTC\}"
    ):
        claimed({"BTC": entry("BTC", tree_of()), "ETH": entry("ETH", tree_of("copy"))}, tree=TREE, copy=TREE)
    root = f'{{scheme: okx-merkle-v1, root: "{"ab" * 32}"}}'
    with pytest.raises(InputError, match="names what is published as the proof of BTC again"):
        claimed({"BTC": entry("BTC", root), "ETH": entry("ETH", root)})
    twice = f"{{file: tree, sha256: {sha256(TREE.encode())}}}, {{file: copy, sha256: {sha256(TREE.encode())}}}"
    with pytest.raises(InputError, match="proof: one file is named twice"):
        claimed({"ETH": entry("ETH", f"{{scheme: okx-merkle-v2, files: [{twice}]}}")}, tree=TREE, copy=TREE)


def test_a_total_under_one_root_is_not_owed_in_two_units_by_whatever_files(claimed: Claimed) -> None:
    users = [json.dumps(user) for user in okx_paths(records(5))]
    names = [tree_of(f"user{each}", users[each], "okx-merkle-v1", ", symbol: ETH") for each in range(2)]
    with pytest.raises(InputError, match=r"it leads to the root of the proof of BTC, and to the same total of ETH"):
        claimed({"BTC": entry("BTC", names[0]), "ETH": entry("ETH", names[1])}, user0=users[0], user1=users[1])


def test_coins_that_differ_in_capital_letters_alone_are_not_told_apart_and_show_nothing(claimed: Claimed) -> None:
    user = json.dumps(bitget_paths(records(4, ("ETH", "eth", "USDT")))[0])
    read = claimed({"ETH": entry("ETH", tree_of("user", user, "bitget"))}, user=user)
    basis = read.claim.liabilities["ETH"].basis
    assert (basis.shows, basis.remarks, basis.total) == (Shows.STATED, ("not-understood",), None)
    assert read.claim.liabilities["ETH"].contradicted == ""


@pytest.mark.parametrize("symbol", ['"B TC"', '"\u0661"', '"' + "B" * 41 + '"'])
def test_what_a_proof_calls_a_unit_is_plain_text(claimed: Claimed, symbol: str) -> None:
    with pytest.raises(InputError, match=r"claim\.yaml:10: symbol: expected a name of up to 40 ASCII characters"):
        claimed({"ETH": entry("ETH", tree_of(more=f", symbol: {symbol}"))}, tree=TREE)


def test_another_file_than_the_claim_means_is_refused_by_its_name_and_digest(claimed: Claimed) -> None:
    with pytest.raises(InputError, match=r"tree: has the sha256 .*, not "):
        claimed({"ETH": entry("ETH", tree_of(content="x"))}, tree=TREE)
    with pytest.raises(InputError, match="with LF it is that file"):
        claimed({"ETH": entry("ETH", tree_of())}, tree=TREE.replace("\n", "\r\n"))


def test_an_option_that_the_scheme_does_not_have_is_a_mistake_of_the_claim(claimed: Claimed) -> None:
    with pytest.raises(
        InputError, match=r"claim\.yaml:10: colour: no option of this scheme; this scheme has no options"
    ):
        claimed({"ETH": entry("ETH", tree_of(more=', options: {colour: "red"}'))}, tree=TREE)
    with pytest.raises(InputError, match=r"claim\.yaml:10: mode: expected default or concatenated, not 'red'"):
        claimed({"ETH": entry("ETH", tree_of(scheme="armanino", more=', options: {mode: "red"}'))}, tree=TREE)


@pytest.mark.parametrize("root", ["ab" * 31, "ab" * 33, "g" * 64, "YWJj", "0x" + "ab" * 20])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_root_that_the_scheme_cannot_have_is_a_mistake_of_the_claim_and_contradicts_nothing(
    claimed: Claimed, scheme: str, root: str
) -> None:
    digits = {"bitget": 16, "mexc": 32}.get(scheme, 64)
    expected = (
        rf"claim\.yaml:10: root: '{root.removeprefix('0x')}' is no root of this scheme; expected {digits} hex digits"
    )
    with pytest.raises(InputError, match=expected):
        claimed({"ETH": entry("ETH", tree_of(scheme=scheme, more=f', root: "{root}"'))}, tree=TREE)


def test_what_is_larger_than_is_read_is_not_judged_and_contradicts_nothing(claimed: Claimed) -> None:
    height = LINES[0].replace(f",{LINES[0][65]},", ",99,") + "\n"
    read = claimed({"ETH": entry("ETH", tree_of(content=height))}, tree=height)
    reserve = weighed(read)["ETH"]
    assert (reserve.verdict, reserve.withheld) == (Verdict.COVERED, {})
    assert reserve.owed_basis is not None
    assert (reserve.owed_basis.shows, reserve.owed_basis.remarks) == (Shows.STATED, ("too-large",))
    assert "more than this program reads (limit 64), so that it was not judged" in checked(read)
    assert "nothing contradicted" in checked(read)


def test_a_statement_whose_basis_the_files_do_not_bear_out_does_not_hold(claimed: Claimed) -> None:
    liabilities = claimed({"BTC": entry("BTC", tree_of()), "ETH": "null"}, tree=TREE).claim.liabilities
    attested = attest(claim=a_claim(liabilities=liabilities), signers=(Seal(b"secret"),))
    attested.verify()
    stated = {unit: type(each)(unit, each.owed) for unit, each in liabilities.items()}
    with pytest.raises(AttestationInvalid, match="owedBasis") as failed:
        replace(attested, claim=a_claim(liabilities=stated)).verify()
    assert failed.value.step == 9


def checked(read: ReadClaim, policy: Policy = Policy()) -> str:  # noqa: B008 - immutable
    return " ".join(f"{each.grade} {each.what} {each.matters}" for each in points(read.claim, read.proofs, policy))


def test_check_says_before_a_scan_what_a_proof_will_show_and_what_it_will_not(claimed: Claimed) -> None:
    told = checked(claimed({"ETH": entry("ETH", tree_of()), "BTC": entry("BTC", "{of: ETH}")}, tree=TREE))
    assert "ok owed ETH, BTC: TOTAL-PROVEN" in told
    assert "10 records checked It does not show that every account is among the records" in told


def test_check_says_where_a_proof_contradicts_the_claim_and_where_too_little_is_shown(claimed: Claimed) -> None:
    read = claimed({"ETH": entry("ETH", tree_of(), amount="1"), "BTC": '"5"'}, tree=TREE)
    told = checked(read, Policy(require_liabilities={"BTC": Shows.INCLUDED}))
    assert "ETH: the claim states 1 owed" in told
    assert "note BTC: what is owed is STATED, and the policy requires INCLUDED No verdict will be given on it" in told
    letter = claimed({"ETH": entry("ETH", tree_of(content="a letter"))}, tree="a letter")
    assert "note ETH: tree: line 1" in checked(letter)


def test_a_full_disk_is_told_where_a_tree_is_too_much_for_memory(tmp_path: Path) -> None:
    def judge() -> None:
        with published(ProofReference("okx-merkle-v2", ()), tmp_path) as given, disk_full_at(100):
            assert given.spill is not None
            Distinct(given.spill, in_memory=0).add(kept_of([each.to_bytes(32, "little") for each in range(40_000)]))

    with pytest.raises(InputError, match="the folder for temporary files: cannot be written"):
        judge()
