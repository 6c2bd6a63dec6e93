"""A transaction without its witness: read whole or not at all."""

from __future__ import annotations

import contextlib
from hashlib import sha256
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.bitcoin.spending import Spending, read_spending
from scanner.proofs.flaws import ProofError
from tests.support.simulated.moved_bitcoin import Paying
from tests.support.strength import examples
from tests.support.tables import each_of

FIRST: Final = bytes.fromhex(  # the first that paid anybody, in block 170
    "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961a1"
    "d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffff"
    "ffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c"
    "21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7"
    "b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000"
)


def test_the_first_payment_is_read() -> None:
    read = read_spending(FIRST)
    assert read.name[::-1].hex() == "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"
    ((of, number),) = read.spent
    assert (of[::-1].hex(), number) == ("0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9", 0)
    assert [atoms for atoms, _ in read.outputs] == [10 * 10**8, 40 * 10**8]


outpoints = st.tuples(st.binary(min_size=32, max_size=32), st.integers(0, 2**32 - 1))
outputs = st.tuples(st.integers(0, 2**63), st.binary(max_size=300))


@given(st.lists(outpoints, min_size=1, max_size=300), st.lists(outputs, min_size=1, max_size=5))
@settings(max_examples=examples(80), deadline=None)
def test_what_is_written_is_read(spent: list[tuple[bytes, int]], paid: list[tuple[int, bytes]]) -> None:
    raw = Paying(tuple(spent), tuple(paid)).raw
    if len(raw) != 64:
        name = sha256(sha256(raw).digest()).digest()
        assert read_spending(raw) == Spending(name, tuple(spent), tuple(paid))


@each_of("at", range(len(FIRST)))
def test_one_that_is_cut_short_is_refused(at: int) -> None:
    with pytest.raises(ProofError):
        read_spending(FIRST[:at])


@each_of(
    "raw",
    [
        FIRST + b"\0",
        FIRST[:4] + b"\0\1" + FIRST[4:],  # with the mark of a witness
        FIRST[:4] + b"\xfd\1\0" + FIRST[5:],  # a count that is written too long
        FIRST[:4] + b"\xff" + b"\xff" * 8 + FIRST[5:],
        Paying((), ((1, b""),)).raw,
        Paying(((bytes(32), 0),), ()).raw,
        bytes(64),
        Paying(((bytes(32), 0),), ((1, b"\x51\x51\x51\x51"),)).raw,  # 64 bytes
    ],
)
def test_bytes_that_are_no_transaction_in_this_form_are_refused(raw: bytes) -> None:
    with pytest.raises(ProofError):
        read_spending(raw)


@given(st.binary(max_size=400))
@settings(max_examples=examples(300), deadline=None)
def test_whatever_the_bytes_are_nothing_else_happens(raw: bytes) -> None:
    with contextlib.suppress(ProofError):
        read_spending(raw)
