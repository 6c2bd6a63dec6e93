"""Checkpoints on the command line: a block that is trusted of a chain that decides what is final on others, by its
hash; or, by the name of the chain alone, the blocks of it that this release knows."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.cli.named_blocks import named_blocks
from scanner.errors import InputError, Mistake

if TYPE_CHECKING:
    from scanner.core.ids import Chain


@dataclass(frozen=True, slots=True)
class NamedCheckpoints:
    """What is trusted."""

    roots: Sequence[tuple[Chain, str]]  # of chains that decide what is final on others
    known: Collection[Chain]  # of which the blocks are trusted that this release knows


def add_checkpoint(command: argparse.ArgumentParser, how_often: str = "") -> None:
    """Which blocks of consensus layers are trusted, and of which chains those that this release knows."""
    command.add_argument(
        "--checkpoint",
        metavar="CHAIN[=ROOT]",
        action="append",
        default=[],
        help="a block that you trust of the chain that decides what is final on the attestation's, such as a finalized"
        " beacon block's root: a later block is shown to be final by its committees' signatures; or a chain alone whose"
        " blocks this release knows (Bitcoin and Litecoin): blocks below one of them are shown to be its ancestors,"
        " and others to stand on it by headers that follow the chain's rules" + how_often,
    )


def named_checkpoints(arguments: Namespace, chains: Iterable[Chain]) -> NamedCheckpoints:
    """What is trusted of these chains and of those that decide what is final on them. Raises InputError with all that
    are of no use."""
    chains = set(chains)
    mistakes: list[Mistake] = []
    roots: list[tuple[Chain, int | str]] = []
    try:
        roots = named_blocks("--checkpoint", [text for text in arguments.checkpoint if "=" in text], deciding(chains))
    except InputError as error:
        mistakes += error.mistakes
    known: set[Chain] = set()
    for text in arguments.checkpoint:
        if "=" not in text:
            found = _known(text, chains)
            if isinstance(found, Mistake):
                mistakes.append(found)
            else:
                known.add(found)
    if mistakes:
        raise InputError(mistakes)
    return NamedCheckpoints([(chain, str(root)) for chain, root in roots], known)


def deciding(chains: Iterable[Chain]) -> set[Chain]:
    """The chains that decide what is final on these."""
    from scanner.chains.proving import consensus

    return {found[0] for chain in chains if (found := consensus(chain)) is not None}


def _known(text: str, chains: Collection[Chain]) -> Chain | Mistake:
    from scanner.chains.names import parse_chain
    from scanner.chains.proving import checkpoints
    from scanner.core.ids import IdError

    try:
        chain = parse_chain(text)
    except IdError as error:
        return Mistake("--checkpoint", f"{error}; expected a chain, or a chain and a block's hash, CHAIN=ROOT")
    if not checkpoints(chain)[1]:
        return Mistake("--checkpoint", f"this release knows no block of {chain}: name one, {chain}=ROOT")
    if chain not in chains:
        which = ", ".join(map(str, sorted(each for each in chains if checkpoints(each)[1]))) or "none"
        return Mistake("--checkpoint", f"a block of {chain} is of no use to this attestation, but of {which}")
    return chain
