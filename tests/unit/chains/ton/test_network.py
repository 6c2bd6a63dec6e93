"""A server of TON is taken for the network that began with its zero state, and for none where that is not known."""

from __future__ import annotations

import base64

import pytest

from scanner.chains.ton.facts import ZERO_STATES
from scanner.chains.ton.node.network import require_network
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why


@pytest.mark.parametrize("reference", sorted(ZERO_STATES))
def test_a_known_network_is_told_by_its_zero_state(reference: str) -> None:
    require_network(Chain("tvm", reference), base64.b64decode(ZERO_STATES[reference]))
    for other in {*ZERO_STATES.values(), "A" * 43 + "="} - {ZERO_STATES[reference]}:
        with pytest.raises(NodeError) as caught:
            require_network(Chain("tvm", reference), base64.b64decode(other))
        assert caught.value.why is Why.WRONG_CHAIN


def test_of_a_network_that_is_not_known_no_server_is_taken_and_it_is_said_which_are() -> None:
    for zero in ZERO_STATES.values():
        with pytest.raises(NodeError, match=r"tvm:5 is not known.*only of tvm:-239 or tvm:-3") as caught:
            require_network(Chain("tvm", "5"), base64.b64decode(zero))
        assert caught.value.why is Why.UNSUPPORTED
