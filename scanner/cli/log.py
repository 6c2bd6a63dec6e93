"""`scanner log`: a history listed, added to, checked and derived anew."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from scanner.cli import anchoring, dating, several_moments
from scanner.cli.log_arguments import DEFAULT, HISTORY
from scanner.errors import AttestationInvalid, InputError, Mistake
from scanner.sources.regular_file import open_if_there, open_regular

if TYPE_CHECKING:
    from scanner.attesting.anchored import AnchoredBlock
    from scanner.attesting.envelope import Key
    from scanner.attesting.stated_blocks import StatedBlocks
    from scanner.history.log import Appended, HistoryLog
    from scanner.history.summary import Expected
    from scanner.weighing.claim import Claim


def location(arguments: Namespace) -> str:
    """Where the history is."""
    given: str | None = arguments.history
    return os.environ.get(HISTORY, "") or DEFAULT if given is None else given


def listed(arguments: Namespace) -> dict[str, Any]:
    """The history as JSON values. Raises InputError for an exchange that it does not have."""
    from scanner.history.log import open_history
    from scanner.history.summary import summary

    with open_history(location(arguments)) as history, history.at_one_moment():
        found = summary(history, exchange=arguments.exchange, expected=expected(arguments))
        if arguments.exchange is not None and not found["exchanges"]:
            refuse_unknown_exchange(arguments, history)
    return found


def refuse_unknown_exchange(arguments: Namespace, history: HistoryLog) -> NoReturn:
    """Raises InputError for an exchange that the history does not have, with those that it has."""
    known = ", ".join(repr(name) for name in sorted({entry.said.exchange for entry in history.entries()}))
    raise InputError.at("--exchange", f"{arguments.exchange!r} is not in {history.name}; in it are {known}")


def expected(arguments: Namespace) -> Expected | None:
    """What --cadence, --grace and --at say, where a cadence is given."""
    from scanner.history.cadence import Cadence
    from scanner.history.summary import Expected

    if arguments.cadence is None:
        return None
    return Expected(Cadence(arguments.cadence), arguments.at or datetime.now(UTC), timedelta(days=arguments.grace))


def add(arguments: Namespace, document: bytes) -> dict[str, Any]:
    """One attestation verified and appended, or kept unverified where that is asked for; reported as JSON values."""
    from scanner.history.log import keep_unverified, open_history

    _check_how(arguments)
    try:
        if several_moments.is_one(document):
            return _several(arguments, document)
        if arguments.unverified:
            with open_history(location(arguments), create=True) as history:
                return _described(keep_unverified(history, document, at=datetime.now(UTC)))
        return _described(_verified(arguments, document))
    except AttestationInvalid as error:
        raise AttestationInvalid(error.step, f"{str(error).partition(': ')[2]}; nothing was added") from None


def append_own(where: str, folder: Path, claim: Claim, keys: Sequence[Key]) -> None:
    """The attestation that was just written to `folder`, verified and appended. Raises InputError.

    One that is there already stays one entry, so this may be done again and again.
    """
    from scanner.attesting.attestation import ATTESTATION
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.history.log import append, open_history
    from scanner.scanning.control import judged_together

    document = (folder / ATTESTATION).read_bytes()
    with open_regular(folder / EVIDENCE) as rows, open_if_there(folder / WITNESS) as proofs:
        history: HistoryLog
        with open_history(where, create=True) as history:
            now = datetime.now(UTC)
            append(history, document, claim, keys, rows, witness=proofs, at=now, judge=judged_together)


def lines(added: Mapping[str, Any]) -> list[str]:
    """What was added, for people."""
    from scanner.report.cells import moment, plain
    from scanner.report.log_table import dated

    if "statement" in added:
        names = " and ".join(map(plain, added["exchanges"]))
        what = f"statement {added['entry']} of several moments: {names}"
        found = [f"{'added as' if added['new'] else 'there already,'} {what}"]
        return found + [f"verified against {keyid}" for keyid in added["keyids"]]
    entry = f"entry {added['entry']}: {plain(added['exchange'])}, as of {moment(added['asOf'])}, {added['verdict']}"
    found = [f"{'added as' if added['new'] else 'there already,'} {entry}"]
    found += [f"verified against {keyid}" for keyid in added["keyids"]]
    found += dated(added)
    if not added["verified"]:
        found.append("NOT VERIFIED: it is listed, and counts for nothing")
    for other in added["others"]:
        agreement = "the same finding" if other["sameFinding"] else "ANOTHER FINDING"
        checked = "" if other["verified"] else ", not verified"
        found.append(f"entry {other['entry']} is of the same claim and snapshots, with {agreement}{checked}")
    return found


def check(arguments: Namespace) -> list[str]:
    """What is not as the envelopes say."""
    import scanner
    from scanner.history.log import check as faults
    from scanner.history.log import open_history

    keys = [scanner.load_public_key(path) for path in arguments.key]
    with open_history(location(arguments)) as history:
        return faults(history, keys)


def anchored(arguments: Namespace) -> tuple[list[AnchoredBlock], StatedBlocks]:
    """What an anchor shows of the blocks of all entries that are verified, and these blocks. Raises InputError."""
    from scanner.history.log import open_history

    with open_history(location(arguments)) as history, history.at_one_moment():
        blocks = verified_blocks(history)
    return anchoring.checked(arguments, blocks.all, Path()), blocks


def verified_blocks(history: HistoryLog) -> StatedBlocks:
    """The blocks of all entries that are verified."""
    from scanner.attesting.stated_blocks import StatedBlocks

    found = StatedBlocks(())
    for entry in history.entries():
        if entry.verified:
            found += anchoring.stated_in(history.document(entry.number), f"entry {entry.number}", Path())
    return found


def not_anchored(arguments: Namespace) -> list[str]:
    """What is said of statements whose blocks `anchored` does not look at."""
    from scanner.history.log import open_history

    with open_history(location(arguments)) as history:
        count = len(history.several())
    if not count:
        return []
    return [
        f"not looked at {count:,} series or claims together, whose moments no history keeps: `scanner verify` does it"
    ]


def sound(arguments: Namespace) -> str:
    """What is said of a history without a fault: of an empty one nothing was checked."""
    from scanner.history.log import open_history

    with open_history(location(arguments)) as history:
        is_empty = not (history.entries() or history.several())
    return "Everything derived is as the envelopes say." if not is_empty else "There is nothing in it to check."


def rebuild(arguments: Namespace) -> int:
    """Everything derived anew. The number of entries."""
    from scanner.history.log import open_history
    from scanner.history.log import rebuild as derive

    with open_history(location(arguments), upgrade=True) as history:
        return derive(history)


def _check_how(arguments: Namespace) -> None:
    """Either it is verified, or it is said plainly that it is not."""
    if arguments.unverified:
        options = ("claim", "key", "evidence", "witness", "policy", "tsa_roots", "stamp")
        given = [name.replace("_", "-") for name in options if getattr(arguments, name)]
        if given:
            raise InputError([Mistake(f"--{name}", "checks what --unverified leaves unchecked") for name in given])
    elif arguments.claim is None or not arguments.key:
        missing = [f"--{name}" for name in ("claim", "key") if not getattr(arguments, name)]
        raise InputError(
            [Mistake(name, "is needed to verify it; or give --unverified to keep it unchecked") for name in missing]
        )


def _verified(arguments: Namespace, document: bytes) -> Appended:
    import scanner
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.history.log import append, date, open_history
    from scanner.scanning.control import judged_together

    claim = scanner.load_claim(several_moments.one_claim(arguments), revision=scanner.stated_revision(document))
    keys = [scanner.load_public_key(path) for path in arguments.key]
    policy = scanner.load_policy(arguments.policy) if arguments.policy else None
    shown = dating.held(arguments, document, "nothing was added")
    stamps = [(each.answer, each.shown.authority) for each in shown if each.shown.authority is not None]
    evidence = arguments.evidence or arguments.attestation.parent / EVIDENCE
    witness = arguments.witness or arguments.attestation.parent / WITNESS
    with open_regular(evidence) as rows, open_if_there(witness) as proofs:
        history: HistoryLog
        with open_history(location(arguments), create=True) as history:
            now = datetime.now(UTC)
            appended = append(
                history, document, claim, keys, rows, witness=proofs, policy=policy, at=now, judge=judged_together
            )
            if not stamps:
                return appended
            return date(history, appended, stamps, at=now)


def _several(arguments: Namespace, document: bytes) -> dict[str, Any]:
    """A series, or claims together, verified and appended."""
    import scanner
    from scanner.cli.points_folder import opened_in
    from scanner.cli.together import together
    from scanner.history.log import open_history
    from scanner.history.several import append_series, append_together
    from scanner.scanning.control import judged_together

    if several_moments.is_flows(document):
        raise InputError.at(str(arguments.attestation), "states flows, which no history keeps")
    if arguments.tsa_roots or arguments.stamp:
        raise InputError.at("--tsa-roots", "keeps stamps of attestations of one moment alone")
    if arguments.unverified:
        raise InputError.at("--unverified", "keeps attestations alone; a statement of several moments is verified")
    keys = [scanner.load_public_key(path) for path in arguments.key]
    policy = scanner.load_policy(arguments.policy) if arguments.policy else None
    folder, now = arguments.attestation.parent, datetime.now(UTC)
    opened, of_series = opened_in(folder), several_moments.is_series(document)
    paths = [several_moments.one_claim(arguments)] if of_series else arguments.claim
    claims = several_moments.claims_of(document, folder, paths)
    joint = None if of_series else together(claims)
    with open_history(location(arguments), create=True) as history:
        database, before = history.database, len(history.several())
        if joint is None:
            number = append_series(
                database, document, claims[0], keys, opened, at=now, policy=policy, judge=judged_together
            )
        else:
            number = append_together(database, document, joint, keys, opened, at=now, policy=policy)
        added = next(each for each in history.several() if each.number == number)
        return {
            "statement": added.digest,
            "entry": number,
            "new": number > before,
            "exchanges": list(added.exchanges),
            "keyids": sorted({keyid for each in added.verifications for keyid in each.keyids}),
        }


def _described(appended: Appended) -> dict[str, Any]:
    from scanner.history.summary import stamp_as_json

    entry = appended.entry
    keyids = [keyid for verification in entry.verifications for keyid in verification.keyids]
    return {
        "entry": entry.number,
        "new": appended.new,
        "attestation": entry.digest,
        "exchange": entry.said.exchange,
        "asOf": entry.said.as_of,
        "verdict": entry.said.verdict,
        "verified": entry.verified,
        "keyids": list(dict.fromkeys(keyids)),
        "stamps": [stamp_as_json(each) for each in entry.stamps],
        "others": [
            {
                "entry": other.number,
                "attestation": other.digest,
                "verified": other.verified,
                "sameFinding": other.said.finding == entry.said.finding,
            }
            for other in appended.others
        ],
    }
