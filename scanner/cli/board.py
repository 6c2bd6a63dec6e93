"""A run on a terminal: one line for each chain, rewritten in place, and everything else that is reported above them.

A line says how far a chain is, at which rate, how long it will take at that rate, and how many gaps there are so far.
The rate is that of this run: what an earlier one had settled costs no time and counts for none. Where a node works
without an answer for minutes, its own word on how far it is stands in the line.

Source: ECMA-48 for the cursor's movements (CUU, EL).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TextIO

from scanner.core.ids import Chain
from scanner.scanning.events import ChainPinned, Event, NodeProgress, Progress

_OFTEN: Final = 0.1  # seconds between two drawings
_UP, _CLEAR = "\x1b[{}A", "\x1b[K"


@dataclass(slots=True)
class _Line:
    began: float  # by the clock, when the chain's block was pinned
    progress: Progress | None = None
    node: NodeProgress | None = None


class Board:
    """Draws on `stream`, a terminal. `sentence` is what other events are reported in; None where not worth a line."""

    def __init__(
        self,
        stream: TextIO,
        sentence: Callable[[Event], str | None],
        clock: Callable[[], float],
        width: Callable[[], int] = lambda: shutil.get_terminal_size().columns,
    ) -> None:
        self._stream = stream
        self._sentence = sentence
        self._clock = clock
        self._width = width
        self._lines: dict[Chain, _Line] = {}
        self._drawn = 0  # lines on the screen that are ours
        self._last = float("-inf")

    def __call__(self, event: Event) -> None:
        """Takes an event of the run."""
        if isinstance(event, Progress):
            line = self._lines.setdefault(event.chain, _Line(self._clock()))
            line.progress, line.node = event, None
            self._draw(now=event.done == event.total)
        elif isinstance(event, NodeProgress):
            self._lines.setdefault(event.chain, _Line(self._clock())).node = event
            self._draw(now=False)
        else:
            if isinstance(event, ChainPinned):
                self._lines.setdefault(event.snapshot.chain, _Line(self._clock()))
            sentence = self._sentence(event)
            if sentence is not None:
                self._draw(now=True, above=sentence)

    def _draw(self, *, now: bool, above: str = "") -> None:
        clock = self._clock()
        if not now and clock - self._last < _OFTEN:
            return
        self._last = clock
        room = max(self._width() - 1, 20)
        begun = {chain: line for chain, line in self._lines.items() if line.progress or line.node}
        named = max((len(str(chain)) for chain in begun), default=0)
        lines = [f"{chain!s:<{named}}  {_state(line, clock)}"[:room] for chain, line in begun.items()]
        up = _UP.format(self._drawn) if self._drawn else ""
        head = f"{above}{_CLEAR}\n" if above else ""
        self._stream.write("\r" + up + head + "".join(f"{line}{_CLEAR}\n" for line in lines))
        self._stream.flush()
        self._drawn = len(lines)


def _state(line: _Line, now: float) -> str:
    progress = line.progress
    working = f"{line.node.operator} has gone through {line.node.percent} % of what it keeps" if line.node else ""
    if progress is None:
        return working
    seconds = max(now - line.began, 1e-9)
    rate = (progress.done - progress.kept) / seconds
    parts = [f"{progress.done:>9,} of {progress.total:,} holdings", f"{100 * progress.done // progress.total:>3} %"]
    if rate:
        parts.append(f"{rate:,.0f} a second")
        if progress.done < progress.total:
            parts.append(f"{span(round((progress.total - progress.done) / rate))} left")
        else:
            parts.append(f"took {span(round(seconds))}")
    if progress.kept:
        parts.append(f"{progress.kept:,} from before")
    if progress.gaps:
        parts.append(f"{progress.gaps:,} gap{'' if progress.gaps == 1 else 's'}")
    if working:
        parts.append(working)
    return "  ".join(parts)


def span(seconds: int) -> str:
    """A length of time as people say it: `45 s`, `3 min 20 s`, `2 h 5 min`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
