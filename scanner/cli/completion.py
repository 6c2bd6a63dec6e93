"""`scanner completion SHELL`: a script that lets a shell complete commands, options, their values and file names.

shtab makes the script from the parser. Nothing here knows a command: what a value is follows from its type.
"""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SHELLS: Final = ("bash", "zsh", "fish")


def add_arguments(command: ArgumentParser) -> None:
    """What `scanner completion` takes."""
    command.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"which one: {', '.join(SHELLS)}")


def print_script(arguments: Namespace, whole: ArgumentParser) -> int:
    """`scanner completion`, for the `whole` command line."""
    print(script(whole, arguments.shell))
    return 0


def script(whole: ArgumentParser, shell: str) -> str:
    """The script for one of SHELLS."""
    import shtab

    for action in _actions(whole):
        if action.type is Path:
            action.complete = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE  # type: ignore[attr-defined]
    text: str = shtab.complete(whole, shell)
    return text


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    for action in parser._actions:  # argparse has no public way to walk a parser
        yield action
        if isinstance(action, _SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
