"""Customers' files that were changed at some place are answered on the page as by the command, whatever the change."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import Final

import pytest

from tests.browser.asking import answers, outcome_there
from tests.browser.conftest import Reader
from tests.browser.pages import page_of
from tests.support.liabilities import plonky2_trees
from tests.support.liabilities.forgeries import content
from tests.support.liabilities.liability_trees import Case, cases, json_file
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_sets import Kind, made
from tests.support.liabilities.zkmerkle_customers import LAYOUTS, customer
from tests.support.strength import FULL

_CHANGES: Final = 200 if FULL else 25
_SLOW: Final = 5  # so many times fewer of formats whose hashes take long
_LETTERS: Final = b'0123456789 ",:.-eE{}[]\\\t'
_INSTEAD: Final = (b"\xd9\xa3", b"\xef\xbb\xbf", b"\x00", b"\xe2\x80\xae", b'"0', b"00", b"-", b"0.0", b"1e0", b'": ')


def honest() -> dict[str, Case]:
    stark, (plonky2, root) = made(Kind.HONEST), plonky2_trees.production_customer(70_000)
    binance, zk_root = customer("binance", LAYOUTS["binance"][0], 1)
    return cases() | {
        "okx-stark-v1": Case("okx-stark-v1", (), stark.inclusions(), stark.root),
        "okx-plonky2": Case("okx-plonky2", (), (json_file(plonky2),), root),
        "binance": Case("binance", (), (json_file(binance),), zk_root),
    }


CASES: Final = honest()


def changed(data: bytes, luck: random.Random) -> bytes:
    """The same bytes but for one or two places: another byte, one less, one more, two swapped, a part twice."""
    made = bytearray(data)
    for _ in range(luck.choice((1, 1, 2))):
        at, other = luck.randrange(len(made)), luck.randrange(len(made))
        match luck.randrange(7):
            case 0:
                made[at] = luck.randrange(256)
            case 1:
                made[at] = luck.choice(b"0123456789")
            case 2:
                del made[at]
            case 3:
                made.insert(at, luck.choice(_LETTERS))
            case 4:
                made[at], made[other] = made[other], made[at]
            case 5:
                made[at : at + 1] = luck.choice(_INSTEAD)
            case _:
                made[at:at] = made[other : other + luck.randrange(1, 40)]
    return bytes(made)


@pytest.mark.parametrize("scheme", CASES)
def test_a_file_changed_at_any_place_is_answered_as_by_the_command(reader: Reader, scheme: str) -> None:
    case, luck = CASES[scheme], random.Random(scheme)
    text = content(case.users[0])
    number = _CHANGES // _SLOW if scheme in ("okx-plonky2", "binance") else _CHANGES
    texts = [text, *(changed(text, luck) for _ in range(number))]
    tries = [(*case.published, file(each, "mine.json")) for each in texts]
    answered = answers(reader.opens(page_of()), scheme, case.root, tries)
    assert answered[0][0] == "included"
    for (outcome, amounts), files in zip(answered, tries, strict=True):
        expected, found = outcome_there(scheme, case.root, files)
        assert outcome == expected, content(files[-1])
        held = {} if found is None else {coin: amount for coin, amount in found.amounts.items() if amount}
        assert {coin: Fraction(amount) for coin, amount in amounts if Fraction(amount)} == held


def test_the_changes_leave_json_and_break_it() -> None:
    luck, text = random.Random("kinds"), content(CASES["okx-merkle-v1"].users[0])
    kinds = set()
    for _ in range(100):
        try:
            json.loads(changed(text, luck))
            kinds.add("JSON")
        except ValueError:
            kinds.add("none")
    assert kinds == {"JSON", "none"}
