"""What each command does: files in, verbs of the library called, results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from scanner.cli import completion, init, named_files, onchain, schemas, streams, terminal
from scanner.cli.arguments import INTERRUPTED, parser
from scanner.cli.bugs import told_bug
from scanner.errors import AttestationInvalid, InputError, ScannerError

_MOST_BYTES: Final = 16 * 1024 * 1024  # of an attestation's file
_UNKNOWN: Final = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code, which `scanner.errors` and every `--help` explain."""
    with streams.lenient():
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    arguments = parser().parse_args(argv)
    commands: dict[str, Callable[[Namespace], int]] = {
        "import": import_file,
        "init": init.run,
        "check": check,
        "scan": scan,
        "verify": verify,
        "show": show,
        "included": customer_included,
        "log": log,
        "site": site,
        "schema": schemas.print_schema,
        "completion": lambda arguments: completion.print_script(arguments, parser()),
    }
    try:
        return commands[arguments.command](arguments)
    except ScannerError as error:
        print("\n".join(f"scanner: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("scanner: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: anything else is a fault of this program, and says so
        told_bug(error)
        return ScannerError.exit_code


def import_file(arguments: Namespace) -> int:
    """A claim that refers to a published file, written; and the account of the file's rows."""
    from scanner.cli import importing
    from scanner.report.cells import Paint

    read = importing.write_claim(arguments)
    if arguments.json:
        _print_json(importing.as_json(arguments.out, read))
    else:
        print("\n".join(importing.lines(arguments.out, read, terminal.width(), Paint(terminal.colours()))))
    return 0


def check(arguments: Namespace) -> int:
    """Everything a scan needs, examined by asking each node for one balance of each kind. Exits as the scan would, as
    far as that is a matter of the nodes."""
    import asyncio

    from scanner.cli import diagnosis, examination, plan, row_account
    from scanner.cli.check_result import Grade
    from scanner.cli.inputs import Instruments, claim_and_any_instrument, claim_and_instrument
    from scanner.cli.progress import observer
    from scanner.core.evidence import Gap
    from scanner.report.cells import Paint
    from scanner.scanning.examine import examine
    from scanner.sources.nodes import unreachable_quorums
    from scanner.weighing.policy import Policy

    needs_nodes = arguments.plan or not arguments.offline
    load = claim_and_instrument if needs_nodes else claim_and_any_instrument
    read, instrument = load(arguments.claim, Instruments(arguments))
    claim = read.claim
    served = set(claim.chains) - row_account.unserved(claim).keys()
    lacking = {} if instrument is None else unreachable_quorums(instrument, served)
    observe, opened = observer(arguments.log or "none", sys.stderr), plan.Opened()
    chains = []
    if instrument is not None and not arguments.offline:
        chains = asyncio.run(examine(claim, instrument, observe=plan.both(opened, observe)))
    found = list(diagnosis.points(read, instrument, lacking, chains))
    policy = Policy() if instrument is None else instrument.policy
    costs = plan.planned(arguments, claim, instrument, opened) if arguments.plan and instrument else None
    if arguments.json:
        told = examination.as_json(read, policy, lacking, chains, found)
        _print_json(told if costs is None else told | {"plan": plan.as_json(costs)})
    else:
        asked, paint, width = not arguments.offline, Paint(terminal.colours()), terminal.width()
        print("\n".join(examination.lines(read, found, asked=asked, width=width, paint=paint)))
        if costs is not None:
            print("\n".join(plan.lines(costs, width, paint)))
    if lacking:
        return InputError.exit_code
    unread = any(isinstance(chain.pinned, Gap) and chain.weighed for chain in chains)
    return _UNKNOWN if unread or any(point.grade is Grade.GAP for point in found) else 0


def scan(arguments: Namespace) -> int:
    """Every holding of every claim read, weighed, told, and written down."""
    from scanner.cli import scanning

    return scanning.scan(arguments, _present)


def verify(arguments: Namespace) -> int:
    """An attestation checked again from its evidence."""
    import scanner
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.scanning.control import judged_together
    from scanner.sources.regular_file import open_if_there, open_regular

    claim = scanner.load_claim(arguments.claim)
    keys = [scanner.load_public_key(path) for path in arguments.key]
    addresses = onchain.demanded(arguments)
    policy = scanner.load_policy(arguments.policy) if arguments.policy else None
    evidence = arguments.evidence or arguments.attestation.parent / EVIDENCE
    document = _read(arguments.attestation)
    witness = arguments.witness or arguments.attestation.parent / WITNESS
    try:
        with open_regular(evidence) as rows, open_if_there(witness) as proofs:
            shown = scanner.verify(document, claim, keys, rows, witness=proofs, policy=policy, judge=judged_together)
        form = onchain.checked(arguments, shown.statement, addresses)
    except AttestationInvalid as error:
        if arguments.json:
            _print_json({"holds": False, "step": error.step, "reason": str(error)})
        raise
    finding = shown.predicate["finding"]
    if arguments.json:
        _print_json(
            {"holds": True, "keyids": list(shown.keyids), "unchecked": list(shown.unchecked)}
            | onchain.as_json(form)
            | dict(shown.predicate)
        )
        return 0
    _present(shown.predicate, as_json=False)
    print(
        f"\nThe attestation holds: {finding['exchange']}, verdict {finding['verdict']}, recomputed from the evidence."
    )
    for keyid in shown.keyids:
        print(f"signed by  {keyid}")
    for keyid in shown.unchecked:
        name = keyid or "a signature without a name"
        print(f"unchecked  {name}: made by a key that --key did not ask for")
    for line in onchain.lines(arguments, form):
        print(line)
    return 0


def customer_included(arguments: Namespace) -> int:
    """Whether one customer's record is in what the exchange published."""
    from scanner.cli import included
    from scanner.report.included import lines

    found = included.answer(arguments)
    if arguments.json:
        _print_json(found)
    else:
        print("\n".join(lines(found, terminal.width())))
    return included.exit_code(found)


def show(arguments: Namespace) -> int:
    """What an attestation or a statement says; nothing of it is checked but what a page is to carry beside it."""
    from scanner.cli import showing

    paged = showing.asks_for_a_page(arguments)
    named_files.of_show(arguments)
    shown = showing.opened(arguments.attestation, _read(arguments.attestation))
    if paged:
        print("\n".join(showing.write_page(arguments, shown)))
        return 0
    _present(shown.predicate, as_json=arguments.json)
    if not arguments.json:
        print("\nShown as it stands: neither signatures nor numbers were checked. `scanner verify` checks them.")
    return 0


def log(arguments: Namespace) -> int:
    """The history listed; or, by its action, added to, checked, or derived anew."""
    from scanner.cli import log as history
    from scanner.report.log_table import render

    match arguments.action:
        case "add":
            named_files.of_log(arguments, history.location(arguments))
            told = history.add(arguments, _read(arguments.attestation))
            _print_json(told) if arguments.json else print("\n".join(history.lines(told)))
        case "check":
            if faults := history.check(arguments):
                print("\n".join(faults))
                return AttestationInvalid.exit_code
            print(history.sound(arguments))
        case "rebuild":
            print(f"{history.rebuild(arguments):,} entries derived anew.")
        case _:
            listed = history.listed(arguments)
            _print_json(listed) if arguments.json else print(
                render(listed, width=terminal.width(), colour=terminal.colours()), end=""
            )
    return 0


def site(arguments: Namespace) -> int:
    """The history as a folder of pages."""
    from scanner.cli.site import write

    print(write(arguments))
    return 0


def _read(path: Path) -> bytes:
    from scanner.cli.files import read_whole

    return read_whole(path, _MOST_BYTES, "; no attestation is")


def _present(predicate: Mapping[str, Any], *, as_json: bool) -> None:
    from scanner.report.table import render

    if as_json:
        _print_json(predicate)
    else:
        print(render(predicate, width=terminal.width(), colour=terminal.colours()), end="")


def _print_json(value: Mapping[str, Any]) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=not streams.takes_every_character(sys.stdout)))
