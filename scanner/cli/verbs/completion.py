"""`scanner completion`: a script for a shell. It is made in `cli.completion`, from the whole command line."""

from __future__ import annotations

from argparse import Namespace
from typing import Final

from scanner.cli.command import Command
from scanner.cli.completion import add_arguments, print_script


def run(arguments: Namespace) -> int:
    """The script, printed."""
    from scanner.cli.arguments import parser

    return print_script(arguments, parser())


COMMAND: Final = Command(
    "completion",
    "print a script that completes this command line in a shell",
    (
        "scanner completion bash > ~/.local/share/bash-completion/completions/scanner",
        'scanner completion zsh > "${fpath[1]}/_scanner"',
        "scanner completion fish > ~/.config/fish/completions/scanner.fish",
    ),
    add_arguments,
    run,
)
