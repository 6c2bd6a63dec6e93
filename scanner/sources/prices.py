"""A file of prices that somebody names for the values of a report: source, moment, currency, and a price for each coin.

Read as strictly as a claim, with all mistakes at once. Nothing is ever fetched. Not here: what follows from prices
(`report.values`); no verdict does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

from scanner.sources.assets import read_name
from scanner.sources.cursor import Cursor
from scanner.sources.yaml_document import Notes, parse, read_bytes

MOST_BYTES: Final = 2**20

_CURRENCY: Final = re.compile(r"[A-Z]{3,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Prices:
    """What a whole coin of each unit costs, as `source` says of a moment."""

    source: str
    as_of: datetime
    currency: str  # such as USD
    by_unit: Mapping[str, Fraction]  # all above zero
    file: str  # its name, without its folder
    sha256: str


def load_prices(path: Path) -> Prices:
    """The prices in the file at `path`. Raises InputError with all mistakes that could be found in it."""
    data = read_bytes(path, MOST_BYTES)
    notes = Notes(str(path))
    fields = Cursor(parse(data, notes), "prices", notes).fields(("source", "as_of", "currency", "prices"))
    source, as_of, currency = fields["source"].text(), fields["as_of"].moment(), fields["currency"].text()
    if currency is not None and not _CURRENCY.fullmatch(currency):
        fields["currency"].refuse(f"expected 3 to 5 capital letters, such as USD, not {notes.shown(currency)}")
    by_unit: dict[str, Fraction] = {}
    for key, value in fields["prices"].entries():
        unit, price = read_name(key), value.decimal()
        if price == 0:
            value.refuse("a price is above 0; leave out a coin that has none")
        elif unit is not None and price is not None:
            by_unit[unit] = price
    if notes or source is None or as_of is None or currency is None:
        raise notes.error()
    return Prices(source, as_of, currency, by_unit, path.name, hashlib.sha256(data).hexdigest())
