"""What is read of Dask's protocol: data, of a bounded size, and never an object that somebody has pickled."""

from __future__ import annotations

import contextlib
import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.scanning.dask_wire import WireError, decoded, result
from tests.support.tables import each_of

protocol = pytest.importorskip("distributed.protocol")
serialize = pytest.importorskip("distributed.protocol.serialize")


class Trap:
    """What says so where it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[Any, ...]:
        return spring, ()


def spring() -> None:
    Trap.sprung = True


def as_dask_writes(message: object) -> list[bytes]:
    return [bytes(frame) for frame in protocol.dumps(message)]


def test_what_a_function_returned_as_bytes_comes_out_as_these_bytes() -> None:
    for data in (b"", b"an answer", bytes(range(256)) * 400_000):
        reply = {"tcp://w:1": {"status": "OK", "result": protocol.to_serialize(data)}}
        assert result(decoded(as_dask_writes(reply))["tcp://w:1"]) == data


def test_what_is_pickled_stays_bytes_in_results_errors_and_wherever_else() -> None:
    pickled = protocol.Serialize(Trap())
    to_pickle = serialize.ToPickle(Trap())
    for message in (
        {"status": "OK", "result": pickled},
        {"status": "OK", "result": to_pickle},
        {"status": "error", "exception": pickled, "traceback": to_pickle},
        {"op": "warn", "category": pickle.dumps(Trap()), "message": pickle.dumps(Trap())},
        [{"op": "key-in-memory", "type": pickle.dumps(Trap())}, {"op": "event", "event": [to_pickle]}],
    ):
        found = decoded(as_dask_writes(message))
        assert not Trap.sprung
        assert isinstance(found, dict | list)
    pickle.loads(pickle.dumps(Trap()))  # noqa: S301 - which is the point
    assert Trap.sprung  # the trap works
    Trap.sprung = False


@each_of(
    "reply",
    [
        None,
        "OK",
        {"status": "error", "exception": b"\x80"},
        {"status": "uncaught-error", "result": b"x"},
        {"status": "OK"},
        {"status": "OK", "result": "text"},
        {"status": "OK", "result": 5},
        {"result": b"x"},
    ],
)
def test_what_is_no_bytes_of_a_function_that_returned_is_no_result(reply: object) -> None:
    assert result(reply) is None


def mark(header: object, *frames: bytes) -> list[bytes]:
    return [msgspec.msgpack.encode({"__Serialized__": 1}), msgspec.msgpack.encode(header), *frames]


@each_of(
    "frames",
    [
        [b""],
        [b"\xc1"],
        [msgspec.msgpack.encode({"__Serialized__": 1})],
        [msgspec.msgpack.encode({"__Serialized__": 0}), b"\x80"],
        [msgspec.msgpack.encode({"__Serialized__": -1}), b"\x80"],
        [msgspec.msgpack.encode({"__Serialized__": True}), msgspec.msgpack.encode({"num-sub-frames": 0})],
        [msgspec.msgpack.encode({"__Pickled__": "1"}), b"\x80"],
        mark({}),
        mark([]),
        mark({"num-sub-frames": 2}, b"one"),
        mark({"num-sub-frames": -1}, b"one"),
        mark({"num-sub-frames": "1"}, b"one"),
        mark({"num-sub-frames": 1, "compression": ["lz4"]}, b"one"),
        [b"\x91" * 100_000 + b"\x90"],
    ],
)
def test_what_is_not_of_the_protocols_form_is_told_as_that(frames: list[bytes]) -> None:
    with pytest.raises(WireError):
        decoded(frames)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_no_frames_whatever_make_another_error(frames: list[bytes]) -> None:
    with contextlib.suppress(WireError):
        decoded(frames)
