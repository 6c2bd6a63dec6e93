"""What `scanner check` says of published proofs of what is owed: before a scan, what each of them will show.

The proofs were judged when the claim was read. Nothing is asked or printed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from scanner.cli.check_result import CheckResult, Grade
from scanner.core.shows import Shows
from scanner.proofs.liabilities.remarks import REMARKS, TOO_LARGE
from scanner.report.cells import plain
from scanner.report.owed import NOT_SHOWN, SHOWN
from scanner.sources.liabilities import JudgedProof
from scanner.weighing.claim import Claim
from scanner.weighing.policy import Policy
from scanner.weighing.withheld import unshown

_TODO: Final[Mapping[str, str]] = {
    TOO_LARGE: "Judge it with a program that reads as much.",
}
_MATTERS: Final[Mapping[bool, str]] = {
    True: "The units are contradicted: no verdict will be given on them.",
    False: "Nothing is shown of what is owed, and nothing contradicted: it stands as the exchange states it.",
}


def points(claim: Claim, proofs: tuple[JudgedProof, ...], policy: Policy) -> Iterator[CheckResult]:
    """Proof by proof, then what the policy requires and is not shown."""
    for proof in proofs:
        yield from _of_proof(claim, proof)
    for unit, liability in claim.liabilities.items():
        required = policy.narrowed(claim.units, claim.assets).shown_of(unit)
        if liability.owed is not None and (why := unshown(liability, required)):
            yield CheckResult(
                Grade.NOTE,
                "owed",
                f"{unit}: {why}",
                "No verdict will be given on it.",
                "Name what was published of it.",
            )


def _of_proof(claim: Claim, proof: JudgedProof) -> Iterator[CheckResult]:
    about, units = proof.reference.scheme, ", ".join(proof.units)
    if proof.shown is None:
        todo = _TODO.get(proof.fault, "See that it is whole.")
        yield CheckResult(Grade.NOTE, about, f"{units}: {plain(proof.reason, 500)}", _MATTERS[proof.refuted], todo)
        return
    words: dict[Shows, list[str]] = {}
    for unit in proof.units:
        liability = claim.liabilities[unit]
        if liability.contradicted:
            what, todo = f"{unit}: {liability.contradicted}", "Correct the amount, if it is wrong."
            yield CheckResult(Grade.NOTE, about, what, _MATTERS[True], todo)
        else:
            words.setdefault(liability.basis.shows, []).append(unit)
    for word, of in words.items():
        entries = proof.shown.entries
        records = "" if entries is None else f"; {entries:,} {'record' if entries == 1 else 'records'} checked"
        yield CheckResult(
            Grade.OK,
            about,
            f"owed {', '.join(of)}: {word}, {SHOWN[word]}{records}",
            f"It does not show {NOT_SHOWN[word]}.",
        )
    for remark in proof.shown.remarks:
        yield CheckResult(Grade.NOTE, about, f"known of this format: {REMARKS.get(remark, plain(remark))}")
