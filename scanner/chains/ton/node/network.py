"""Which network a server of either kind is of: the one that began with the zero state it names."""

from __future__ import annotations

import base64

from scanner.chains.ton.facts import ZERO_STATES
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why


def require_network(chain: Chain, zero_state: bytes) -> None:
    """Raises NodeError: WRONG_CHAIN where the chain began with another zero state, UNSUPPORTED where it is not known
    with which. `zero_state`: the root hash that the server names."""
    known = ZERO_STATES.get(chain.reference)
    if known is None:
        names = " or ".join(f"{chain.namespace}:{reference}" for reference in sorted(ZERO_STATES))
        raise NodeError(
            Why.UNSUPPORTED,
            f"the zero state of {chain} is not known, so that its servers cannot be known either: only of {names}",
        )
    if base64.b64decode(known) != zero_state:
        raise NodeError(Why.WRONG_CHAIN, "the server's network has another zero state")
