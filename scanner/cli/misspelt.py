"""A parser of command lines that asks "did you mean ...?" where a command, an option or a choice is misspelt.

Python's own does so from 3.14 on, and not for options. What the commands and options are is `arguments.py`'s.
"""

from __future__ import annotations

import difflib
from argparse import Action, ArgumentError, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn


class Parser(ArgumentParser):
    """As ArgumentParser; every error is still one line after the usage, with exit code 2."""

    _seen: Sequence[str] = ()  # what the command line holds, for the options that an error may be about

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, and let the command itself complain of what it does not know, under its own usage."""
        parsed, rest = self.parse_known_args(args, namespace)
        if rest:
            blamed = self._command(parsed)
            unknown = [each for each in rest if each.startswith("-")]
            blamed._seen = rest
            blamed.error(blamed._doubts(unknown) if unknown else f"unexpected: {' '.join(map(ascii, rest))}")
        return parsed

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if args is not None:
            self._seen = list(args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """What is missing may stand there under a misspelt name: then that is said too."""
        if message.startswith("the following arguments are required"):
            doubts = self._doubts(each for each in self._seen if each.startswith("--"))
            message += f"; {doubts}" if doubts else ""
        super().error(message)

    def _doubts(self, options: Iterable[str]) -> str:
        """The options that this command does not have, each with the nearest that it has."""
        known = list(self._option_string_actions)
        names = [option.partition("=")[0] for option in options]
        unknown = [name for name in names if not any(each.startswith(name) for each in known)]
        return "; ".join(f"there is no {name!a}{did_you_mean(name, known)}" for name in unknown)

    def _command(self, parsed: Namespace) -> Parser:
        """The parser of the command that was chosen."""
        for commands in self._commands():
            chosen = commands.choices.get(str(getattr(parsed, commands.dest, "")))
            if isinstance(chosen, Parser):
                return chosen
        return self

    def _commands(self) -> Iterator[_SubParsersAction[Any]]:
        return (action for action in self._actions if isinstance(action, _SubParsersAction))

    def _check_value(self, action: Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(each) for each in action.choices]
        near = did_you_mean(str(value), known) or f"; choose from {', '.join(known)}"
        raise ArgumentError(action, f"there is no {value!a}{near}")


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """ "; did you mean ...?", where a known name is near, else ""."""
    near = difflib.get_close_matches(name[:64], known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
