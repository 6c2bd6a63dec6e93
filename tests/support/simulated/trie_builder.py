"""Builds Merkle-Patricia tries from scratch, to try the verifier on. Shares no code with it, and is not fast.

Source: Ethereum yellow paper, appendices B, C and D. Keys are taken as they stand: hash them first where the trie does.
"""

from __future__ import annotations

from collections.abc import Mapping

from Crypto.Hash import keccak


def keccak256(data: bytes) -> bytes:
    return keccak.new(data=data, digest_bits=256).digest()


def string(data: bytes) -> bytes:
    """RLP of a byte string."""
    if len(data) == 1 and data[0] < 128:
        return data
    return _head(len(data), 128) + data


def array(*encoded: bytes) -> bytes:
    """RLP of a list of items that are RLP already."""
    payload = b"".join(encoded)
    return _head(len(payload), 192) + payload


def number(value: int) -> bytes:
    """RLP of an unsigned integer."""
    return string(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def path(nibbles: str, *, leaf: bool) -> bytes:
    """RLP of hex digits in hex-prefix encoding."""
    flag = 2 * leaf + len(nibbles) % 2
    return string(bytes.fromhex(f"{flag}{'' if flag % 2 else '0'}{nibbles}"))


def account(nonce: int, balance: int, storage_root: bytes, code_hash: bytes) -> bytes:
    """The value that the state trie holds under an address's hash."""
    return array(number(nonce), number(balance), string(storage_root), string(code_hash))


class Trie:
    """A trie over byte strings: its `root`, and its `nodes` by their hash."""

    def __init__(self, values: Mapping[bytes, bytes]) -> None:
        self.nodes: dict[bytes, bytes] = {}
        self._at: dict[str, bytes] = {}  # the nodes by the path that leads to them
        top = self._build({key.hex(): value for key, value in values.items()}, "") if values else string(b"")
        self.root = keccak256(top)
        if values:
            self.nodes[self.root] = self._at[""] = top
        self._deepest = max(map(len, self._at), default=0)

    def proof(self, key: bytes) -> list[bytes]:
        """The nodes on the way to a key, as far as there is one: what eth_getProof answers."""
        digits = key.hex()
        return [
            node
            for node in (self._at.get(digits[:depth]) for depth in range(min(self._deepest, len(digits)) + 1))
            if node
        ]

    def _build(self, values: Mapping[str, bytes], above: str) -> bytes:
        """RLP of the node at the end of the path `above` from which these paths lead on to these values."""
        first, *others = values
        if not others:
            return array(path(first, leaf=True), string(values[first]))
        shared = 0
        while all(other[shared] == first[shared] for other in others):
            shared += 1
        if shared:
            place = above + first[:shared]
            below = self._build({key[shared:]: value for key, value in values.items()}, place)
            return array(path(first[:shared], leaf=False), self._refer(below, place))
        children = []
        for digit in "0123456789abcdef":
            below_digit = {key[1:]: value for key, value in values.items() if key[0] == digit}
            place = above + digit
            children.append(self._refer(self._build(below_digit, place), place) if below_digit else string(b""))
        return array(*children, string(b""))

    def _refer(self, node: bytes, place: str) -> bytes:
        if len(node) < 32:
            return node
        digest = keccak256(node)
        self.nodes[digest] = self._at[place] = node
        return string(digest)


def _head(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes([offset + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([offset + 55 + len(size)]) + size
