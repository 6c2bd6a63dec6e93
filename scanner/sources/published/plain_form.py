"""The form that nearly all rows of a table have, as one regular expression that finds them in whole blocks of lines.

In that form no cell is quoted, holds JSON or stands for nothing in a way of its own; names, accounts and amounts have
the plainest characters, and no other party holds the account. What such cells mean is for `table_rows`, which reads
every line of another form cell by cell, and to which it must make no difference which way a line took.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from scanner.sources.published.layout import Columns, Role, TableLayout
from scanner.sources.published.row import Kind

_NAME = "([0-9A-Za-z_.-]*+)"
_ACCOUNT = "([0-9A-Za-z]++)"
_AMOUNT = r"(?: *+([0-9]++)(?:\.([0-9]++))?+)?+"  # two groups: what stands before the point, and behind it
_HEIGHT = "([0-9]*+)"
_EMPTY = '(?:"")?+'
_NEVER_CUT_OFF = (Role.LABEL, Role.NETWORK, Role.ADDRESS, Role.STATUS)
_ANYTHING = r'[^,"{\[\n]*+'

Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
"""From the groups of one line, or from columns of those of many, to the cells that are wanted."""


def plain_form(layout: TableLayout, columns: Columns, roles: Sequence[Role]) -> tuple[re.Pattern[str], Pick] | None:
    """A pattern that matches every line with its end, and a function from its groups to the cells of `roles`, which
    takes the columns of many lines alike.

    AMOUNT stands for two cells. A line that is not of the plain form gives empty cells, and so does a column that is
    not there or was cut off; an ADDRESS is never empty in one that is. None where the layout's rows have no such form.
    """
    if layout.base_units or "" not in layout.nulls:
        return None
    wanted = {
        Role.LABEL: _NAME,
        Role.NETWORK: _NAME,
        Role.HEIGHT: _HEIGHT,
        Role.ADDRESS: _ACCOUNT,
        Role.AMOUNT: _AMOUNT,
        Role.CUSTODIAN: _EMPTY,
        Role.KIND: _one_of(text for text, kind in layout.kinds.items() if kind is Kind.PLAIN),
        Role.STATUS: _one_of(layout.statuses),
    }
    role_at = {index: role for role, index in columns.at.items()}
    groups: dict[Role, tuple[int, ...]] = {}
    cells, count = [], 0
    for index in range(columns.width):
        role = role_at.get(index)
        cell = wanted.get(role, f"({_ANYTHING})" if role in roles else _ANYTHING) if role else _ANYTHING
        found = re.compile(cell).groups
        if role and found:
            groups[role] = tuple(range(count, count + found))
        count += found
        cells.append(cell)
    needed = 1 + max(columns.at[role] for role in _NEVER_CUT_OFF if role in columns.at)
    tail = ""
    for cell in reversed(cells[needed:]):  # which may be cut off, from anywhere
        tail = f"(?:,{cell}{tail})?+"
    nothing = count  # the last group, which is always empty
    pattern = re.compile(f"(?:{','.join(cells[:needed])}{tail}|.*+)()\n")
    absent = {role: (nothing, nothing) if role is Role.AMOUNT else (nothing,) for role in roles}
    return pattern, itemgetter(*(group for role in roles for group in groups.get(role, absent[role])))


def _one_of(texts: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, texts))) or '(?!)'})"
