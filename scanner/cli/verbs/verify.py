"""`scanner verify`: an attestation, or a series, checked again, offline, from its evidence."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.cli import anchoring, dating, onchain, tables_revision
from scanner.cli.command import (
    Command,
    add_demanded_keys,
    add_evidence,
    add_json,
    present,
    print_json,
    read_attestation,
)
from scanner.errors import AttestationInvalid

if TYPE_CHECKING:
    from scanner.weighing.claim import Claim
    from scanner.weighing.control.controls import Controls


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("attestation", metavar="ATTESTATION", type=Path, help="the attestation's file, or a series'")
    command.add_argument(
        "--claim",
        metavar="CLAIM",
        type=Path,
        action="append",
        required=True,
        help="the claim it is about; given several times, the claims that were weighed together",
    )
    add_demanded_keys(command, required=True)
    onchain.add_checking(command)
    add_evidence(command)
    command.add_argument(
        "--policy", metavar="FILE", type=Path, help="refuse a statement made under a laxer policy than this file's"
    )
    command.add_argument(
        "--brief", action="store_true", help="leave the report out: whether it holds, and who signed it"
    )
    anchoring.add_trusted(command)
    dating.add_stamps(command)
    command.add_argument(
        "--history",
        metavar="FILE|URL",
        help="of flows: say which counterparts the verified claims of this history declare",
    )
    add_json(command, "what was shown")


def run(arguments: Namespace) -> int:
    """An attestation checked again from its evidence."""
    import scanner
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.cli import several_moments as several
    from scanner.cli.shown_beside import shown_beside
    from scanner.sources.regular_file import open_if_there, open_regular

    document = read_attestation(arguments.attestation)
    several.check_history(arguments, document)
    stamps = dating.checked(arguments, document)
    if several.is_one(document):
        return several.verify(arguments, document, judge, stamps)
    claim = scanner.load_claim(several.one_claim(arguments), revision=scanner.stated_revision(document))
    keys = [scanner.load_public_key(path) for path in arguments.key]
    addresses = onchain.demanded(arguments)
    policy = scanner.load_policy(arguments.policy) if arguments.policy else None
    evidence = arguments.evidence or arguments.attestation.parent / EVIDENCE
    witness = arguments.witness or arguments.attestation.parent / WITNESS
    try:
        with open_regular(evidence) as rows, open_if_there(witness) as proofs:
            shown = scanner.verify(document, claim, keys, rows, witness=proofs, policy=policy, judge=judge)
        form = onchain.checked(arguments, shown.statement, addresses)
    except AttestationInvalid as error:
        if arguments.json:
            print_json({"holds": False, "step": error.step, "reason": str(error)})
        raise
    finding = shown.predicate["finding"]
    beside = shown_beside(arguments, document, shown.statement, stamps, shown.run.scanned_at)
    if arguments.json:
        print_json(
            {"holds": True, "keyids": list(shown.keyids), "unchecked": list(shown.unchecked)}
            | beside.values
            | onchain.as_json(form)
            | dict(shown.predicate)
        )
        return beside.code
    if not arguments.brief:
        present(shown.predicate, as_json=False)
        print()
    print(f"The attestation holds: {finding['exchange']}, verdict {finding['verdict']}, recomputed from the evidence.")
    for keyid in shown.keyids:
        print(f"signed by  {keyid}")
    for keyid in shown.unchecked:
        name = keyid or "a signature without a name"
        print(f"unchecked  {name}: made by a key that --key did not ask for")
    for line in [*tables_revision.lines(claim.revision), *onchain.lines(arguments, form), *beside.lines]:
        print(line)
    return beside.code


def judge(claim: Claim) -> Controls:
    """What was published to show who controls the claim's accounts shows, on all processors where there is any."""
    if not any(part.ownerships for part in claim.holdings.parts):
        from scanner.weighing.control.recognise import judged

        return judged(claim)
    from scanner.scanning.control import judged_together

    return judged_together(claim)


COMMAND: Final = Command(
    "verify",
    "check an attestation, or a series, again, offline, from its evidence",
    (
        "scanner verify out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub",
        "scanner verify series/series.dsse.json --claim config/addresses.yaml --key auditor.pub",
    ),
    add_arguments,
    run,
)
