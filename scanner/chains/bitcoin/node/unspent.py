"""The answer to `scantxoutset`, read while it comes: its list of outputs is used up in parts and never held.

For 250,000 scripts the answer has some 150 MB, as Python objects three times that. So the list is cut out of the text,
between two entries at a time, and handed on in parts; what is left is an ordinary answer with an empty list. The cuts
follow from JSON itself: what is looked for cannot stand inside a string, where its quotation mark would be escaped, and
a list that is cut at a wrong place is no JSON and is refused.

Source: Bitcoin Core's RPC documentation of scantxoutset. Not in here: whose outputs they are, and what follows.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from collections import Counter
from collections.abc import Callable
from typing import Annotated

import msgspec

from scanner.chains.bitcoin.facts import BitcoinChain
from scanner.chains.bitcoin.node.answers import satoshis
from scanner.chains.bitcoin.node.rewind import Contradiction, Rewind
from scanner.clients.fields import malformed
from scanner.clients.jsonrpc import decode
from scanner.core.json_nesting import nests_deeper

PART = 2**16  # bytes that are waited for before they are looked at
MOST_LEFT = 2**20  # bytes without a place to cut; an entry has 400, or 40,000 with the longest script there can be
TRIES = 1000  # closing brackets that are looked at, from the last one back; the last but one does as a rule
SAMPLED = 16  # every so manieth output is counted to its script

_LIST = re.compile(rb'"unspents"\s*:\s*\[')
_EMPTY = re.compile(rb"\[\s*\]")
_END = re.compile(rb"\}\s*\]")
_BETWEEN = re.compile(rb'\}\s*,\s*(?=\{\s*")')
_NESTED = re.compile(rb":\s*[\[{]")  # how anything begins that is within an entry and nests
_AMOUNTS = re.compile(rb"(?:[0-9]{1,8}\.[0-9]{8},)*")  # as Core writes them
_DEEPEST = 8


class _Entry(msgspec.Struct, gc=False):
    """What is needed of an entry; all else in it is passed over."""

    txid: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]
    number: Annotated[int, msgspec.Meta(ge=0, lt=2**32)] = msgspec.field(name="vout")
    script: str = msgspec.field(name="scriptPubKey")
    amount: msgspec.Raw  # its digits: a binary float would lose satoshis
    height: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


_entries = msgspec.json.Decoder(list[_Entry])


class UnspentStream:
    """Takes in the answer, of at most `limit` bytes, and gives its outputs to `rewind`, some `part` bytes at a time."""

    def __init__(self, rewind: Rewind, chain: BitcoinChain, limit: int, part: int = PART) -> None:
        self.limit = limit
        self.rewind = rewind
        self._chain = chain
        self.size = 0  # bytes taken in
        self.atoms = 0  # the sum of what was handed on
        self.sample: Counter[bytes] = Counter()  # the scripts of some of it
        self._before = bytearray()  # the text up to the list
        self._waiting = bytearray()  # what was not used yet; after the list's end, what follows it
        self._step: Callable[[UnspentStream], None] = UnspentStream._look_for_list
        self._part = part
        self._next = part

    def take(self, piece: bytes) -> None:
        self.size += len(piece)
        self._waiting += piece
        if len(self._waiting) >= self._next:
            self._step(self)
            self._next = len(self._waiting) + self._part
            if len(self._waiting) > MOST_LEFT:
                raise malformed("the answer to scantxoutset is not built as documented")

    def rest(self) -> bytes:
        self._step(self)
        return bytes(self._before + self._waiting)

    def _look_for_list(self) -> None:
        found = _LIST.search(self._waiting)
        if found:
            self._before += self._waiting[: found.end() - 1]
            del self._waiting[: found.end() - 1]
            self._step = UnspentStream._use_first
            self._step(self)

    def _use_first(self) -> None:
        if _EMPTY.match(self._waiting):
            self._step = UnspentStream._wait_for_end
        elif b"}" in self._waiting:
            self._step = UnspentStream._use_entries
            self._step(self)

    def _use_entries(self) -> None:
        if b"]" in self._waiting:  # which is found at once, unlike the pattern
            end = _END.search(self._waiting)
            if end:
                self._use(end.start() + 1, end.end() - 1)
                self._step = UnspentStream._wait_for_end
                return
        place = len(self._waiting)
        for _ in range(TRIES):
            place = self._waiting.rfind(b"}", 0, place)
            between = _BETWEEN.match(self._waiting, place) if place >= 0 else None
            if between:
                self._use(place + 1, between.end())
                return

    def _wait_for_end(self) -> None:
        pass

    def _use(self, end: int, following: int) -> None:
        """Hand on the entries up to `end`; `following` is where the text goes on, behind the bracket that opens it."""
        text = bytes(self._waiting[:end] + b"]")
        self._waiting[:following] = b"["
        if _NESTED.search(text) and nests_deeper(text, _DEEPEST):
            raise malformed("an output in the answer to scantxoutset nests deeper than documented")
        try:
            entries = _entries.decode(text)
            names = unhexlify("".join([entry.txid for entry in entries]))
            scripts = [unhexlify(entry.script) for entry in entries]
        except (msgspec.MsgspecError, ValueError):
            raise malformed("an output in the answer to scantxoutset is not as documented") from None
        amounts = _satoshis([entry.amount for entry in entries], self._chain)
        points = [names[32 * at : 32 * at + 32] + entry.number.to_bytes(4) for at, entry in enumerate(entries)]
        self.atoms += sum(amounts)
        self.sample.update(scripts[::SAMPLED])
        try:
            self.rewind.add_unspent(points, scripts, amounts, [entry.height for entry in entries])
        except Contradiction as error:
            raise malformed(f"the node's unspent outputs contradict each other: {error}") from None


def _satoshis(amounts: list[msgspec.Raw], chain: BitcoinChain) -> list[int]:
    text = b",".join([*amounts, b""])
    if _AMOUNTS.fullmatch(text):
        found = [int(digits) for digits in text.replace(b".", b"").split(b",")[:-1]]
        if max(found, default=0) <= chain.most_atoms:
            return found
    return [satoshis(decode(bytes(amount)), chain) for amount in amounts]
