"""Which chain a node serves: as the nodes file says it, or else as the kind of node implies it.

Whether the node does serve it is asked when it is opened.
"""

from __future__ import annotations

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.chains.names import parse_chain
from scanner.chains.registry import BACKENDS
from scanner.core.ids import Chain, IdError
from scanner.sources.cursor import Cursor
from scanner.sources.node_url import NodeUrl


def node_chain(place: Cursor, url: NodeUrl | None) -> Chain | None:
    """The chain of the node at `url`, of which `place` may say it; None where a mistake was noted."""
    family, backend = BACKENDS[url.kind] if url else (None, None)
    if not place.present:
        if family and backend and backend.chain is None:
            known = next(iter(family.network_names), None)
            example = "" if known is None else f", such as {family.namespace}:{known}"
            place.refuse(f"missing; a node of this kind may serve any {family.namespace} chain{example}")
        return backend.chain if backend else None
    text = place.text()
    if text is None:
        return None
    try:
        chain = parse_chain(text)
    except IdError:
        place.refuse(f"expected a CAIP-2 chain, such as {EXAMPLE_CHAIN}")
        return None
    if family is None or chain.namespace == family.namespace:
        return chain
    place.refuse(f"nodes of this kind serve {family.namespace} chains")
    return None
