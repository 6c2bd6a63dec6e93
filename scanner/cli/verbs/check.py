"""`scanner check`: everything that a scan needs, examined before it."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.cli import job_arguments, terminal
from scanner.cli.command import UNKNOWN, Command, add_json, add_log, add_nodes, print_json
from scanner.errors import InputError


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("claim", metavar="CLAIM", type=Path, help="the claim's file")
    add_nodes(command)
    command.add_argument("--offline", action="store_true", help="examine the files only; connect to no node")
    job_arguments.add_plan(command)
    add_json(command, "the examination")
    add_log(command)


def run(arguments: Namespace) -> int:
    """Everything a scan needs, examined by asking each node for one balance of each kind. Exits as the scan would, as
    far as that is a matter of the nodes."""
    import asyncio

    from scanner.cli import diagnosis, examination, moment_points, plan, row_account
    from scanner.cli.check_result import Grade
    from scanner.cli.inputs import Instruments, claim_and_any_instrument, claim_and_instrument
    from scanner.cli.progress import observer
    from scanner.core.evidence import Gap
    from scanner.report.cells import Paint
    from scanner.scanning.clock import system_clock
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
    policy = Policy() if instrument is None else instrument.policy
    past = moment_points.of_the_past(claim, policy, system_clock(), chains)
    found = [*diagnosis.points(read, instrument, lacking, chains), *past]
    costs = plan.planned(arguments, claim, instrument, opened) if arguments.plan and instrument else None
    if arguments.json:
        found_json = examination.as_json(read, policy, lacking, chains, found)
        print_json(found_json if costs is None else found_json | {"plan": plan.as_json(costs)})
    else:
        asked, paint, width = not arguments.offline, Paint(terminal.colours()), terminal.width()
        print("\n".join(examination.lines(read, found, asked=asked, width=width, paint=paint)))
        if costs is not None:
            print("\n".join(plan.lines(costs, width, paint)))
    if lacking:
        return InputError.exit_code
    unread = any(isinstance(chain.pinned, Gap) and chain.weighed for chain in chains)
    return UNKNOWN if unread or any(point.grade is Grade.GAP for point in found) else 0


COMMAND: Final = Command(
    "check",
    "examine the claim and what each node answers; sign nothing",
    ("scanner check config/addresses.yaml --nodes config/nodes.yaml",),
    add_arguments,
    run,
)
