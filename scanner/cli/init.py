"""`scanner init`: a nodes.yaml to begin with, for the chains that a claim or a published file names.

It is written from the table of public endpoints (`sources.presets`), which is not verified: the file says so, and
`scanner check` finds out. On a terminal it asks which operators to ask; in a pipeline options say it. A file that
exists is never written over. What is written is read as every nodes.yaml is before it is put in place.
"""

from __future__ import annotations

import argparse
import json
import os
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.errors import InputError, Mistake

if TYPE_CHECKING:
    from scanner.cli.chosen_nodes import ChainNodes
    from scanner.cli.wanted_nodes import Wanted
    from scanner.core.evidence import Gap
    from scanner.core.ids import Chain
    from scanner.weighing.claim import Claim

NODES: Final = "nodes.yaml"
_CHECK: Final = "scanner check"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="CLAIM|FILE", type=Path, help="a claim, or a file as an exchange published it")
    command.add_argument(
        "--out", metavar="NODES", type=Path, help="the file to write; never overwritten (default: nodes.yaml beside it)"
    )
    command.add_argument(
        "--operators",
        metavar="NAME[,NAME...]",
        type=_names,
        help="which public operators to ask, by the names that the written file has, or none (default: as many as the"
        " quorum demands, those first that keep past states and need no key)",
    )
    command.add_argument(
        "--own",
        metavar="CHAIN[=URL]",
        action="append",
        default=[],
        help=f"a node of your own for this chain, such as {EXAMPLE_CHAIN} or"
        f" {EXAMPLE_CHAIN}=evm+http://127.0.0.1:8545; may be given several times",
    )
    command.add_argument("--quorum", metavar="N", type=int, help="how many operators must agree (default: 2)")
    command.add_argument(
        "--prove",
        metavar="HOW",
        help="how many balances of each asset are proven: all, none, or a number (default: 300)",
    )
    command.add_argument(
        "--layout", metavar="NAME", default="auto", help="how a published file is laid out, as `scanner import` has it"
    )
    command.add_argument("--yes", action="store_true", help="ask nothing on a terminal; take what is usual")
    command.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(arguments: Namespace) -> int:
    """Write the file, and print what is still to be done. Raises InputError, and then writes nothing."""
    from scanner.cli import nodes_text, questions, wanted_nodes
    from scanner.cli.moment_points import passed
    from scanner.cli.row_account import unserved
    from scanner.scanning.clock import system_clock
    from scanner.sources.presets import presets
    from scanner.weighing.policy import Policy

    out = arguments.out or arguments.file.parent / NODES
    _refuse_overwriting(out)
    claim, go_on = _claim(arguments.file, arguments.layout)
    past = passed(claim, Policy(), system_clock()) if go_on.startswith(_CHECK) else {}  # a file's moment is not known
    unread = unserved(claim)
    served = [chain for chain in sorted(claim.chains) if chain not in unread]
    if not served:
        named = ", ".join(map(_named, unread)) or "none"
        raise InputError.at(str(arguments.file), f"names no chain that any kind of node can be asked about: {named}")
    wanted = wanted_nodes.wanted(arguments, served)
    if questions.can_ask() and not arguments.yes:
        wanted_nodes.ask_for_the_rest(arguments, wanted, claim, served)
    chains = [wanted.of(claim, chain) for chain in served]
    text = nodes_text.text(chains, quorum=wanted.quorum, prove=wanted.prove, facts_of=presets().facts_of, past=past)
    if any(chain.chosen or chain.own_chosen for chain in chains):
        _read_back(out, text)
    _create(out, text.encode())
    report = _report(out, chains, unread, wanted, past)
    print(json.dumps(report, indent=2) if arguments.json else "\n".join(_lines(report, unread, go_on)))
    return 0


def _names(text: str) -> list[str]:
    return [] if text == "none" else [name.strip() for name in text.split(",") if name.strip()]


def _claim(path: Path, layout: str) -> tuple[Claim, str]:
    """The claim at `path`, or one made of the published file there; and what to do next. Raises InputError."""
    from scanner.cli.files import CLAIM_BEGINS, is_claim
    from scanner.cli.importing import provisional_claim
    from scanner.sources.addresses import load_claim
    from scanner.sources.regular_file import open_regular

    try:
        with open_regular(path) as file:
            begins = file.read(CLAIM_BEGINS)
    except OSError as error:
        raise InputError.at(str(path), f"cannot be read: {error.strerror}") from None
    if is_claim(begins):
        return load_claim(path), f"{_CHECK} {path} --plan"
    return provisional_claim(path, layout), f"scanner import {path} --out claim.yaml"


def _refuse_overwriting(out: Path) -> None:
    if out.is_dir():
        raise InputError.at(str(out), "is a folder; name the file to write with --out")
    if os.path.lexists(out):
        raise InputError.at(
            str(out), "is there already, and is never overwritten; remove it, or name another with --out"
        )


def _read_back(out: Path, text: str) -> None:
    """Raises InputError where the file that is to be written would not be taken: own nodes on an operator's server."""
    from scanner.cli.chosen_nodes import ANYTHING
    from scanner.sources.nodes import load_instrument

    with TemporaryDirectory(prefix="scanner-init-") as folder:
        path = Path(folder) / NODES
        path.write_text(text)
        try:
            load_instrument(path, ANYTHING)
        except InputError as error:
            of_out = [Mistake(each.where.replace(str(path), str(out)), each.what) for each in error.mistakes]
            raise InputError([*of_out, Mistake(str(out), "was not written, since it would not be taken")]) from None


def _create(out: Path, data: bytes) -> None:
    """A new file, whole or not at all. Raises InputError, also where one has come there meanwhile."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=out.parent, prefix=".writing-") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o600)  # keys may come to stand in it
            os.link(file.name, out)  # which, unlike renaming, takes no other file's place
    except FileExistsError:
        _refuse_overwriting(out)
        raise InputError.at(str(out), "cannot be written: another file is in the way") from None
    except OSError as error:
        raise InputError.at(str(out), f"cannot be written: {error.strerror or error}") from None


def _report(
    out: Path, chains: Sequence[ChainNodes], unread: Mapping[Chain, int], wanted: Wanted, past: Mapping[Chain, Gap]
) -> dict[str, Any]:
    from scanner.cli.nodes_text import variables
    from scanner.cli.row_account import visible
    from scanner.sources.presets import presets

    return {
        "wrote": visible(str(out)),
        "quorum": wanted.quorum,
        "prove": wanted.prove,
        "factsOf": presets().facts_of.isoformat(),
        "verified": False,
        "chains": [
            {
                "chain": str(each.chain),
                "name": each.name,
                "holdings": each.holdings,
                "operators": [preset.operator for preset in each.chosen],
                "awaiting": {preset.operator: preset.key for preset in each.awaiting},
                "own": each.own_chosen,
                "tooFew": each.lacks(wanted.quorum) and each.chain not in past,
                "noPast": past[each.chain].detail if each.chain in past else None,
            }
            for each in chains
        ],
        "noBackend": {str(chain): count for chain, count in unread.items()},
        "variables": {name: name in os.environ for name in variables(chains)},
    }


def _named(chain: Chain) -> str:
    """By its name, where it has one, and its id."""
    from scanner.chains.names import name_of

    name = name_of(chain)
    return str(chain) if name is None else f"{name} ({chain})"


def _lines(report: Mapping[str, Any], unread: Mapping[Chain, int], go_on: str) -> Iterator[str]:
    """For people."""
    for chain in report["chains"]:
        asked = ", ".join([*chain["operators"], *(["a node of your own"] if chain["own"] else [])]) or "none"
        yield f"{chain['name']}: {asked}"
        for operator, key in chain["awaiting"].items():
            yield f"  {operator} waits for its key: set {key}, and take the # away in the file"
        if chain["noPast"] is not None:
            yield f"  NO_PAST, {chain['noPast']}: all its holdings will be gaps, whatever nodes are named"
        if chain["tooFew"]:
            yield f"  too few for a quorum of {report['quorum']}: add others to the file, or a node of your own"
    for unserved, count in unread.items():
        yield f"{_named(unserved)}: no kind of node can be asked; its holdings ({count:,}) will be gaps, UNSUPPORTED"
    yield f"wrote {report['wrote']}; its public endpoints are as they were known on {report['factsOf']}, not verified"
    if unset := [name for name, is_set in report["variables"].items() if not is_set]:
        yield f"next: set {', '.join(unset)} in the environment"
    yield f"next: {go_on}"
