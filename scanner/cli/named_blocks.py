"""Blocks on the command line: CHAIN=HASH, or where a height will do, CHAIN=HEIGHT."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.errors import InputError, Mistake

if TYPE_CHECKING:
    from scanner.core.ids import Chain

_Block = TypeVar("_Block")

_LONGEST_HEIGHT: Final = 15  # digits


def named_blocks(
    option: str, texts: Sequence[str], chains: Collection[Chain], *, heights: bool = False
) -> list[tuple[Chain, int | str]]:
    """Each chain and block (a hash in its one spelling, or a height where `heights`) that was named. Raises InputError
    with all that are none, or of a chain that is not among `chains`."""
    from scanner.chains.block_hash import read_block_hash
    from scanner.chains.names import parse_chain
    from scanner.core.ids import IdError

    found: list[tuple[Chain, int | str]] = []
    mistakes: list[Mistake] = []
    what = "the height or hash" if heights else "the hash"
    for text in texts:
        name, _, block = text.partition("=")
        try:
            chain = parse_chain(name)
        except IdError as error:
            expected = f"expected a chain and {what} of a block, such as {EXAMPLE_CHAIN}=0x..."
            mistakes.append(Mistake(option, f"{error}; {expected}"))
            continue
        if chain not in chains:
            which = ", ".join(map(str, sorted(chains))) or "none"
            mistakes.append(Mistake(option, f"a block of {chain} is of no use to this attestation, but of {which}"))
        elif heights and block.isascii() and block.isdigit() and len(block) <= _LONGEST_HEIGHT:
            found.append((chain, int(block)))
        elif (spelled := read_block_hash(chain, block)) is not None:
            found.append((chain, spelled))
        else:
            mistakes.append(Mistake(option, f"{block[:80]!a} is not {what} of a block of {chain}"))
    if mistakes:
        raise InputError(mistakes)
    return found


def one_of_each(option: str, named: Sequence[tuple[Chain, _Block]]) -> dict[Chain, _Block]:
    """The block of each chain. Raises InputError where two of one chain were named."""
    found: dict[Chain, _Block] = {}
    mistakes: list[Mistake] = []
    for chain, block in named:
        if found.setdefault(chain, block) != block:
            mistakes.append(Mistake(option, f"names both {found[chain]} and {block} of {chain}; expected one block"))
    if mistakes:
        raise InputError(mistakes)
    return found
