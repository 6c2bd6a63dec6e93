"""Sets of whole numbers as spans: ascending, disjoint pairs of a first and a last number that is in the set.

A claim's accounts are numbered as they first come up, so most claims are a few spans, however many accounts they have;
every operation takes time by the number of spans, and none makes an object a number. Pure arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Spans = list[tuple[int, int]]


def size(spans: Iterable[tuple[int, int]]) -> int:
    """How many numbers are in the set."""
    return sum(last - first + 1 for first, last in spans)


def union(sets: Iterable[Spans]) -> Spans:
    """What is in any of the sets; spans that touch become one."""
    joined: Spans = []
    for first, last in sorted(span for spans in sets for span in spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def intersection(one: Spans, other: Spans) -> Spans:
    """What is in both."""
    return list(_overlaps(one, other))


def difference(one: Spans, other: Spans) -> Spans:
    """What is in `one` and not in `other`."""
    left: Spans = []
    overlaps = _overlaps(one, other)
    overlap = next(overlaps, None)
    for first, last in one:
        begin = first
        while overlap is not None and overlap[0] <= last:
            if begin < overlap[0]:
                left.append((begin, overlap[0] - 1))
            begin = overlap[1] + 1
            overlap = next(overlaps, None)
        if begin <= last:
            left.append((begin, last))
    return left


def _overlaps(one: Spans, other: Spans) -> Iterator[tuple[int, int]]:
    """The overlaps of each pair of spans, ascending."""
    mine = theirs = 0
    while mine < len(one) and theirs < len(other):
        first, last = max(one[mine][0], other[theirs][0]), min(one[mine][1], other[theirs][1])
        if first <= last:
            yield first, last
        if one[mine][1] < other[theirs][1]:
            mine += 1
        else:
            theirs += 1
