"""Columns against the lists and dicts that they stand for: whatever is done to both, they hold the same."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scanner.core.columns import AccountIndex, Accounts, Coded, Positions, Words, ascending, order
from tests.support.tables import each_of

STEPS = settings(stateful_step_count=25)

# --- what is asked of every column


def some_positions(count: int) -> st.SearchStrategy[Positions]:
    """Rows of `count`, any number of times and in any order, in each of the forms in which they are named."""
    if not count:
        return st.sampled_from([[], range(0), array("I"), range(5, 2)])
    rows = st.integers(0, count - 1)
    lists = st.lists(rows, max_size=2 * count)
    stretches = st.tuples(st.integers(0, count), st.integers(0, count)).map(lambda ends: range(*ends))
    steps = st.slices(count).map(lambda cut: range(*cut.indices(count)))
    return st.one_of(lists, lists.map(tuple), lists.map(lambda each: array("I", each)), stretches, steps)


def reads_as(column: Sequence[object], model: Sequence[object]) -> bool:
    """Whether the column is this sequence, by every way of reading one."""
    count = len(model)
    for outside in (count, -count - 1):
        with pytest.raises(IndexError):
            column[outside]
    return (
        len(column) == count
        and list(column) == list(model)
        and [column[at] for at in range(-count, count)] == [*model, *model]
        and list(reversed(column)) == list(reversed(model))
    )


Column = Accounts | Words | Coded[int]
SOME_ROWS: dict[str, Callable[[], Column]] = {
    "accounts of one length": lambda: Accounts([b"ab", b"cd", b"ef"]),
    "accounts of several lengths": lambda: Accounts([b"a", b"", b"efg"]),
    "words": lambda: Words([1, None, 3]),
    "codes": lambda: Coded([7, 8, 7]),
}


@each_of("column", SOME_ROWS.values(), ids=SOME_ROWS)
@each_of(
    "outside", [[3], [0, 3], [-1], [-2, 0], range(3, 4), range(2, 4), range(-1, 2), range(0, 5, 2), range(2, -2, -1)]
)
def test_rows_that_are_not_there_are_never_taken_and_never_left_out(
    column: Callable[[], Column], outside: Positions
) -> None:
    """A column that was cut short in silence would put every later row's value beside another account."""
    with pytest.raises(IndexError):
        column().take(outside)


@pytest.mark.parametrize("column", SOME_ROWS.values(), ids=SOME_ROWS)
def test_what_was_taken_grows_on_and_leaves_what_it_was_taken_from_alone(column: Callable[[], Column]) -> None:
    whole = column()
    before = list(whole)
    taken = whole.take(range(1, 3))
    match taken:
        case Accounts():
            taken.append(b"new")
        case Words():
            taken.append(2**200)
            taken[0] = 5
        case Coded():
            taken.append(9)
            taken[0] = 10
    assert list(whole) == before
    assert len(taken) == 3


# --- accounts

one_length = st.integers(1, 4).flatmap(lambda width: st.lists(st.binary(min_size=width, max_size=width), max_size=8))
several_lengths = st.lists(st.binary(max_size=3), max_size=8)
accounts = st.one_of(one_length, several_lengths, st.lists(st.just(b""), max_size=3))


class GrowingAccounts(RuleBasedStateMachine):
    """Accounts, one after the other, and pieces of them that grow on."""

    def __init__(self) -> None:
        super().__init__()
        self.column, self.model = Accounts(), list[bytes]()

    @rule(item=st.one_of(st.binary(min_size=2, max_size=2), st.binary(max_size=3)))
    def append(self, item: bytes) -> None:
        self.column.append(item)
        self.model.append(item)

    @rule(items=one_length.filter(bool))
    def begin_with_packed(self, items: list[bytes]) -> None:
        self.column, self.model = Accounts.of_width(b"".join(items), len(items[0])), list(items)

    @rule(items=st.one_of(one_length, several_lengths))
    def join(self, items: list[bytes]) -> None:
        self.column.join(Accounts(items))
        self.model += items

    @rule()
    def join_itself(self) -> None:
        if len(self.model) < 100:
            self.column.join(self.column)
            self.model += self.model

    @rule(data=st.data())
    def go_on_with_a_part(self, data: st.DataObject) -> None:
        positions = data.draw(some_positions(len(self.model)))
        self.column, self.model = self.column.take(positions), [self.model[at] for at in positions]

    @rule(data=st.data())
    def go_on_with_a_slice(self, data: st.DataObject) -> None:
        cut = data.draw(st.slices(len(self.model)))
        self.column, self.model = self.column[cut], self.model[cut]

    @invariant()
    def holds_the_same(self) -> None:
        assert reads_as(self.column, self.model)
        assert self.column.packed() == b"".join(self.model)
        lengths = set(map(len, self.model))
        assert self.column.width == (lengths.pop() if len(lengths) == 1 and lengths != {0} else None)
        fresh = Accounts(self.model)
        assert self.column == fresh
        assert self.column.digest() == fresh.digest()


TestGrowingAccounts = GrowingAccounts.TestCase
TestGrowingAccounts.settings = STEPS


@given(accounts, accounts)
def test_accounts_are_equal_and_digested_alike_exactly_where_they_are_the_same(
    one: list[bytes], other: list[bytes]
) -> None:
    assert (Accounts(one) == Accounts(other)) == (one == other)
    assert (Accounts(one).digest() == Accounts(other).digest()) == (one == other)


@given(accounts, accounts)
def test_accounts_made_of_a_list_or_joined_are_those_that_were_appended(one: list[bytes], other: list[bytes]) -> None:
    made, whole = Accounts.of(one), Accounts([*one, *other])
    assert made == Accounts(one)
    assert made.digest() == Accounts(one).digest()
    assert made.width == Accounts(one).width
    made.join(Accounts.of(other))
    assert list(made) == list(whole)
    assert made.digest() == whole.digest()
    made.append(b"more")
    assert list(made) == [*one, *other, b"more"]


def test_no_two_ways_to_cut_the_same_bytes_have_one_digest() -> None:
    data = b"abcdef"
    ways = []
    for pieces in range(len(data)):
        for cuts in combinations(range(1, len(data)), pieces):
            ways.append([data[start:end] for start, end in pairwise((0, *cuts, len(data)))])
    ways += [[*ways[0], b""], [b"", *ways[0]], [b"abc", b"", b"def"], [], [b""], [b"", b""]]
    digests = {Accounts(way).digest() for way in ways}
    assert len(ways) == 2**5 + 6
    assert len(digests) == len(ways)
    assert {len(digest) for digest in digests} == {32}


@pytest.mark.parametrize(("data", "width"), [(b"abc", 2), (b"abc", 4), (b"abc", 0), (b"", 0), (b"abc", -1)])
def test_bytes_that_are_no_items_of_a_width_are_refused(data: bytes, width: int) -> None:
    with pytest.raises(ValueError, match=f"{len(data)} bytes are no items of {width}"):
        Accounts.of_width(data, width)


def test_accounts_equal_no_list() -> None:
    assert Accounts([b"a"]) != [b"a"]
    with pytest.raises(TypeError):
        hash(Accounts())


# --- words

EDGES = sorted({max(0, 2**bits + by) for bits in (8, 16, 32, 64, 128, 255) for by in (-2, -1, 0, 1)} | {2**256 - 1})
amounts = st.one_of(st.sampled_from([0, *EDGES, 2**256 - 2]), st.integers(0, 2**256 - 1), st.integers(0, 300))
numbers = st.one_of(st.none(), amounts)


def packed(values: Sequence[int]) -> bytes:
    return b"".join(value.to_bytes(32) for value in values)


class GrowingWords(RuleBasedStateMachine):
    """Numbers and None, added, changed, packed, put away and taken out again."""

    def __init__(self) -> None:
        super().__init__()
        self.column, self.model = Words(), list[int | None]()

    @rule(value=numbers)
    def append(self, value: int | None) -> None:
        self.column.append(value)
        self.model.append(value)

    @rule(values=st.lists(amounts, max_size=5))
    def extend(self, values: list[int]) -> None:
        self.column.extend(packed(values))
        self.model += values

    @rule(data=st.data(), value=numbers)
    def change(self, data: st.DataObject, value: int | None) -> None:
        if self.model:
            at = data.draw(st.integers(-len(self.model), len(self.model) - 1))
            self.column[at] = value
            self.model[at] = value

    @rule(value=st.sampled_from([-1, -(2**256), 2**256, 2**256 + 1, 2**264 - 1, 2**264]))
    def refuse_what_no_word_holds(self, value: int) -> None:
        with pytest.raises(ValueError, match="no amount of atoms"):
            self.column.append(value)
        if self.model:
            with pytest.raises(ValueError, match="no amount of atoms"):
                self.column[0] = value

    @rule(data=st.data())
    def go_on_with_a_part(self, data: st.DataObject) -> None:
        positions = data.draw(some_positions(len(self.model)))
        self.column, self.model = self.column.take(positions), [self.model[at] for at in positions]

    @rule(data=st.data())
    def go_on_with_a_slice(self, data: st.DataObject) -> None:
        cut = data.draw(st.slices(len(self.model)))
        self.column, self.model = self.column[cut], self.model[cut]

    @rule()
    def put_away_and_take_out(self) -> None:
        self.column = Words.load(*self.column.dump())

    @rule()
    def begin_anew(self) -> None:
        self.column, self.model = Words(), []

    @invariant()
    def holds_the_same(self) -> None:
        assert reads_as(self.column, self.model)
        assert self.column == Words(self.model) == Words.of(self.model)
        assert Words.of(self.model).dump() == Words(self.model).dump()
        column = self.column.packed()
        assert len(column) == 32 * len(self.model)
        for at, value in enumerate(self.model):
            assert value is None or column[32 * at : 32 * at + 32] == value.to_bytes(32)


TestGrowingWords = GrowingWords.TestCase
TestGrowingWords.settings = STEPS


@each_of("after", EDGES)
@each_of("before", [[None], [0, None, 2**32 - 2], [None, 2**64 - 2], [2**128 - 2, None], [None] * 3])
def test_a_wider_number_changes_none_of_those_before_it_however_it_comes(before: list[int | None], after: int) -> None:
    appended, extended, changed = Words(before), Words(before), Words([*before, 1])
    appended.append(after)
    extended.extend(packed([after]))
    changed[len(before)] = after
    assert list(appended) == list(extended) == list(changed) == [*before, after]
    assert Words.load(*appended.dump()) == appended


@given(st.lists(numbers, max_size=4), st.lists(numbers, max_size=4))
def test_words_are_equal_exactly_where_their_numbers_are_however_wide_they_are(
    one: list[int | None], other: list[int | None]
) -> None:
    assert (Words(one) == Words(other)) == (one == other)
    widened = Words([*one, 2**256 - 1])[:-1]
    assert widened == Words(one)
    assert widened.packed() == Words(one).packed() or None in one


@pytest.mark.parametrize("value", [0, 1, 2**32 - 2])
def test_small_numbers_take_four_bytes_and_none_takes_no_more(value: int) -> None:
    assert Words([value, None]).dump()[0] == 4
    column = Words()
    column.extend(packed([value & 0xFEFFFFFF] * 3))
    assert column.dump()[0] == 4


@each_of("size", [1, 31, 33, 63, 65])
@each_of("byte", [b"\x00", b"\x01"])
def test_a_packed_column_that_is_cut_short_is_refused(size: int, byte: bytes) -> None:
    column = Words([5])
    with pytest.raises(ValueError, match=f"{size} bytes are no numbers of 32"):
        column.extend(byte * size)
    assert list(column) == [5]


@pytest.mark.parametrize(("width", "data"), [(4, b"abc"), (0, b""), (1, b"a"), (32, bytes(32)), (33, bytes(32))])
def test_what_was_not_dumped_from_words_is_refused(width: int, data: bytes) -> None:
    with pytest.raises(ValueError, match=f"{len(data)} bytes are no numbers of {width}"):
        Words.load(width, data)


# --- values by number

values = st.one_of(st.none(), st.integers(0, 5), st.text("ab", max_size=2), st.tuples(st.integers(0, 2)))


class GrowingCoded(RuleBasedStateMachine):
    """A few values, many times, added in every way; with more of them than a code of one byte tells apart."""

    def __init__(self) -> None:
        super().__init__()
        self.column, self.model = Coded[Hashable](), list[Hashable]()

    @rule(value=values)
    def append(self, value: Hashable) -> None:
        self.column.append(value)
        self.model.append(value)

    @rule(value=values, count=st.integers(0, 4))
    def extend(self, value: Hashable, count: int) -> None:
        self.column.extend(value, count)
        self.model += [value] * count

    @rule(others=st.lists(values, max_size=6))
    def join(self, others: list[Hashable]) -> None:
        self.column.join(Coded(others))
        self.model += others

    @rule(first=st.integers(100, 500), count=st.sampled_from([1, 255, 256, 257]))
    def join_many(self, first: int, count: int) -> None:
        others = range(first, first + count)
        if len(self.model) < 1000:
            self.column.join(Coded[Hashable](others))
            self.model += others

    @rule()
    def join_itself(self) -> None:
        if len(self.model) < 500:
            self.column.join(self.column)
            self.model += self.model

    @rule(data=st.data(), value=values)
    def change(self, data: st.DataObject, value: Hashable) -> None:
        if self.model:
            at = data.draw(st.integers(-len(self.model), len(self.model) - 1))
            self.column[at] = value
            self.model[at] = value

    @rule(data=st.data())
    def go_on_with_a_part(self, data: st.DataObject) -> None:
        positions = data.draw(some_positions(min(len(self.model), 20)))
        self.column, self.model = self.column.take(positions), [self.model[at] for at in positions]

    @rule(data=st.data())
    def go_on_with_a_slice(self, data: st.DataObject) -> None:
        cut = data.draw(st.slices(len(self.model)))
        self.column, self.model = self.column[cut], self.model[cut]

    @rule()
    def put_away_and_take_out(self) -> None:
        self.column = Coded.load(*self.column.dump())

    @rule()
    def change_all(self) -> None:
        """After which some are alike that were not."""

        def change(value: Hashable) -> Hashable:
            return value % 300 if isinstance(value, int) else str(value)[:2]

        self.column, self.model = self.column.mapped(change), list(map(change, self.model))

    @invariant()
    def holds_the_same(self) -> None:
        assert reads_as(self.column, self.model)
        assert self.column == self.model == Coded.of(self.model)
        assert self.column.distinct == Counter(self.model)
        rows: dict[Hashable, list[int]] = {}
        for at, each in enumerate(self.model):
            rows.setdefault(each, []).append(at)
        assert {value: list(positions) for value, positions in self.column.positions().items()} == rows
        assert {value: self.column.first(value) for value in rows} == {value: at[0] for value, at in rows.items()}
        letters: Coded[Hashable] = Coded("a" * len(self.model))
        for beside in (self.column, letters):
            assert self.column.beside(beside) == list(zip(self.model, beside, strict=True))
            assert beside.beside(self.column) == list(zip(beside, self.model, strict=True))
        for kind in (type(None), int, float):
            where = [at for at, value in enumerate(self.model) if isinstance(value, kind)]
            assert self.column.where(partial(_is, kind)) == where


def _is(kind: type, value: Hashable) -> bool:
    return isinstance(value, kind)


TestGrowingCoded = GrowingCoded.TestCase
TestGrowingCoded.settings = STEPS


@pytest.mark.parametrize(("distinct", "typecode"), [(256, "B"), (257, "H"), (65_536, "H"), (65_537, "I")])
def test_more_values_than_a_code_tells_apart_take_longer_codes_and_change_none_before(
    distinct: int, typecode: str
) -> None:
    model = [*range(distinct), 0, distinct - 1]
    column = Coded(model)
    assert column.dump()[1] == typecode
    assert list(column) == model
    assert column.distinct == Counter(model)
    assert Coded.load(*column.dump()) == column
    assert Coded.of(model).dump() == column.dump()

    joined, changed, extended = Coded(model[: distinct - 1]), Coded(model), Coded(model[: distinct - 1])
    joined.join(Coded(model[distinct - 1 :]))
    changed[0], changed[-1] = distinct + 5, distinct + 6
    extended.extend(distinct - 1, 2)
    assert joined == model
    assert changed == [distinct + 5, *model[1:-1], distinct + 6]
    assert extended == [*range(distinct), distinct - 1]


@given(st.lists(amounts, max_size=3), st.sampled_from([-1, 2**256]))
def test_numbers_that_no_word_holds_are_refused_together_as_they_are_one_by_one(good: list[int], bad: int) -> None:
    for values in ([*good, bad], [bad, *good, None]):
        with pytest.raises(ValueError, match=f"{bad} is no amount of atoms"):
            Words.of(values)


def test_a_value_that_no_row_has_stands_nowhere_and_columns_of_unlike_length_not_beside_each_other() -> None:
    column = Coded("ab")
    column[1] = "a"
    for value in ("b", "c"):
        with pytest.raises(ValueError, match=r"no row|not in"):
            column.first(value)
    with pytest.raises(ValueError, match="3 rows beside 2"):
        column.beside(Coded("abc"))


@given(st.lists(values, max_size=5), st.lists(values, max_size=5))
def test_coded_values_are_equal_exactly_where_the_sequences_are(one: list[Hashable], other: list[Hashable]) -> None:
    assert (Coded(one) == Coded(other)) == (one == other)
    assert (Coded(one) == other) == (one == other)
    assert Coded(one) != set(one)


@each_of(
    ("names", "typecode", "codes"),
    [
        (["a"], "B", b"\x01"),  # a value that is not there
        ([], "B", b"\x00"),
        (["a", "a"], "B", b"\x00\x01"),  # one that stands twice
        (["a"], "H", b"\x00"),  # cut short
        (["a"], "b", b"\x00"),  # types that no column has
        (["a"], "d", bytes(8)),
        (["a"], "", b"\x00"),
        (["a"], "Q", bytes(8)),
        (list(range(257)), "B", b"\x00"),  # more values than the codes tell apart
    ],
)
def test_what_was_not_dumped_from_coded_values_is_refused(names: list[Hashable], typecode: str, codes: bytes) -> None:
    with pytest.raises(ValueError, match=r"codes|value|multiple"):
        Coded.load(names, typecode, codes)


# --- where an account stands


@given(several_lengths, several_lengths)
def test_an_account_is_found_where_it_stands_first(before: list[bytes], after: list[bytes]) -> None:
    column = Accounts(before)
    index = AccountIndex(column)
    for item in after:
        known = index.find(item)
        assert known == next((at for at, each in enumerate(column) if each == item), None)
        column.append(item)
        index.enter()
    model = [*before, *after]
    for item in {*model, b"", b"\0", b"absent"}:
        assert index.find(item) == (model.index(item) if item in model else None)


def test_many_accounts_are_found_while_their_column_grows_the_repeated_ones_where_they_stand_first() -> None:
    model: dict[bytes, int] = {}
    column, rows = Accounts(), 0
    index = AccountIndex(column)
    for number in range(2_000):
        for item in (number.to_bytes(20), (number // 2).to_bytes(20)):
            column.append(item)
            index.enter()
            model.setdefault(item, rows)
            rows += 1
        if number % 97 == 0:
            assert all(index.find(item) == row for item, row in model.items())
    assert all(index.find(item) == row for item, row in model.items())
    assert all(index.find(number.to_bytes(20)) is None for number in range(2_000, 4_000))
    assert AccountIndex(column).find((1_999).to_bytes(20)) == model[(1_999).to_bytes(20)]


def test_accounts_that_fall_on_one_place_are_told_apart_round_the_end_of_the_table_too() -> None:
    every = (number.to_bytes(4) for number in range(10**6))
    colliding = [item for item, _ in zip((each for each in every if hash(each) & 63 == 63), range(40), strict=False)]
    inside, outside = colliding[:25], colliding[25:]
    index = AccountIndex(Accounts([*inside, *inside]))
    assert [index.find(item) for item in inside] == list(range(25))
    assert [index.find(item) for item in outside] == [None] * 15


def test_there_is_nothing_to_enter_beyond_the_column() -> None:
    column = Accounts([b"a"])
    index = AccountIndex(column)
    with pytest.raises(IndexError):
        index.enter()
    column.append(b"b")
    index.enter()
    assert (index.find(b"a"), index.find(b"b")) == (0, 1)


# --- rows in the order of their accounts

alike = st.binary(min_size=1, max_size=1).flatmap(
    lambda byte: st.tuples(st.integers(0, 30), st.binary(max_size=2)).map(lambda tail: byte * tail[0] + tail[1])
)


@pytest.mark.parametrize("pile", [1, 2, 5, 1 << 15])
@given(items=st.lists(st.one_of(alike, st.binary(max_size=2)), max_size=40))
def test_accounts_come_in_the_order_of_their_bytes_and_equal_ones_as_they_stood(pile: int, items: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_PILE", pile)
        found = list(ascending(Accounts(items)))
    assert found == sorted(range(len(items)), key=items.__getitem__)


@pytest.mark.parametrize("common", [0, 19, 23, 24, 25, 40])
def test_more_accounts_than_one_pile_that_are_alike_in_many_bytes_come_in_order(
    common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "_PILE", 10)
    items = [b"\x7f" * common + (number * 7919 % 1_000).to_bytes(2) for number in range(1_000)]
    items += [b"\x7f" * length for length in range(50)] + items[:5]
    assert list(ascending(Accounts(items))) == sorted(range(len(items)), key=items.__getitem__)
