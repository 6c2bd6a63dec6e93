"""In how many scans a batch is read: within the limits, as few as can be, and none of its scripts lost."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.node.moves import json_params
from scanner.chains.bitcoin.node.pieces import LEAST_REQUEST, Oversized, Pieces
from scanner.clients.jsonrpc import MessageTooLarge
from scanner.errors import Why

LIMIT = 2**20
SCRIPTS = [number.to_bytes(22) for number in range(1, 4001)]
LIGHT, HEAVY = SCRIPTS[:-1], SCRIPTS[-1]


def oversized(size: int | None, sample: Counter[bytes]) -> Oversized:
    error = MessageTooLarge(Why.MALFORMED, "the answer is too long")
    error.size = size
    return Oversized(error, sample)


def together(pieces: list[list[bytes]]) -> list[bytes]:
    return sorted(script for piece in pieces for script in piece)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=60), st.integers(100, 1000))
def test_scripts_are_cut_into_requests_that_fit_and_none_is_lost(scripts: list[bytes], most: int) -> None:
    pieces = Pieces(2**40, most).cut(scripts)
    assert [script for piece in pieces for script in piece] == scripts
    for piece in pieces:
        assert piece
        assert len(json_params("start", piece)) - len('["start",[]]') <= most
    for piece, following in pairwise(pieces):
        assert len(json_params("start", [*piece, following[0]])) - len('["start",[]]') >= most


def test_a_batch_that_fits_is_one_piece() -> None:
    assert Pieces(256 * 2**20).cut([number.to_bytes(25) for number in range(250_000)]) == [
        [number.to_bytes(25) for number in range(250_000)]
    ]


def test_nothing_to_ask_for_is_no_piece() -> None:
    assert Pieces(LIMIT).cut([]) == []


@given(st.integers(2, 50), st.none() | st.integers(0, 10**12), st.lists(st.integers(0, 49), max_size=40))
def test_what_was_too_large_is_always_cut_and_nothing_is_lost(count: int, size: int | None, seen: list[int]) -> None:
    scripts = SCRIPTS[:count]
    error = oversized(size, Counter(scripts[number] for number in seen if number < count))
    pieces = Pieces(LIMIT).smaller(scripts, error)
    assert len(pieces) > 1
    assert all(pieces)
    assert together(pieces) == scripts


def test_an_answer_is_cut_into_as_many_as_its_size_asks_for() -> None:
    pieces = Pieces(LIMIT).smaller(SCRIPTS, oversized(3 * LIMIT, Counter(SCRIPTS)))
    assert len(pieces) in {4, 5}  # a quarter of the limit is left for errors


def test_an_answer_of_unknown_size_is_cut_as_if_twice_the_limit() -> None:
    assert len(Pieces(LIMIT).smaller(SCRIPTS, oversized(None, Counter(SCRIPTS)))) == 3


def test_an_answer_said_to_be_endless_does_not_make_a_scan_a_script() -> None:
    assert len(Pieces(LIMIT).smaller(SCRIPTS, oversized(10**15, Counter(SCRIPTS)))) < 30


def test_the_script_that_made_an_answer_too_long_is_read_alone_and_last_cut() -> None:
    sample = Counter(dict.fromkeys(LIGHT[::10], 1)) + Counter({HEAVY: 2000})
    pieces = Pieces(LIMIT).smaller(SCRIPTS, oversized(2 * LIMIT, sample))
    assert pieces == [LIGHT, [HEAVY]]


def test_later_batches_are_cut_as_the_answers_before_were_long() -> None:
    pieces = Pieces(100 * LIMIT)
    batch = [number.to_bytes(22) for number in range(250_000)]
    assert len(pieces.cut(batch)) == 2  # expecting the usual
    pieces.learn(250_000, 50 * LIMIT)
    assert len(pieces.cut(batch)) == 1
    for _ in range(20):
        pieces.learn(250_000, 250 * LIMIT)
    assert len(pieces.cut(batch)) == 4


def test_a_few_heavy_scripts_say_little_of_many_others() -> None:
    pieces = Pieces(256 * LIMIT)
    pieces.learn(10, 30 * LIMIT)
    assert len(pieces.cut([number.to_bytes(22) for number in range(200_000)])) == 1


def test_a_request_that_was_refused_is_halved_and_so_are_those_after_it() -> None:
    pieces = Pieces(2**40)
    refused = MessageTooLarge(Why.REFUSED, "HTTP 413")
    halves = pieces.smaller(SCRIPTS, refused)
    assert [len(half) for half in halves] == [2000, 2000]
    assert pieces.cut(SCRIPTS) == halves


def test_no_node_is_taken_to_refuse_requests_of_the_least_size() -> None:
    pieces = Pieces(2**40)
    piece = SCRIPTS[:2]
    for _ in range(20):
        assert pieces.smaller(piece, MessageTooLarge(Why.REFUSED, "HTTP 413")) == [[piece[0]], [piece[1]]]
    assert len(pieces.cut(SCRIPTS)) == -(-len(SCRIPTS) * 52 // LEAST_REQUEST)


def test_another_answer_that_was_too_long_is_halved_and_says_nothing_of_scans() -> None:
    pieces = Pieces(100 * LIMIT)
    batch = [number.to_bytes(22) for number in range(100_000)]
    for _ in range(20):
        assert pieces.smaller(SCRIPTS, MessageTooLarge(Why.MALFORMED, "activity")) == [SCRIPTS[:2000], SCRIPTS[2000:]]
    assert len(pieces.cut(batch)) == 1
