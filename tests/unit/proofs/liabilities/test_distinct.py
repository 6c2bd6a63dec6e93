"""A hash that stands twice is found, whether beginnings are held in memory or wait in a file."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.proofs.liabilities import Published, Refuted, find_scheme
from scanner.proofs.liabilities.distinct import KEPT, Distinct, kept_of
from tests.support.liabilities.liability_trees import armanino_leaves, armanino_root
from tests.support.liabilities.published_files import file
from tests.support.tables import each_of

numbers = st.lists(st.integers(0, 60), max_size=40)


def hashed(several: Sequence[int]) -> list[bytes]:
    return [sha256(each.to_bytes(8)).digest() for each in several]


@given(blocks=st.lists(numbers, max_size=8), in_memory=st.sampled_from([0, 50, 10**9]))
def test_one_that_stands_twice_is_found_in_whatever_block_and_file(blocks: list[list[int]], in_memory: int) -> None:
    distinct = Distinct(BytesIO, in_memory)
    for block in blocks:
        distinct.add(kept_of(hashed(block)))
    everything = [each for block in blocks for each in block]
    twice = {
        each[:KEPT] for number, each in zip(everything, hashed(everything), strict=True) if everything.count(number) > 1
    }
    found = distinct.repeated()
    assert (found in twice) if twice else found is None


def test_what_is_held_in_memory_does_not_grow_with_the_number_of_hashes() -> None:
    opened: list[BytesIO] = []

    def spill() -> BytesIO:
        opened.append(BytesIO())
        return opened[-1]

    distinct = Distinct(spill, in_memory=1000)
    for start in range(0, 2000, 100):
        distinct.add(kept_of(hashed(range(start, start + 100))))
    assert len(opened) == 1
    assert len(opened[0].getvalue()) >= 2000 * KEPT - 1000
    assert distinct.repeated() is None
    assert opened[0].closed


class _Cut(BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size)[:-1]


def test_a_file_that_lost_what_was_written_to_it_shows_nothing() -> None:
    distinct = Distinct(_Cut, in_memory=0)
    distinct.add(kept_of(hashed(range(9))))
    with pytest.raises(OSError, match="lost what was written"):
        distinct.repeated()


@each_of("number", [2, 3, 1023, 1024, 1025, 8191, 8192, 8193, 20_001])
def test_an_auditors_tree_is_the_same_in_parts_on_several_processors(number: int) -> None:
    rows = [[str(each), f"{each}.5", "0"] for each in range(number)]
    leaves, _ = armanino_leaves(rows)
    records = "#ID,BTC,ETH\n" + "".join(",".join(row) + "\n" for row in rows)
    with ThreadPoolExecutor(2) as pool:
        for text in (leaves, records):
            shown = find_scheme("armanino").judge(Published((file(text, "list"),), each=pool.map, spill=BytesIO))
            assert (shown.root, shown.entries) == (armanino_root(number), number)
    assert shown.totals["BTC"].amount == sum(range(number)) + number / 2


def test_a_record_that_stands_twice_far_apart_is_refuted_by_its_leaf() -> None:
    rows = "".join(f"{each},{each}.5,0\n" for each in range(3000))
    with pytest.raises(Refuted, match="stands twice"):
        find_scheme("armanino").judge(Published((file(f"#ID,BTC,ETH\n{rows}7,7.5,0\n", "list"),), spill=BytesIO))
