"""What a label on a network means for every row that bears it, worked out once: asset, account reader, block, decimals.

No row is read here; what a cell says by itself is `cells`' part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.chains import opaque
from scanner.chains.accounts import account_text, key_reader, keys_reader
from scanner.chains.registry import family
from scanner.core.columns import Accounts
from scanner.core.ids import AssetId, Chain
from scanner.errors import InputError
from scanner.sources.published.archive import shown
from scanner.sources.published.labels import LabelError, LabelTable
from scanner.sources.published.row import Listed
from scanner.sources.published.rows import Refused, RowRefusal

MAX_LABELS: Final = 20_000  # so many pairs of label and network a file may use, in any spelling
_VALIDATORS_OF: Final = frozenset({"ETH", "BETH"})  # labels under which validators are published


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one pair of label and network means."""

    listed: Listed
    label: int  # its number: what is counted by label is counted by this
    asset: bytes  # the number of its asset, which several labels may have in common: 4 bytes
    key: Callable[[str], bytes]  # an account's text to its key; raises AddressError
    keys: Callable[[Sequence[str]], Accounts]  # the same for many texts at once
    height: int | None  # where the layout gives heights by label
    base_decimals: int | None  # of the asset, where the layout writes base units and the asset is known
    validator: Callable[[str], bytes] | None  # a validator's text to its key, where such may be published under it


@dataclass(slots=True)
class Numbers:
    """Labels and assets of all texts of a file, numbered in the order in which they first stood."""

    labels: dict[Listed, int] = field(default_factory=dict)
    assets: dict[AssetId, int] = field(default_factory=dict)


class Meanings:
    """All pairs of one text, by its cells."""

    def __init__(
        self, table: LabelTable, numbers: Numbers, where: str, *, caip: bool = False, heights: Mapping[str, int]
    ) -> None:
        self._table = table
        self._where = where
        self._numbers = numbers
        self._caip = caip
        self._heights = heights  # by label in upper case
        self._known: dict[tuple[str, str], Meaning] = {}

    def of(self, label: str, network: str) -> Meaning:
        """The meaning of two cells. Raises Refused for a label that is none, InputError for too many."""
        known = self._known.get((label, network))
        if known is not None:
            return known
        if len(self._known) >= MAX_LABELS:
            raise InputError.at(self._where, f"uses more than {MAX_LABELS} labels")
        try:
            listed = self._table.find(label.strip(), network.strip(), caip=self._caip)
        except LabelError as error:
            raise Refused(RowRefusal.BAD_LABEL, f"{shown(label)} on {shown(network)}: {error}") from None
        name = listed.label.upper()
        key = key_reader(listed.chain) if listed.mapped else _unmapped_reader(listed)
        meaning = Meaning(
            listed=listed,
            label=self._numbers.labels.setdefault(listed, len(self._numbers.labels)),
            asset=self._numbers.assets.setdefault(listed.asset, len(self._numbers.assets)).to_bytes(4, "big"),
            key=key,
            keys=keys_reader(listed.chain) if listed.mapped else lambda texts: Accounts.of(list(map(key, texts))),
            height=self._heights.get(name),
            base_decimals=listed.known.decimals if listed.known else None,
            validator=_validators(listed.chain) if name in _VALIDATORS_OF else None,
        )
        self._known[label, network] = meaning
        return meaning


def _validators(chain: Chain | None) -> Callable[[str], bytes] | None:
    """What reads the texts of validators of this chain; None where it has none."""
    asset = None if chain is None else family(chain).validators(chain)
    return None if asset is None else key_reader(asset.chain)


def _unmapped_reader(listed: Listed) -> Callable[[str], bytes]:
    """Under an unknown label an account is kept by its canonical text, whatever its chain's keys are."""
    read, chain = key_reader(listed.chain), listed.chain

    def key(text: str) -> bytes:
        account = read(text)
        if chain is not None:
            account = account_text(chain, account).encode()
            opaque.account_text(chain, account)  # raises where evidence could not name it so
        return account

    return key
