"""What is wanted of a nodes.yaml: as the options of `scanner init` say it, and then the answers on a terminal."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.chains.names import parse_chain
from scanner.cli.chosen_nodes import ANYTHING, ChainNodes, chain_nodes, check_own
from scanner.cli.questions import ask
from scanner.core.ids import Chain, IdError
from scanner.errors import InputError, Mistake
from scanner.sources.node_url import parse_url
from scanner.sources.policy import MAX_QUORUM
from scanner.sources.presets import presets
from scanner.weighing.claim import Claim

QUORUM: Final = 2
PROVEN: Final = "300"
"""Balances of each asset that are proven unless something else is said: few enough for an endpoint that takes some
twenty questions a second, and every balance that is a three-hundredth of its asset or more is among them."""

_PROVE: Final = re.compile(r"all|none|[0-9]{1,9}", re.ASCII)


@dataclass(slots=True)
class Wanted:
    """What the options say, and then the answers on a terminal."""

    quorum: int
    prove: str
    operators: dict[Chain, list[str]]  # where others than the usual ones are to be asked
    own: dict[Chain, str | None]  # nodes of one's own, and where they listen if not where such nodes mostly do

    def of(self, claim: Claim, chain: Chain) -> ChainNodes:
        """What the file is to have of one chain."""
        named = self.operators.get(chain)
        return chain_nodes(
            claim, chain, presets(), quorum=self.quorum, operators=named, own=self.own, is_set=os.environ
        )


def wanted(arguments: Namespace, served: Sequence[Chain]) -> Wanted:
    """As the options have it, for the chains that can be asked about. Raises InputError."""
    _check_options(arguments)
    own = dict(_own(each) for each in arguments.own)
    check_own(own, served, presets())
    named = arguments.operators
    operators = {} if named is None else dict.fromkeys(served, named)
    return Wanted(arguments.quorum or QUORUM, arguments.prove or PROVEN, operators, own)


def _own(text: str) -> tuple[Chain, str | None]:
    chain, separator, url = text.partition("=")
    if separator and not url:
        raise InputError.at("--own", f"expected a URL after the = of {text!a}, or {chain} alone for the usual place")
    try:
        return parse_chain(chain), url if separator else None
    except IdError:
        raise InputError.at("--own", f"expected CHAIN or CHAIN=URL, such as {EXAMPLE_CHAIN}, not {chain!a}") from None


def _check_options(arguments: Namespace) -> None:
    mistakes = []
    known = sorted({preset.operator for of_chain in presets().by_chain.values() for preset in of_chain})
    if unknown := [name for name in arguments.operators or [] if name not in known]:
        what = f"{', '.join(map(ascii, unknown))} not in the table of public endpoints, which has {', '.join(known)}"
        mistakes.append(Mistake("--operators", what))
    for name, read in (("quorum", _a_quorum), ("prove", _a_sample)):
        if getattr(arguments, name) is not None:
            try:
                read(str(getattr(arguments, name)))
            except ValueError as error:
                mistakes.append(Mistake(f"--{name}", str(error)))
    if mistakes:
        raise InputError(mistakes)


def ask_for_the_rest(arguments: Namespace, wanted: Wanted, claim: Claim, served: Sequence[Chain]) -> None:
    """What no option said, asked for. Raises InputError where no answer comes."""
    if arguments.quorum is None:
        wanted.quorum = ask("How many operators must agree on a balance", _a_quorum, usual=str(wanted.quorum))
    for chain in served:
        nodes = wanted.of(claim, chain)
        known = [preset.operator for preset in (*nodes.chosen, *nodes.awaiting, *nodes.others)]
        if arguments.operators is not None or chain in wanted.own or not (known or nodes.own):
            continue
        own = ["own"] if nodes.own else []
        count = f"{nodes.holdings:,} holding{'' if nodes.holdings == 1 else 's'}"
        question = f"{nodes.name}, {count}: which operators to ask, of {', '.join([*known, *own])}"
        usual = ",".join(preset.operator for preset in (*nodes.chosen, *nodes.awaiting)) or "own"
        names = ask(question, partial(_some, of=[*known, *own]), usual=usual)
        if "own" in names:
            place = nodes.own.url if nodes.own else ""
            wanted.own[chain] = ask("  where it listens", _a_url, usual=place)
        wanted.operators[chain] = [name for name in names if name != "own"]
    if arguments.prove is None:
        wanted.prove = ask("How many balances of each asset to prove", _a_sample, usual=wanted.prove)


def _some(answer: str, of: Sequence[str]) -> list[str]:
    names = [name.strip() for name in answer.split(",") if name.strip()]
    if not names or any(name not in of for name in names):
        raise ValueError(f"expected one or several of {', '.join(of)}, with commas between")
    return names


def _a_quorum(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_QUORUM):
        raise ValueError(f"expected a number from 1 to {MAX_QUORUM}")
    return int(text)


def _a_sample(text: str) -> str:
    if not _PROVE.fullmatch(text):
        raise ValueError("expected all, none or a number")
    return text


def _a_url(text: str) -> str:
    parse_url(text, ANYTHING)
    return text
