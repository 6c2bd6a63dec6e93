"""The fuzzing of what nodes answer (bench/fuzz_nodes.py), a little of it: its targets are what they say."""

from __future__ import annotations

import random

from bench.fuzz_nodes import TARGETS, tried
from tests.support.strength import cases
from tests.support.tables import each_of

OF_ANOTHER_HASH = {  # refused at their last step: that they are what they say is not shown
    *("bitcoin header", "electrum transaction", "electrum branch", "evm header", "trie", "witness"),
}


@each_of("name", TARGETS)
def test_a_target_takes_its_seeds_as_they_are(name: str) -> None:
    target = TARGETS[name]
    taken = 0
    for seed in target.seeds:
        try:
            target.run(seed, random.Random(1))
        except target.allowed:
            continue
        taken += 1
    assert taken or name in OF_ANOTHER_HASH


@each_of("name", TARGETS)
def test_mutated_answers_end_in_values_or_in_errors_of_ours(name: str) -> None:
    many = cases(600) // (20 if name.startswith("node ") else 1)
    raised = [tried(TARGETS[name], random.Random(f"test/{name}/{number}")) for number in range(many)]
    assert [each for each in raised if each is not None] == []
