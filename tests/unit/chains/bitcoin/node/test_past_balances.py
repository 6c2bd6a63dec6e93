"""Balances at later blocks than the one that was rewound to, against a rewind to each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.bitcoin.node.past_balances import PastBalances, Rewound
from scanner.chains.bitcoin.node.rewind import Moves, Output, Spend, outpoint
from scanner.core.evidence import Snapshot
from tests.support.small_scans import BITCOIN
from tests.support.strength import examples

SCRIPTS = [bytes([0x51, number]) for number in range(3)]
TIP = 9
LIVES = st.lists(
    st.tuples(st.sampled_from(SCRIPTS), st.integers(0, 50), st.integers(1, TIP), st.none() | st.integers(0, TIP)),
    max_size=10,
)


def block(height: int) -> Snapshot:
    return Snapshot(BITCOIN, height, f"{height:064x}", f"{height - 1:064x}", datetime(2026, 1, 1, tzinfo=UTC))


def rewound(lives: list[tuple[bytes, int, int, int | None]], base: int) -> tuple[Rewound, dict[int, dict[bytes, int]]]:
    """What is kept of a rewind to `base`, and what was held at each height."""
    held = {
        height: {
            script: sum(
                atoms
                for of, atoms, created, life in lives
                if of == script and created <= height and (life is None or created + life > height)
            )
            for script in SCRIPTS
        }
        for height in range(TIP + 1)
    }
    moves = Moves()
    for number, (script, atoms, created, life) in enumerate(lives):
        point = outpoint(f"{number:064x}", 0)
        if created > base:
            moves.received.append(Output(point, script, atoms, created))
        if life is not None and base < created + life <= TIP:
            moves.spent.append(Spend(point, script, atoms, created + life))
    above = [block(height).hash for height in range(base + 1, TIP + 1)]
    return Rewound.of(block(base), above, held[base], moves), held


@settings(max_examples=examples(60))
@given(LIVES, st.integers(0, TIP))
def test_at_each_later_block_it_is_what_was_held_there(
    lives: list[tuple[bytes, int, int, int | None]], base: int
) -> None:
    past = PastBalances()
    found, held = rewound(lives, base)
    past.keep(found)
    for height in range(TIP + 1):
        known = past.known(block(height), SCRIPTS)
        assert known == (held[height] if height >= base else {})


def test_blocks_of_another_chain_and_scripts_that_were_not_read_are_not_known() -> None:
    past = PastBalances()
    found, held = rewound([(SCRIPTS[0], 5, 2, None)], 1)
    past.keep(found)
    assert past.known(replace(block(4), hash="ab" * 32), SCRIPTS) == {}
    assert past.known(replace(block(TIP), height=TIP + 1), SCRIPTS) == {}
    assert past.known(block(4), [SCRIPTS[0], b"other"]) == {SCRIPTS[0]: held[4][SCRIPTS[0]]}


def test_the_newest_rewind_is_gone_by_and_the_oldest_let_go_of() -> None:
    old, _ = rewound([(SCRIPTS[0], 5, 2, None)], 1)
    new, _ = rewound([(SCRIPTS[0], 7, 2, None)], 1)
    past = PastBalances()
    past.keep(old)
    past.keep(new)
    assert past.known(block(4), SCRIPTS[:1]) == {SCRIPTS[0]: 7}
    small = PastBalances(most=new.moves + len(new.hashes))
    small.keep(old)
    small.keep(replace(new, balances={SCRIPTS[1]: 1}))
    assert small.known(block(4), SCRIPTS) == {SCRIPTS[1]: 1}
    none = PastBalances(most=3)
    none.keep(old)
    assert none.known(block(4), SCRIPTS) == {}
