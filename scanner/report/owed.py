"""Sentences about what an amount owed rests on: for terminals and pages, and for customers who look for their account.

docs/liabilities.md says the same at length. Nothing here judges a proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from scanner.core.shows import Shows
from scanner.proofs.liabilities.remarks import COMPLETE, KEYS, NOT_UNDERSTOOD, RECURSION, SETUP, TOO_LARGE
from scanner.report.cells import UNPUBLISHED, amount, plain, shares, wrapped
from scanner.report.reserves import basis_parts
from scanner.report.wording import not_established

SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        Shows.STATED: "the total is the exchange's word",
        Shows.INCLUDED: "customers' records lie under the published root; nothing binds the total to them",
        Shows.SUM_BOUND: "the total is at least the sum of all customers who find themselves under this root",
        Shows.TOTAL_PROVEN: "the total is the sum of all records that were published",
    }
)
"""What each word says of a total."""

NOT_SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        Shows.STATED: "that any customer is counted in it",
        Shows.INCLUDED: "that the total is right, or that other customers were shown the same amounts",
        Shows.SUM_BOUND: "that customers who did not look are counted",
        Shows.TOTAL_PROVEN: "that every account is among the records, or that there are no debts besides",
    }
)
"""What each word does not say, by the same key: to be read behind "it does not show"."""

HELD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "proven": "proven on chain",
        "quorum": "agreed on by a quorum of nodes",
        "own": "read from the auditor's own node",
    }
)
"""What is held, by its basis, to be read behind "held"."""

_PHRASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Shows.STATED: "as stated by the exchange; the published proof shows nothing more",
        Shows.INCLUDED: "as stated by the exchange; the published proof shows inclusion only",
        Shows.SUM_BOUND: "at least the sum of all customers who find themselves in the published tree",
        Shows.TOTAL_PROVEN: "the sum of all records by the published proof",
    }
)

_IF: Final[Mapping[str, str]] = MappingProxyType(
    {
        COMPLETE: "every account is among them",
        SETUP: "the exchange destroyed the secrets of its trusted setup",
        KEYS: "the verifying keys that the claim names are of the published circuit",
        RECURSION: "the circuits that were combined are those of the published version",
    }
)
"""What a word rests on, to be read behind "if"."""


_NOT_JUDGED: Final = frozenset({NOT_UNDERSTOOD, TOO_LARGE})


def phrase(reserve: Mapping[str, Any]) -> str:
    """What the amount owed rests on, to be read behind the amount. The page's script says the same (`figures.js`)."""
    basis, words = reserve["owedBasis"], _words(reserve)
    if basis is None or basis["scheme"] is None or basis["symbol"] is None:
        return words
    return f"{words}; the proof calls it {plain(basis['symbol'])}"


def _words(reserve: Mapping[str, Any]) -> str:
    basis = reserve["owedBasis"]
    if any(reason["why"] == "OWED_CONTRADICTED" for reason in reserve["withheld"]):
        return "as stated by the exchange, and contradicted by what it published"
    if basis is None or basis["scheme"] is None:
        return "as stated by the exchange"
    if basis["shows"] == Shows.STATED and not _NOT_JUDGED.isdisjoint(basis["remarks"]):
        return "as stated by the exchange; what it published was not judged"
    conditions = " and ".join(_IF.get(each, each) for each in basis["assumes"])
    return f"{_PHRASES[basis['shows']]}{f', if {conditions}' if conditions else ''}"


def rests_on(reserve: Mapping[str, Any]) -> str:
    """Both halves of a unit's ratio in one sentence."""
    parts = {HELD[basis]: part for basis, part in basis_parts(reserve).items()}
    held = "".join(parts) or ("not established" if not_established(reserve) else "nothing")
    if len(parts) > 1:
        held = ", ".join(f"{words} {share}" for words, share in shares(parts).items())
    owed = UNPUBLISHED if reserve["owed"] is None else f"{amount(reserve['owed'])}, {phrase(reserve)}"
    return f"held: {held}; owed: {owed}"


def owed(weighed: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """What the amounts owed rest on: those with a published proof one by one, the others together."""
    stated: list[str] = []
    for reserve in weighed:
        basis = reserve["owedBasis"]
        if basis is None or basis["scheme"] is None:
            stated += [plain(reserve["unit"])] if reserve["owed"] else []
            continue
        unit, entries = plain(reserve["unit"]), basis["entries"]
        records = "" if entries is None else ", 1 record" if entries == 1 else f", {entries:,} records"
        rests = f"; it rests on: {', '.join(map(plain, basis['assumes']))}" if basis["assumes"] else ""
        known = f"; known of it: {', '.join(map(plain, basis['remarks']))}" if basis["remarks"] else ""
        yield from wrapped(
            f"{unit} owed is {basis['shows']}, {phrase(reserve)} ({plain(basis['scheme'])}{records}{rests}{known}).",
            width,
        )
    if stated:
        yield from wrapped(f"Owed as stated by the exchange, without a published proof: {', '.join(stated)}.", width)
