"""`scanner check`: everything that a scan needs, examined before it."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Final

from scanner.cli import job_arguments, terminal
from scanner.cli.command import Command, add_json, add_log, add_nodes, print_json
from scanner.cli.series_arguments import add_schedule, is_asked_for


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("claim", metavar="CLAIM", type=Path, help="the claim's file")
    add_nodes(command)
    command.add_argument("--offline", action="store_true", help="examine the files only; connect to no node")
    job_arguments.add_at(command, "examine what a scan with --at now would find, which weighs at its own moment")
    job_arguments.add_plan(command)
    command.add_argument(
        "--movements",
        action="store_true",
        help="list the amount that each account has to move to show who controls it, as the claim's challenge has it",
    )
    add_schedule(command.add_argument_group("with --plan: what a series at these moments would ask (scanner series)"))
    add_json(command, "the examination")
    add_log(command)


def run(arguments: Namespace) -> int:
    """Everything a scan needs, examined by asking each node for one balance of each kind. Exits as the scan would, if
    accounts hold what the claim says (`scanning.expected_finding`)."""
    import asyncio

    from scanner.cli import diagnosis, examination, expected, moment_points, movement_amounts, plan, row_account
    from scanner.cli.inputs import Instruments, claim_and_any_instrument, claim_and_instrument, claim_at
    from scanner.cli.progress import observer
    from scanner.errors import InputError
    from scanner.report.cells import Paint
    from scanner.scanning.clock import system_clock
    from scanner.scanning.examine import examine
    from scanner.sources.nodes import unreachable_quorums
    from scanner.weighing.policy import Policy

    if is_asked_for(arguments) and (not arguments.plan or arguments.at is not None):
        raise InputError.at("--around", "plans a series around the claim's own moment: with --plan, without --at")
    needs_nodes = arguments.plan or not arguments.offline
    load = claim_and_instrument if needs_nodes else claim_and_any_instrument
    read, instrument = load(arguments.claim, Instruments(arguments))
    now = system_clock()
    if arguments.at is not None:
        read = replace(read, claim=claim_at(arguments.claim, read.claim, now))
    claim = read.claim
    amounts = list(movement_amounts.to_move(claim)) if arguments.movements else []
    policy = Policy() if instrument is None else instrument.policy
    passed = moment_points.passed(claim, policy, now)
    served = set(claim.chains) - row_account.unserved(claim).keys() - passed.keys()
    lacking = {} if instrument is None else unreachable_quorums(instrument, served)
    observe, opened = observer(arguments.log or "none", sys.stderr), plan.OpenedNodes()
    chains = []
    if instrument is not None and not arguments.offline:
        chains = asyncio.run(examine(claim, instrument, observe=plan.both(opened, observe)))
    past = moment_points.of_the_past(claim, policy, now, chains)
    outlook = expected.outlook(claim, instrument, lacking, chains, now)
    found = [*diagnosis.points(read, instrument, lacking, chains), *past]
    costs = plan.planned(arguments, claim, instrument, opened, served) if arguments.plan and instrument else None
    if arguments.json:
        found_json = examination.as_json(read, policy, lacking, chains, found) | {"scan": outlook.as_json()}
        found_json |= {"movements": movement_amounts.as_json(amounts)} if arguments.movements else {}
        print_json(found_json if costs is None else found_json | {"plan": plan.as_json(costs)})
    else:
        asked, paint, width = not arguments.offline, Paint(terminal.colours()), terminal.width()
        shown = examination.lines(read, found, asked=asked, width=width, paint=paint, outlook=outlook.sentence)
        print("\n".join(shown))
        if amounts:
            print("\n".join(movement_amounts.lines(amounts, width, paint)))
        if costs is not None:
            print("\n".join(plan.lines(costs, width, paint)))
    return outlook.code


COMMAND: Final = Command(
    "check",
    "examine the claim and what each node answers; sign nothing",
    ("scanner check config/addresses.yaml --nodes config/nodes.yaml",),
    add_arguments,
    run,
)
