"""`scanner verify` and `scanner show` of what is not of one moment: a series, flows, and several claims together."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.cli import declared_counterparts, tables_revision, terminal
from scanner.cli.command import print_json
from scanner.errors import AttestationInvalid, InputError

if TYPE_CHECKING:
    from scanner.attesting.flows.verify import VerifiedFlows
    from scanner.attesting.series.verify import VerifiedSeries
    from scanner.attesting.together.verify import VerifiedJoint
    from scanner.attesting.verify import Judge
    from scanner.cli.dating import Checked
    from scanner.weighing.claim import Claim

    _Verified = VerifiedSeries | VerifiedFlows | VerifiedJoint

_OF_ONE = ("evidence", "witness", "eip712", "eth_signer")  # options of an attestation


def is_one(document: bytes) -> bool:
    """Whether the document, an envelope or a bare statement, is meant to be such a statement."""
    return is_series(document) or is_flows(document) or is_together(document)


def one_claim(arguments: Namespace) -> Path:
    """The claim of what has one. Raises InputError."""
    claims: list[Path] = arguments.claim
    if claims[1:]:
        raise InputError.at("--claim", "is given several times, and this is of one claim")
    return claims[0]


def claims_of(document: bytes, folder: Path, claims: Sequence[Path]) -> list[Claim]:
    """The claims of such a statement, read by the revision of the tables that its points in `folder` name. Raises
    InputError."""
    from scanner.attesting.revision_of_points import revision_of_points
    from scanner.cli.points_folder import opened_in
    from scanner.sources.addresses import load_claim

    revision = revision_of_points(document, opened_in(folder))
    return [load_claim(path, revision=revision) for path in claims]


def check_history(arguments: Namespace, document: bytes) -> None:
    """Raises InputError where a history is named, and this states no flows."""
    if arguments.history is not None and not is_flows(document):
        raise InputError.at("--history", "is looked into for counterparts of flows, and this states none")


def verify(arguments: Namespace, document: bytes, judge: Judge, stamps: Sequence[Checked] | None) -> int:
    """Every moment checked again, from the files beside the statement, and what `stamps` show of it. Raises
    AttestationInvalid, InputError."""
    from scanner.attesting.revision_of_points import revision_of_points
    from scanner.cli.points_folder import opened_in
    from scanner.cli.shown_beside import shown_beside

    for name in _OF_ONE:
        if getattr(arguments, name, None):
            raise InputError.at(f"--{name.replace('_', '-')}", "is of an attestation of one moment")
    try:
        shown = _verified(arguments, document, judge)
    except AttestationInvalid as error:
        if arguments.json:
            print_json({"holds": False, "step": error.step, "reason": str(error)})
        raise
    beside = shown_beside(arguments, document, shown.statement, stamps)
    flows = getattr(shown, "flows", None)  # of flows alone
    declared = None if flows is None else declared_counterparts.declared(arguments, flows)
    if arguments.json:
        found = declared_counterparts.as_part(declared)
        keys = {"keyids": list(shown.keyids), "unchecked": list(shown.unchecked)}
        print_json({"holds": True} | keys | beside.values | found | dict(shown.predicate))
        return beside.code
    if not arguments.brief:
        present(shown.predicate)
        declared_counterparts.present(declared)
        print()
    print(_holds(shown.predicate))
    for keyid in shown.keyids:
        print(f"signed by  {keyid}")
    for keyid in shown.unchecked:
        print(f"unchecked  {keyid or 'a signature without a name'}: made by a key that --key did not ask for")
    revision = revision_of_points(document, opened_in(arguments.attestation.parent))
    for line in [*tables_revision.lines(revision), *beside.lines]:
        print(line)
    return beside.code


def predicate_of(document: bytes) -> Mapping[str, Any]:
    """What is stated, as it stands. Raises AttestationInvalid where it is not well-formed, or cannot be shown."""
    from scanner.attesting.flows.statement import read_flows
    from scanner.attesting.series.statement import read_series
    from scanner.attesting.together.statement import read_together
    from scanner.report import well_formed

    payload = _payload(document) or b""
    read = read_series if is_series(document) else read_flows if is_flows(document) else read_together
    try:
        predicate: Mapping[str, Any] = read(payload).predicate
        well_formed.check(predicate)
    except ValueError as error:
        raise AttestationInvalid(3, str(error)) from None
    return predicate


def present(predicate: Mapping[str, Any]) -> None:
    """The predicate as a table, on stdout."""
    from scanner.report import flows_table, series_table, together_table

    renders = {"series": series_table.render, "flows": flows_table.render, "together": together_table.render}
    render = next(each for name, each in renders.items() if name in predicate)
    print(render(predicate, width=terminal.width(), colour=terminal.colours()), end="")


def _verified(arguments: Namespace, document: bytes, judge: Judge) -> _Verified:
    import scanner
    from scanner.attesting.flows.transfers_csv import TRANSFERS
    from scanner.attesting.flows.verify import verify_flows
    from scanner.attesting.series.verify import verify_series
    from scanner.attesting.together.verify import verify_together
    from scanner.cli.points_folder import opened_in
    from scanner.cli.together import together
    from scanner.sources.regular_file import open_regular

    keys = [scanner.load_public_key(path) for path in arguments.key]
    policy = scanner.load_policy(arguments.policy) if arguments.policy else None
    folder: Path = arguments.attestation.parent
    opened = opened_in(folder)
    if is_series(document):
        claim = claims_of(document, folder, [one_claim(arguments)])[0]
        return verify_series(document, claim, keys, opened, policy=policy, judge=judge)
    if is_flows(document):
        claim = claims_of(document, folder, [one_claim(arguments)])[0]
        with open_regular(folder / TRANSFERS) as transfers:
            return verify_flows(document, claim, keys, opened, transfers, policy=policy, judge=judge)
    claims = together(claims_of(document, folder, arguments.claim))
    return verify_together(document, claims, keys, opened, policy=policy)


def _holds(predicate: Mapping[str, Any]) -> str:
    if "series" in predicate:
        series = predicate["series"]
        count = len(series["points"])
        return f"The series holds: {series['exchange']}, {count} moments, drawn and recomputed from the evidence."
    if "flows" in predicate:
        flows = predicate["flows"]
        shows = ", ".join(
            f"{count} {word}" for word, count in Counter(each["shows"] for each in flows["assets"]).items()
        )
        return f"The flows hold: {flows['exchange']}, of its assets {shows}; recomputed from balances and transfers."
    together = predicate["together"]
    units = ", ".join(f"{unit['unit']} {unit['verdict']}" for unit in together["units"])
    return f"The statement holds: {len(together['claims'])} claims jointly, {units}, recomputed from the evidence."


def is_series(document: bytes) -> bool:
    """Whether it is meant to be a series."""
    from scanner.attesting.series import statement

    try:
        return statement.is_series(_payload(document) or b"")
    except ValueError:
        return False


def is_flows(document: bytes) -> bool:
    """Whether it is meant to be flows."""
    from scanner.attesting.flows import statement

    try:
        return statement.is_flows(_payload(document) or b"")
    except ValueError:
        return False


def is_together(document: bytes) -> bool:
    """Whether it is meant to be of several claims together."""
    from scanner.attesting.together import statement

    try:
        return statement.is_together(_payload(document) or b"")
    except ValueError:
        return False


def _payload(document: bytes) -> bytes | None:
    """The statement's bytes; None where this is neither an envelope nor a statement."""
    from scanner.attesting.envelope import read_envelope

    if document.startswith(b'{"_type"'):
        return document
    try:
        return read_envelope(document).payload
    except ValueError:
        return None
