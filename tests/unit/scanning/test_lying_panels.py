"""Panels with any number of liars, samples of every size, issuers that lie: what a whole scan may come to.

The scan is the product's own, from nodes to verdict; `tests.support.simulated.lying_panel` makes up what is so and what
is said of it. The attestation, which costs as much as all else, is verified of each case that comes to something new in
kind, and of every eleventh. The laws, of every case:

    PROVEN       is never false, whoever lies, all operators and a token's issuer together: of a coin, of a token whose
                 layout is in the table, of any other token
    any balance  that is false rests on liars alone, as many as are believed; and no proof in the whole run contradicts
                 one of them: none of a coin, none of a token of which somebody read what is proven, and none of the
                 same token
    the honest   who had an answer for a false balance are fewer than a quorum, and under `dissent: gap` there are none;
                 none where the contract tells balances by who asks
    COVERED      above what is held, or SHORT below it: only by such a balance, on a basis that the policy takes
    a sample     draws every row that is at least as large as its step: where its proof is to be had, that row is never
                 believed on words
    no harm      where nobody lies and nothing is amiss, every balance is believed, and as it is
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence

import pytest

import scanner
from scanner.core.evidence import Balance, Basis, Gap, said_of
from scanner.core.evidence_row import EvidenceRow
from scanner.core.lower_bound import atoms_of, denies, opposed
from scanner.errors import AttestationInvalid, Why
from scanner.scanning.run import Scan
from scanner.weighing.contradiction import shown_by_proof
from scanner.weighing.finding import Reserve, Verdict
from scanner.weighing.policy import Dissent
from tests.support.attestations.attested import Seal
from tests.support.simulated.lying_panel import ASSETS, COIN, KNOWN, SAMPLES, SETTINGS, LyingPanel
from tests.support.strength import FULL

CASES = SETTINGS * SAMPLES if FULL else SETTINGS  # each of what the rules weigh against each other is met
PARTS = 12  # many tests of few cases: files of many tests are begun first, and this one takes long
THROUGH_REAL_NODES = range(0, SETTINGS, 1 if FULL else 23)  # cases more, which cost as much as five

EXPECTED = ("PROVEN", "QUORUM", "false QUORUM", "gap", "unproven", "COVERED", "SHORT", "UNKNOWN", "caught")
"""What has to have been met, so that the laws were not kept by saying nothing."""


@pytest.fixture(scope="module")
def seen() -> Counter[object]:
    """What was met in all parts that ran."""
    return Counter()


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_proven_is_so_and_only_a_full_quorum_that_no_proof_contradicts_makes_a_false_balance(
    part: int, seen: Counter[object]
) -> None:
    for number in range(part, CASES, PARTS):
        check_case(LyingPanel(number), seen)
    seen["parts"] += 1


def test_all_that_can_come_of_a_panel_was_met(seen: Counter[object]) -> None:
    if seen["parts"] < PARTS:
        pytest.skip("of use only after all parts")
    assert not [each for each in EXPECTED if not seen[each]], seen


def test_so_it_is_where_the_products_own_nodes_read_contracts_that_tell_callers_apart() -> None:
    seen = Counter[object]()
    for number in THROUGH_REAL_NODES:
        check_case(LyingPanel(number, through_real_nodes=True), seen)
    assert seen["PROVEN"]
    assert seen["told apart"]


def check_case(panel: LyingPanel, seen: Counter[object]) -> None:
    try:
        check(panel, seen)
    except (AssertionError, AttestationInvalid) as error:
        raise AssertionError(f"case {panel.number}: {error}") from error


def check(panel: LyingPanel, seen: Counter[object]) -> None:
    """Holds one case against the laws."""
    result = panel.scan()
    rows = list(result.rows)
    for row in rows:
        check_balance(panel, row, rows, seen)
    for reserve in result.finding.reserves:
        check_verdict(panel, reserve, rows)
        seen[str(reserve.verdict)] += 1
    check_sample(panel, rows)
    seen["caught"] += bool(result.finding.contradicted)
    if panel.nothing_is_wrong and len(panel.tellers) >= panel.policy.quorum:
        assert not result.gaps, "a gap where nothing is amiss"
    kind = frozenset(_kind(row) for row in rows), frozenset(str(reserve.verdict) for reserve in result.finding.reserves)
    if not seen[kind] or panel.number % 11 == 0:
        assert holds(result), "an attestation that does not hold"
    seen[kind] += 1


def _kind(row: EvidenceRow) -> str:
    return str(row.outcome.basis if isinstance(row.outcome, Balance) else row.outcome.why)


def check_balance(panel: LyingPanel, row: EvidenceRow, rows: Sequence[EvidenceRow], seen: Counter[object]) -> None:
    outcome, reading = row.outcome, panel.reading(row.asset, row.account)
    if not isinstance(outcome, Balance):
        seen["gap"] += 1
        seen["told apart"] += outcome.why is Why.CALLER_DEPENDENT
        seen["unproven"] += outcome.why is Why.UNPROVEN
        return
    seen[str(outcome.basis)] += 1
    assert outcome.basis is not Basis.PROVEN or outcome.atoms == reading, f"a false proof: {row}"
    if outcome.atoms == reading or (outcome.at_least and reading is not None and outcome.atoms <= reading):
        return
    seen[f"false {outcome.basis}"] += 1
    names = set(outcome.operators)
    assert names <= panel.liars, f"an honest operator stands behind what is not so: {row}"
    assert len(names) >= panel.policy.quorum or names & panel.own, f"too few liars were believed: {row}"
    for other in rows:
        shown = shown_by_proof(other.outcome)
        read = other.asset.native or isinstance(other.outcome, Balance)
        if shown is not None and (read or row.asset == other.asset):
            liars = {name for name, word in said_of(other.outcome) if denies(word, shown)}
            assert not liars & names, f"contradicted by the proof of {other}, and believed: {row}"
    check_honest(panel, row, outcome)


def check_honest(panel: LyingPanel, row: EvidenceRow, false: Balance) -> None:
    """Who of the honest said what cannot be true beside a false balance."""
    heard = panel.heard(row.asset, row.account)
    refused = {name for name, word in heard.items() if isinstance(word, Gap)}
    words = [(name, word) for name, word in heard.items() if not isinstance(word, Gap)]
    contrary = [set(names) for names in opposed(words, false.word)]
    gap = panel.policy.dissent is Dissent.GAP
    assert not (refused and panel.is_told_apart(row.asset, row.account)), f"told by who asks, and believed: {row}"
    for names in (refused, *contrary):
        assert len(names) < panel.policy.quorum, f"a quorum of honest operators was passed over: {row}"
    assert not (gap and refused), f"a contract's refusal was passed over: {row}"
    assert not (gap and any(contrary)), f"an honest operator was passed over: {row}"


def check_verdict(panel: LyingPanel, reserve: Reserve, rows: Sequence[EvidenceRow]) -> None:
    units = {asset.id: asset.backs for asset in ASSETS}
    (decimals,) = {asset.decimals for asset in ASSETS if asset.backs == reserve.unit}
    counted = [
        (row.outcome, panel.reading(row.asset, row.account) or 0)
        for row in rows
        if units[row.asset] == reserve.unit
        and isinstance(row.outcome, Balance)
        and row.outcome.basis.satisfies(panel.policy.required(reserve.unit))
    ]
    held = sum(outcome.atoms for outcome, _ in counted)
    assert reserve.held * 10**decimals <= held, f"{reserve.unit}: more is held than all balances come to"
    assert reserve.owed is not None
    if reserve.verdict is Verdict.COVERED and panel.held(reserve.unit) < reserve.owed:
        assert any(outcome.atoms > reading for outcome, reading in counted), f"{reserve.unit}: COVERED by nothing"
    if reserve.verdict is Verdict.SHORT and panel.held(reserve.unit) >= reserve.owed:
        exact = [(outcome.atoms, reading) for outcome, reading in counted if not outcome.at_least]
        assert any(atoms < reading for atoms, reading in exact), f"{reserve.unit}: SHORT for nothing"


def check_sample(panel: LyingPanel, rows: Sequence[EvidenceRow]) -> None:
    """A row of at least the step, of an asset whose proofs are to be had, is proven or no balance."""
    for asset in (COIN, KNOWN):
        of_asset = [row.outcome for row in rows if row.asset == asset.id]
        most = sum(max((atoms_of(word) for _, word in said_of(outcome)), default=0) for outcome in of_asset)
        for outcome in of_asset if panel.honest_proofs else ():
            if isinstance(outcome, Balance) and outcome.atoms:
                large = panel.prove is None or outcome.atoms * panel.prove >= most
                assert outcome.basis is Basis.PROVEN or not large, f"{asset.label}: large, and not drawn: {outcome}"


def holds(result: Scan) -> bool:
    """Whether the attestation of a scan holds before anyone who has the claim."""
    made = scanner.attest(result, [Seal(b"x")])
    witness = None if made.witness is None else io.BytesIO(made.witness)
    evidence = io.BytesIO(made.evidence)
    verified = scanner.verify(made.document, result.finding.claim, [Seal(b"x")], evidence, witness=witness)
    return verified.finding == result.finding
