"""The arithmetic of taking blocks back, against a model that plays them forwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.bitcoin.node.rewind import Contradiction, Moves, Output, Rewind, Spend, is_unspendable, outpoint
from tests.support.strength import examples

SCRIPTS = [bytes([0x51, number]) for number in range(4)]
TIP = 9


@dataclass(frozen=True)
class Life:
    """An output from its creation to the block that spent it, if one did."""

    output: Output
    spent: int | None

    def held_at(self, height: int) -> bool:
        return self.output.height <= height and (self.spent is None or self.spent > height)


@st.composite
def chains(draw: st.DrawFn) -> list[Life]:
    lives = []
    for number in range(draw(st.integers(0, 12))):
        created = draw(st.integers(1, TIP))
        output = Output(
            outpoint(f"{number:064x}", 0), draw(st.sampled_from(SCRIPTS)), draw(st.integers(0, 50)), created
        )
        lives.append(Life(output, draw(st.none() | st.integers(created, TIP))))
    return lives


def rewound(height: int, unspent: list[Output], moves: Moves, parts: int = 2) -> dict[bytes, int]:
    """Balances at a height, the unspent outputs coming in so many parts."""
    rewind = Rewind(SCRIPTS, height)
    for part in range(parts):
        some = unspent[part::parts]
        rewind.add_unspent(
            [each.outpoint for each in some],
            [each.script for each in some],
            [each.atoms for each in some],
            [each.height for each in some],
        )
    return rewind.take_back(TIP, moves)


def facts(lives: list[Life], height: int) -> tuple[list[Output], Moves]:
    """What an honest node tells of these lives above `height`."""
    moves = Moves(
        [life.output for life in lives if life.output.height > height],
        [
            Spend(life.output.outpoint, life.output.script, life.output.atoms, life.spent)
            for life in lives
            if life.spent is not None and life.spent > height
        ],
    )
    return [life.output for life in lives if life.held_at(TIP)], moves


@settings(max_examples=examples(60))
@given(chains(), st.integers(0, TIP))
def test_the_balance_is_what_was_held_whatever_happened_since(lives: list[Life], height: int) -> None:
    unspent, moves = facts(lives, height)
    truth = {
        script: sum(life.output.atoms for life in lives if life.output.script == script and life.held_at(height))
        for script in SCRIPTS
    }
    assert rewound(height, unspent, moves) == truth


@settings(max_examples=examples(60))
@given(chains(), st.integers(0, TIP), st.data())
def test_leaving_out_what_was_created_since_or_its_end_is_noticed(
    lives: list[Life], height: int, data: st.DataObject
) -> None:
    unspent, moves = facts(lives, height)
    created = {output.outpoint for output in moves.received}
    if not created:
        return
    missing = data.draw(st.sampled_from(sorted(created)))
    if data.draw(st.booleans()):
        moves.received = [output for output in moves.received if output.outpoint != missing]
        if missing in {spend.outpoint for spend in moves.spent}:
            return  # reads as if it was older than the snapshot: only the completeness of the blocks shows it
    else:
        moves.spent = [spend for spend in moves.spent if spend.outpoint != missing]
        unspent = [output for output in unspent if output.outpoint != missing]
    with pytest.raises(Contradiction):
        rewound(height, unspent, moves)


OLD = Output(outpoint("11" * 32, 1), SCRIPTS[0], 5, 3)
NEW = Output(outpoint("22" * 32, 1), SCRIPTS[0], 7, 8)
GONE = Spend(outpoint("33" * 32, 1), SCRIPTS[1], 9, 8)
SHORT = Output(outpoint("44" * 32, 1), SCRIPTS[2], 2, 7)
SHORT_END = Spend(SHORT.outpoint, SHORT.script, SHORT.atoms, 8)


def test_an_example_by_hand() -> None:
    balances = rewound(6, [OLD, NEW], Moves([NEW, SHORT], [GONE, SHORT_END]))
    assert balances == dict(zip(SCRIPTS, [5, 9, 0, 0], strict=True))


@pytest.mark.parametrize(
    ("unspent", "moves"),
    [
        pytest.param([OLD, OLD], Moves(), id="an unspent output twice"),
        pytest.param([replace(OLD, height=0)], Moves(), id="the genesis block's output, which was never spendable"),
        pytest.param([replace(OLD, height=10)], Moves(), id="an unspent output above the tip"),
        pytest.param([replace(OLD, script=b"\x52")], Moves(), id="an unspent output of another script"),
        pytest.param([NEW], Moves(), id="an output created since, in no block"),
        pytest.param([NEW], Moves([replace(NEW, atoms=8)]), id="an output with two amounts"),
        pytest.param([NEW], Moves([replace(NEW, height=7)]), id="an output with two heights"),
        pytest.param([NEW], Moves([replace(NEW, script=SCRIPTS[3])]), id="an output with two scripts"),
        pytest.param([replace(NEW, height=3)], Moves([NEW]), id="an output older than its block"),
        pytest.param([], Moves([NEW]), id="an output created since, then nowhere"),
        pytest.param([NEW], Moves([NEW, NEW]), id="an output created twice"),
        pytest.param([], Moves([replace(NEW, height=6)]), id="a receive at the snapshot"),
        pytest.param([], Moves([replace(NEW, height=10)]), id="a receive above the tip"),
        pytest.param([], Moves([replace(SHORT, height=6)], [SHORT_END]), id="a receive at the snapshot, spent since"),
        pytest.param([], Moves([], [GONE, GONE]), id="an output spent twice"),
        pytest.param([], Moves([], [replace(GONE, height=6)]), id="a spend at the snapshot"),
        pytest.param([], Moves([], [replace(GONE, height=10)]), id="a spend above the tip"),
        pytest.param([], Moves([], [replace(GONE, script=b"\x52")]), id="a spend of another script"),
        pytest.param([], Moves([SHORT], [replace(SHORT_END, atoms=3)]), id="a spend of another amount"),
        pytest.param([], Moves([SHORT], [replace(SHORT_END, script=SCRIPTS[3])]), id="a spend of another's output"),
        pytest.param([], Moves([replace(SHORT, height=9)], [SHORT_END]), id="a spend before the output was there"),
        pytest.param([OLD], Moves([], [replace(GONE, outpoint=OLD.outpoint)]), id="an output both spent and unspent"),
        pytest.param([SHORT], Moves([SHORT], [SHORT_END]), id="a new output both spent and unspent"),
    ],
)
def test_facts_that_cannot_be_of_one_chain_are_refused(unspent: list[Output], moves: Moves) -> None:
    with pytest.raises(Contradiction):
        rewound(6, unspent, moves)


def test_scripts_that_nobody_can_ever_spend_are_told_from_the_others() -> None:
    assert is_unspendable(b"\x6a\x04data")
    assert is_unspendable(bytes(10_001))
    assert not is_unspendable(bytes(10_000))
    assert not is_unspendable(b"\x51\x6a")
