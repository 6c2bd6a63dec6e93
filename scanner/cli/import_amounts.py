"""`scanner import`: what is owed as a person says it, by options, in a small CSV, or typed at a terminal.

Everything that is wrong in any of them is named at once. Not here: published proofs of what is owed (`import_owed`).
"""

from __future__ import annotations

import difflib
import hashlib
import json
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from scanner.cli import questions
from scanner.errors import InputError, Mistake
from scanner.sources.owed_table import UNIT, StatedAmount, read_amount, read_owed_table

_OPTION = "--owed"  # where a mistake in an option is said to be


def is_amount(text: str) -> bool:
    """Whether a value of `--owed` states an amount, as BTC=139199.5 does, and names no file; ./BTC=1 does."""
    unit, equals, _ = text.partition("=")
    return bool(equals) and UNIT.fullmatch(unit) is not None


def stated(
    arguments: Namespace, units: Collection[str], vague: Collection[str], mistakes: list[Mistake]
) -> dict[str, StatedAmount]:
    """By unit. `units` are those that the file's assets back, `vague` may be some. Adds to `mistakes` what is wrong.

    Raises InputError where a terminal is asked and gives no answer.
    """
    given = _typed([text for text in arguments.owed if is_amount(text)], mistakes)
    table = {} if arguments.liabilities is None else _table(arguments.liabilities, mistakes)
    for unit in given.keys() & table.keys():
        mistakes.append(Mistake(_OPTION, f"{unit} stands in {table[unit].where} too"))
    found = table | given
    known = {*units, *vague}
    for unit, one in found.items():
        if unit not in known:
            mistakes.append(Mistake(one.where, _not_backed(unit, known)))
    if not found and not arguments.owed and not mistakes and units and questions.can_ask():
        return questions.ask(_question(units), lambda text: _answered(text, known))
    return found


def overlapping(found: Mapping[str, StatedAmount], proven: Collection[str]) -> None:
    """Raises InputError where a proof that is named too comes to an amount of the same unit."""
    both = [
        Mistake(one.where, f"what is owed of {unit} stands in the published proof; leave it out here")
        for unit, one in found.items()
        if unit in proven
    ]
    if both:
        raise InputError(both)


def line(one: StatedAmount) -> str:
    """The claim's entry of a unit."""
    amount = "null" if one.amount is None else f'"{one.amount}"'
    entry = f"{{amount: {amount}, stated_ratio: {one.ratio}}}" if one.ratio else amount
    return f"  {one.unit}: {entry}  # {json.dumps(one.where)[1:-1]}"


def source(arguments: Namespace) -> Iterator[str]:
    """Where the amounts of a table are from, as a remark in the claim."""
    if arguments.liabilities is not None:
        digest = hashlib.sha256(arguments.liabilities.read_bytes()).hexdigest()
        yield f"# {json.dumps(arguments.liabilities.name)[1:-1]} has the sha256 {digest}."


def _typed(texts: Collection[str], mistakes: list[Mistake], where: str = _OPTION) -> dict[str, StatedAmount]:
    found: dict[str, StatedAmount] = {}
    for text in texts:
        unit, _, amount = text.partition("=")
        if unit in found:
            mistakes.append(Mistake(_OPTION, f"{unit} is given twice"))
        try:
            found[unit] = StatedAmount(unit, read_amount(amount), where)
        except ValueError as error:
            mistakes.append(Mistake(_OPTION, f"{unit}: {error}"))
    return found


def _table(path: Path, mistakes: list[Mistake]) -> dict[str, StatedAmount]:
    try:
        return read_owed_table(path)
    except InputError as error:
        mistakes.extend(error.mistakes)
        return {}


def _not_backed(unit: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(unit, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(sorted(known)[:30])}" if known else ""
    return f"no asset of the imported file backs {unit}{hint}"


def _question(units: Collection[str]) -> str:
    such = " ".join(f"{unit}={amount}" for unit, amount in zip(sorted(units), ("1.5", "20"), strict=False))
    return f"What is owed of {', '.join(sorted(units))} (such as {such}; Enter if it was not published)"


def _answered(text: str, known: Collection[str]) -> dict[str, StatedAmount]:
    mistakes: list[Mistake] = []
    words = text.split()
    wrong = [f"{word!a} is no unit with its amount" for word in words if not is_amount(word)]
    found = _typed([word for word in words if is_amount(word)], mistakes, "typed")
    wrong += [mistake.what for mistake in mistakes]
    wrong += [_not_backed(unit, known) for unit in found if unit not in known]
    if wrong:
        raise ValueError("; ".join(wrong))
    return found
