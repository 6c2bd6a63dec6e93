"""Which scripts of this folder a page carries: those of the formats that its statement names, so that it stays small.

A further format is one script, which adds itself to `READERS`, and one line of `_SCRIPTS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

_FOLDER: Final = "customers/"
_FIRST: Final = ("readers.js", "reading.js", "amounts.js")
_LAST: Final = "included.js"

_SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "okx-merkle-v1": ("self_and_path.js", "okx_merkle_path.js"),
    "bybit": ("self_and_path.js", "bybit.js"),
    "bitget": ("self_and_path.js", "bitget.js"),
    "bitunix": ("self_and_path.js", "bitget.js"),
    "mexc": ("self_and_path.js", "mexc.js"),
    "okx-merkle-v2": ("whole_tree.js", "okx_merkle_tree.js"),
    "swissborg": ("swissborg.js",),
    "bitmex": ("whole_tree.js", "bitmex.js"),
    "river": ("whole_tree.js", "bitmex.js"),
    "armanino": ("armanino.js",),
    "okx-stark-v1": ("keccak.js", "okx_stark.js"),
    "okx-plonky2": ("poseidon_goldilocks.js", "okx_plonky2.js"),
    "binance": ("poseidon_bn254.js", "zkmerkle.js"),
    "gate": ("poseidon_bn254.js", "zkmerkle.js"),
}
"""By scheme, in the order in which they are put together: what a script uses stands before it."""

CHECKED_HERE: Final = frozenset(_SCRIPTS)
"""Schemes of which the page can check a customer's file."""

PUBLISHED_BESIDES: Final[Mapping[str, str]] = {
    "okx-merkle-v2": "the whole tree",
    "swissborg": "the audit's roots",
    "bitmex": "the whole tree",
    "river": "the whole tree",
    "armanino": "the list of leaves",
}
"""Those for which the customer has to give a file as well that the exchange published for everybody."""

_SECRETS: Final = "it is read here and sent nowhere, and you should give it to no one"
WRITTEN_ONESELF: Final[Mapping[str, str]] = {
    "bitmex": f'{{"account": 1007, "account_nonce": "82…4a"}} with your own account and its nonce; {_SECRETS}',
    "river": f'{{"account_uid": "QE", "account_key": "82…4a", "email": "one@example.org"}} with your own; {_SECRETS}',
    "armanino": "two lines, the header of the records, such as #ID,BTC,ETH, and your own record as the auditor has it",
}
"""Those whose exchanges give out secrets or records, and no file."""


def named_schemes(finding: Mapping[str, Any]) -> frozenset[str]:
    """The formats of the published roots that a finding names, as far as a page can check customers' files of them."""
    bases = [reserve["owedBasis"] for reserve in finding["reserves"]]
    return CHECKED_HERE & {basis["scheme"] for basis in bases if basis and basis["root"]}


def scripts_of(schemes: Iterable[str]) -> tuple[str, ...]:
    """The scripts for these schemes, each once, in order; none for no scheme."""
    wanted = {script for scheme in schemes for script in _SCRIPTS[scheme]}
    if not wanted:
        return ()
    known = dict.fromkeys(script for scripts in _SCRIPTS.values() for script in scripts)
    return tuple(_FOLDER + script for script in (*_FIRST, *(each for each in known if each in wanted), _LAST))
