"""What installed packages of others offer, by entry points: further families, layouts and schemes of liabilities.

One rule of precedence for all of them. A name of ours is ours: an entry point of that name is passed over, so that
installing a package changes nothing that was read without it. A name that two packages offer is given to neither, since
which of them is meant cannot be known. What is left stands behind ours, in the order of the names. Not in here: what is
offered; each group's own module names its group and says when an offer is loaded.

Source: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING

from scanner.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def offered(group: str, ours: Collection[str]) -> dict[str, EntryPoint]:
    """By name, in order: what packages offer in this group besides `ours`. Nothing is imported yet."""
    from importlib import metadata

    points: dict[str, list[EntryPoint]] = defaultdict(list)
    for point in metadata.entry_points(group=group):
        points[point.name].append(point)
    return {name: points[name][0] for name in sorted(points) if name not in ours and len(points[name]) == 1}


def load(point: EntryPoint) -> object:
    """The object that the entry point leads to. Raises InputError, which names the package, where there is none."""
    try:
        loaded: object = point.load()
    except Exception as error:  # a package of others may fail in any way
        raise not_usable(point, f"{type(error).__name__}: {error}") from error
    return loaded


def not_usable(point: EntryPoint, why: str) -> InputError:
    """The error that says what is wrong with an offer."""
    package = "a package" if point.dist is None else f"the package {point.dist.name} {point.dist.version}"
    shown = ascii(why)[1:-1][:300]
    return InputError.at(
        package, f"its entry point {point.name} = {point.value} ({point.group}) cannot be used: {shown}"
    )
