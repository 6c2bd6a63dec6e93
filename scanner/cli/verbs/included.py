"""`scanner included`: whether one customer's record is in what the exchange published. See `cli.included`."""

from __future__ import annotations

from argparse import Namespace
from typing import Final

from scanner.cli import terminal
from scanner.cli.command import Command, print_json
from scanner.cli.included import add_arguments


def run(arguments: Namespace) -> int:
    """Whether one customer's record is in what the exchange published."""
    from scanner.cli import included
    from scanner.report.included import lines

    found = included.answer(arguments)
    if arguments.json:
        print_json(found)
    else:
        print("\n".join(lines(found, terminal.width())))
    return included.exit_code(found)


COMMAND: Final = Command(
    "included",
    "tell a customer whether an account is in what the exchange published, with its balances",
    (
        "scanner included my_account.json --claim config/addresses.yaml",
        "scanner included my_account.json --attestation out/attestation.dsse.json --key auditor.pub",
    ),
    add_arguments,
    run,
)
