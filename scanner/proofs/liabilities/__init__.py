"""What the amount owed rests on: an exchange's published proof in, what it shows out.

A scheme is one file, and one line of `SCHEMES`. Schemes of others are found by the entry point group `ENTRY_POINTS`,
and never replace one of these (`core.offered`). One is imported when a claim names it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from scanner.core.offered import load, offered
from scanner.proofs.liabilities.interface import (
    File,
    Inclusion,
    Misstated,
    NeedsFiles,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    Scheme,
    ShownTotals,
    Shows,
    TooLarge,
    Total,
)

__all__ = [
    "ENTRY_POINTS",
    "SCHEMES",
    "File",
    "Inclusion",
    "Misstated",
    "NeedsFiles",
    "NotUnderstood",
    "OtherRoot",
    "Published",
    "Refuted",
    "Scheme",
    "ShownTotals",
    "Shows",
    "TooLarge",
    "Total",
    "find_scheme",
    "is_scheme",
    "scheme_names",
]

ENTRY_POINTS: Final = "reserve_scanner.liabilities"

SCHEMES: Final[dict[str, str]] = {
    "okx-merkle-v1": "okx_merkle_path:SCHEME",
    "okx-merkle-v2": "okx_merkle_tree:SCHEME",
    "bybit": "bybit:SCHEME",
    "bitget": "bitget:BITGET",
    "bitunix": "bitget:BITUNIX",
    "mexc": "mexc:SCHEME",
    "swissborg": "swissborg:SCHEME",
    "bitmex": "bitmex:SCHEME",
    "river": "bitmex:SCHEME",
    "armanino": "armanino:SCHEME",
    "binance": "binance:SCHEME",
    "gate": "gate:SCHEME",
    "okx-stark-v1": "okx_stark:SCHEME",
    "okx-plonky2": "okx_plonky2:SCHEME",
}
"""By name: the module of this folder and the object in it, imported when one is asked for."""


def scheme_names() -> list[str]:
    """All that are known, others' among them, sorted."""
    return sorted({*SCHEMES, *offered(ENTRY_POINTS, SCHEMES)})


def is_scheme(name: str) -> bool:
    """Whether `name` is one of `scheme_names`. What packages offer is looked up for none that is ours."""
    return name in SCHEMES or name in scheme_names()


def find_scheme(name: str) -> Scheme:
    """The scheme of that name. Raises KeyError if none has it, or if two packages offer it; InputError if the package
    that offers it fails."""
    if name in SCHEMES:
        module, _, attribute = SCHEMES[name].partition(":")
        return cast(Scheme, getattr(import_module(f"{__name__}.{module}"), attribute))
    return cast(Scheme, load(offered(ENTRY_POINTS, SCHEMES)[name]))
