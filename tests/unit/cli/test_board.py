"""What a run looks like on a terminal, and in a file."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest

from scanner.chains.names import parse_chain
from scanner.cli.board import Board, span
from scanner.cli.progress import observer
from scanner.core.evidence import Gap, Snapshot
from scanner.errors import Why
from scanner.scanning.events import ChainLost, ChainPinned, Event, JournalCut, NodeProgress, Progress

EVM, BITCOIN = parse_chain("eip155:1"), parse_chain("bip122:000000000019d6689c085ae165831e93")
PINNED = ChainPinned(Snapshot(EVM, 5, "0x" + "ab" * 32, "0x" + "aa" * 32, datetime(2026, 1, 1, tzinfo=UTC)), ("a",))


class Terminal(io.StringIO):
    """A screen that obeys what a Board writes: carriage returns, cursor up, and clearing to the line's end."""

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        lines, row, column = [""], 0, 0
        for piece in re.findall(r"\x1b\[\d*[A-Z]|[^\x1b]", self.getvalue()):
            if match := re.fullmatch(r"\x1b\[(\d+)A", piece):
                row -= int(match[1])
                assert row >= 0, "the cursor left the screen"
            elif piece == "\x1b[K":
                lines[row] = lines[row][:column]
            elif piece == "\r":
                column = 0
            elif piece == "\n":
                row, column = row + 1, 0
                lines += [""] * (row + 1 - len(lines))
            else:
                lines[row] = lines[row][:column].ljust(column) + piece + lines[row][column + 1 :]
                column += 1
        return [line for line in lines if line]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def shown(*events: tuple[float, Event], width: int = 120) -> list[str]:
    """The screen after these events, each at its second."""
    terminal, clock = Terminal(), Clock()
    board = Board(terminal, lambda event: type(event).__name__, clock, lambda: width)
    for at, event in events:
        clock.now = 100.0 + at
        board(event)
    return terminal.screen()


def test_a_chain_has_one_line_with_rows_share_rate_time_left_and_gaps() -> None:
    events: list[tuple[float, Event]] = [
        (0.0, PINNED),
        (1.0, Progress(EVM, 100, 1_000, 0)),
        (2.0, Progress(EVM, 500, 1_000, 3)),
    ]
    assert shown(*events) == [
        "ChainPinned",
        "eip155:1        500 of 1,000 holdings   50 %  250 a second  2 s left  3 gaps",
    ]


def test_a_chain_that_is_done_says_how_long_it_took() -> None:
    events: list[tuple[float, Event]] = [(0.0, PINNED), (4.0, Progress(EVM, 1_000, 1_000, 1))]
    assert shown(*events)[1:] == ["eip155:1      1,000 of 1,000 holdings  100 %  250 a second  took 4 s  1 gap"]


def test_what_a_run_before_had_settled_counts_for_no_rate() -> None:
    events: list[tuple[float, Event]] = [(0.0, PINNED), (2.0, Progress(EVM, 900, 1_000, 0, kept=800))]
    assert shown(*events)[1:] == [
        "eip155:1        900 of 1,000 holdings   90 %  50 a second  2 s left  800 from before"
    ]


def test_other_events_stand_above_the_chains_lines_and_nothing_is_lost() -> None:
    events: list[tuple[float, Event]] = [
        (0.0, PINNED),
        (1.0, Progress(EVM, 1, 4, 0)),
        (2.0, Progress(BITCOIN, 2, 2, 0)),
        (3.0, ChainLost(BITCOIN, Gap(Why.WRONG_BLOCK, "x"), 2)),
        (4.0, Progress(EVM, 4, 4, 0)),
    ]
    screen = shown(*events)
    assert screen[:2] == ["ChainPinned", "ChainLost"]
    assert [line.split()[0] for line in screen[2:]] == [str(EVM), str(BITCOIN)]


def test_a_node_that_works_for_minutes_is_told_of_in_its_chains_line() -> None:
    (line,) = shown((0.0, NodeProgress(BITCOIN, "alpha", 41)))
    assert line == f"{BITCOIN}  alpha has gone through 41 % of what it keeps"


def test_no_line_is_longer_than_the_terminal_is_wide() -> None:
    for line in shown((0.0, PINNED), (1.0, Progress(EVM, 100, 1_000, 7)), width=40):
        assert len(line) < 40


def test_a_terminal_is_not_drawn_on_more_often_than_eyes_follow() -> None:
    terminal, clock = Terminal(), Clock()
    board = Board(terminal, lambda _: None, clock, lambda: 100)
    for done in range(1, 1_000):
        clock.now += 0.001
        board(Progress(EVM, done, 1_000, 0))
    assert terminal.getvalue().count("\r") <= 11
    board(Progress(EVM, 1_000, 1_000, 0))
    assert "1,000 of 1,000" in terminal.screen()[-1]


def test_in_a_file_progress_is_a_line_in_ten_seconds_and_the_end() -> None:
    stream, clock = io.StringIO(), Clock()
    observe = observer("text", stream, clock)
    for done in range(1, 31):
        clock.now += 1
        observe(Progress(EVM, done, 30, 0))
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == ["11", "21", "30"]


@pytest.mark.parametrize("style", [None, "none", "text", "json"])
def test_a_journal_that_does_not_hold_is_told_in_any_case(style: str | None) -> None:
    stream = io.StringIO()
    observer(style, stream)(JournalCut("out/scan.journal", 77, "its end does not hold"))
    assert "out/scan.journal" in stream.getvalue()
    assert "its end does not hold" in stream.getvalue()


def test_nothing_else_is_told_where_nobody_watches() -> None:
    stream = io.StringIO()
    observer(None, stream)(Progress(EVM, 1, 2, 0))
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3_599, "59 min 59 s"), (7_500, "2 h 5 min")]
)
def test_lengths_of_time_are_told_as_people_say_them(seconds: int, text: str) -> None:
    assert span(seconds) == text
