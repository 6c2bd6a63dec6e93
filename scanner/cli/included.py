"""`scanner included`: a customer's own question. Is my account in it, with my balances? Offline, for every scheme.

What was published comes from a claim, with the files beside it, or from an attestation, which has the roots alone. Only
what is owed is read of a claim. Not here: the sentences (`report.included`).
"""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.errors import AttestationInvalid, InputError

if TYPE_CHECKING:
    from scanner.proofs.liabilities import Inclusion, Misstated, Published
    from scanner.sources.stated_liabilities import NamedProof

_UNKNOWN: Final = 3
_CODES: Final = {
    "included": 0,
    "unpublished": _UNKNOWN,
    "files-missing": _UNKNOWN,
    "too-large": InputError.exit_code,
    "edited": AttestationInvalid.exit_code,
    "published-edited": AttestationInvalid.exit_code,
    "other-root": AttestationInvalid.exit_code,
    "not-understood": InputError.exit_code,
}
_RANK: Final = (
    "included",
    "unpublished",
    "published-edited",
    "edited",
    "other-root",
    "too-large",
    "files-missing",
    "not-understood",
)
"""Of several proofs the one that says most answers; the first outcome here."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What can be typed behind `scanner included`."""
    command.add_argument("file", metavar="FILE", type=Path, help="the file that the exchange gave to its customer")
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--claim", metavar="CLAIM", type=Path, help="the claim that names what was published")
    source.add_argument(
        "--attestation", metavar="ATTESTATION", type=Path, help="or an attestation, which has the roots"
    )
    command.add_argument(
        "--key",
        metavar="PUB",
        type=Path,
        action="append",
        default=[],
        help="an Ed25519 public key (PEM) that must have signed the attestation; may be given several times",
    )
    command.add_argument(
        "--published",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="beside an attestation: what the exchange published for all customers, where its root alone is not enough;"
        " may be given several times",
    )
    command.add_argument(
        "--option",
        metavar="NAME=VALUE",
        type=_option,
        action="append",
        default=[],
        help="beside an attestation: what else the scheme has to know, as a claim's options have it",
    )
    command.add_argument("--scheme", metavar="NAME", help="the format, where several are named (default: which fits)")
    command.add_argument("--json", action="store_true", help="print the answer as JSON")


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, such as mode=concatenated, not {text!a}")
    return name, value


@dataclass(frozen=True, slots=True)
class Source:
    """One published proof, wherever it is named."""

    exchange: str
    as_of: str
    scheme: str
    open: Callable[[], AbstractContextManager[Published]]
    said_by: str  # where the root stands, for people
    misstated: Callable[[Misstated], InputError]  # the mistake, at its place in the file that names scheme and root
    owed: Mapping[str, Fraction] = field(default_factory=dict)  # by what the proof calls the unit


def answer(arguments: Namespace) -> dict[str, Any]:
    """What came of it, as JSON values. Raises InputError, and AttestationInvalid for a key that has not signed."""
    from scanner.sources.proof_files import open_file

    sources = [*(_of_claim(arguments) if arguments.claim else _of_attestation(arguments))]
    where = str(arguments.claim or arguments.attestation)
    if arguments.scheme:
        sources = [source for source in sources if source.scheme == arguments.scheme]
    if not sources:
        wanted = f" of the scheme {arguments.scheme}" if arguments.scheme else ""
        raise InputError.at(where, f"names no published proof{wanted} of what is owed")
    file = open_file(arguments.file)
    found = [_asked(source, file) for source in sources]
    return min(found, key=lambda each: _RANK.index(each["outcome"]))


def exit_code(found: Mapping[str, Any]) -> int:
    """As elsewhere: 0 it is in it, 2 not understood, 3 not known, 4 it does not hold."""
    return _CODES[found["outcome"]]


def _asked(source: Source, file: Any) -> dict[str, Any]:
    from scanner.proofs.liabilities import (
        Misstated,
        NeedsFiles,
        NotUnderstood,
        OtherRoot,
        Refuted,
        TooLarge,
        find_scheme,
    )

    inclusion, outcome, reason = None, "", ""
    try:
        with source.open() as published:
            inclusion = find_scheme(source.scheme).includes(published, file)
        outcome = "included" if inclusion.published else "unpublished"
    except OtherRoot as error:
        outcome, reason = "other-root", str(error)
    except Refuted as error:
        of_published = _why_published_is_refuted(source)
        outcome, reason = ("published-edited", of_published) if of_published else ("edited", str(error))
    except NeedsFiles as error:
        outcome, reason = "files-missing", str(error)
    except TooLarge as error:
        outcome, reason = "too-large", str(error)
    except Misstated as error:
        raise source.misstated(error) from None
    except NotUnderstood as error:
        outcome, reason = "not-understood", str(error)
    return {
        "included": outcome == "included",
        "outcome": outcome,
        "reason": reason,
        "exchange": source.exchange,
        "asOf": source.as_of,
        "scheme": source.scheme,
        **_record(source, inclusion),
    }


def _why_published_is_refuted(source: Source) -> str:
    """Why what was published does not hold itself, without any customer's file; else nothing."""
    from scanner.proofs.liabilities import NotUnderstood, Refuted, find_scheme

    try:
        with source.open() as published:
            find_scheme(source.scheme).judge(published)
    except Refuted as error:
        return str(error)
    except NotUnderstood:
        pass
    return ""


def _record(source: Source, inclusion: Inclusion | None) -> dict[str, Any]:
    from scanner.core.amounts import exact

    if inclusion is None:
        empty: dict[str, Any] = {"account": "", "root": "", "rootFrom": "", "amounts": {}, "shows": None, "leaves": 0}
        return empty | {"assumes": [], "remarks": [], "contradictions": []}
    contradictions = [
        f"{symbol}: {exact(total)} stand beside the root of this file, and {exact(owed)} are said to be owed"
        for symbol, total in inclusion.totals.items()
        if (owed := source.owed.get(symbol.upper())) is not None and owed != total
    ]
    return {
        "account": inclusion.account,
        "root": inclusion.root,
        "rootFrom": source.said_by if inclusion.published else "in customers' own files alone",
        "amounts": {symbol: exact(amount) for symbol, amount in inclusion.amounts.items()},
        "shows": inclusion.shows.value,
        "leaves": inclusion.leaves,
        "assumes": list(inclusion.assumes),
        "remarks": list(inclusion.remarks),
        "contradictions": contradictions,
    }


def _of_claim(arguments: Namespace) -> Iterator[Source]:
    from scanner.sources.liabilities import published
    from scanner.sources.stated_liabilities import load_owed

    if arguments.key or arguments.published or arguments.option:
        raise InputError.at("--key, --published, --option", "belong to --attestation; a claim has them itself")
    claim = load_owed(arguments.claim)
    for named in claim.proofs:
        owed = {
            (each.symbol or each.liability.unit).upper(): each.liability.owed
            for each in named.stated
            if each.liability.owed is not None
        }
        yield Source(
            claim.exchange or "",
            "" if claim.as_of is None else f"{claim.as_of:%Y-%m-%dT%H:%M:%SZ}",
            named.reference.scheme,
            lambda named=named: published(named.reference, arguments.claim.parent),  # type: ignore[misc]
            f"published, as {arguments.claim.name} has it"
            if named.reference.root is not None
            else f"in the published files that {arguments.claim.name} names",
            lambda error, named=named: _misstated(named, error),  # type: ignore[misc]
            owed,
        )


def _misstated(named: NamedProof, error: Misstated) -> InputError:
    """At the line of the claim where it stands."""
    place = named.stated[0].place.down("proof", *error.key.split(".", 1))
    place.refuse(error.fault)
    return place.notes.error()


def _of_attestation(arguments: Namespace) -> Iterator[Source]:
    from scanner.attesting.signers import load_public_key
    from scanner.cli.files import read_whole
    from scanner.cli.showing import opened
    from scanner.core.amounts import parse_decimal
    from scanner.proofs.liabilities import Published
    from scanner.sources.proof_files import open_file

    shown = opened(arguments.attestation, read_whole(arguments.attestation, 16 * 1024 * 1024, "; no attestation is"))
    for path in arguments.key:
        key = load_public_key(path)
        if shown.envelope is None or not shown.envelope.is_signed_by(key):
            raise AttestationInvalid(2, f"{path}: the key {key.keyid} has not signed this attestation")
    signed = "signed by the keys given" if arguments.key else "its signature was not checked: give --key"
    finding = shown.predicate["finding"]
    files, options = tuple(open_file(path) for path in arguments.published), dict(arguments.option)
    seen: set[tuple[str, str | None]] = set()
    for reserve in finding["reserves"]:
        basis = reserve["owedBasis"]
        if basis is None or basis["scheme"] is None or (basis["scheme"], basis["root"]) in seen:
            continue
        seen.add((basis["scheme"], basis["root"]))
        owed = {
            each["unit"].upper(): parse_decimal(each["owedBasis"]["total"])
            for each in finding["reserves"]
            if each["owedBasis"] and each["owedBasis"]["root"] == basis["root"] and each["owedBasis"]["total"]
        }
        yield Source(
            finding["exchange"],
            finding["asOf"],
            basis["scheme"],
            lambda root=basis["root"]: nullcontext(Published(files, options, root)),  # type: ignore[misc]
            f"in the attestation, {signed}",
            lambda error: InputError.at(str(arguments.attestation), str(error)),
            owed,
        )
