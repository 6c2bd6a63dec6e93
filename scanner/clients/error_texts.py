"""What the error of a node, or of the provider before it, asks for, where that is the same for all chains.

By text before code: no code means the same to all (-32010 is "backend offline" to one gateway and "the batch request
was too large" to one client). Pure. Not in here: what an error says of a block or of an account, which is a matter of
the chain (`evm.errors`). Where each text was found is written in tests/support/node_errors.py, by the name of its
sender.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.errors import Why

# What follows "execution reverted" is the contract's own text: a token could ask for a pause of our requests with it.
_REVERT: Final = re.compile(r"\brevert|vm execution error")

_WORDS_OF_SIZE: Final = ("size", "large", "too big", "batch", "gas", "result", "range")

_RATE: Final = re.compile(
    r"rate ?limit|rate exceeded|rps limit|cups limit|request limit|requests limited|credits limited|\bquota\b"
    r"|^limit exceeded|capacity limit|requests per second|requests per minute"
    r"|frequency limit|query frequency|requests? too quickly|exceeded the allowed_rps"
    r"|too many requests|too many concurrent|too many queued|compute units|throughput|server overloaded|over capacity"
)
_CODES_OF_RATE: Final = {
    -32005,  # EIP-1474, "limit exceeded": Infura, Chainstack, Erigon, Nethermind
    -32007,  # QuickNode, requests a second
    -32012,  # QuickNode, credits a second; proxyd, "backend is over capacity"
    -32016,  # proxyd, "over rate limit"
    -32017,  # Nethermind, no module free for another request; proxyd, "sender is over rate limit"
    -32024,  # proxyd, "too many requests"
    -32029,  # providers, requests a second
    429,  # HTTP's code in JSON: Alchemy, QuickNode, Infura
}

_PASSING: Final = re.compile(
    r"backend offline|no backend is currently healthy|currently not healthy|backend returned an invalid response"
    r"|temporary (?:internal )?error|temporarily unavailable|please retry|(?:try again|retry) (?:later|in )"
    r"|no (?:available|healthy) (?:upstream|backend|node)|bad gateway|service unavailable"
    r"|gateway time-?out|failed to query long-term storage"
)
_CODES_OF_PASSING: Final = {
    -32010,  # proxyd, "backend offline"; jsonrpsee's text for the same code speaks of size
    -32011,  # proxyd, "no backend is currently healthy to serve traffic"; the same
    -32013,  # proxyd, "backend returned an invalid response"
    -32018,  # proxyd, "backend is currently not healthy to serve traffic"
    -32025,  # proxyd, "optimism_syncStatus not available"
}
# Solana's nodes have errors of their own under codes that others use for rates and faults: their texts go first.
_BEHIND: Final = re.compile(
    r"node is unhealthy|behind by \d+ slots|minimum context slot has not been reached"
    r"|block (?:status )?not (?:yet )?available for slot"
)
_OF_A_SLOT: Final = re.compile(
    r"slot \d+ was skipped|account secondary indexes|transaction history is not available from this node"
)
_INTERNAL: Final = (-32000, "internal error")  # proxyd's, whole; -32603 of clients comes again for the same question
_GATEWAY_TIMEOUT: Final = re.compile(r"gateway time-?out")

_SUSPENDED: Final = re.compile(rb"suspended for ([0-9]{1,4}) ?s")

_CREDENTIALS: Final = re.compile(
    r"unauthori[sz]ed|must authenticate|authentication (?:is )?(?:required|failed)|\bapi[ -]?key|\bforbidden\b"
    r"|invalid (?:project id|credentials|access token)|access denied"
)


def speaks_of_size(message: str) -> bool:
    """Whether it is about how much one request holds: Besu and Nethermind say -32005 of that too."""
    text = message.lower()
    return any(words in text for words in _WORDS_OF_SIZE)


def refused_for_rate(body: bytes) -> bool:
    """Whether the text beside an HTTP 403 asks for fewer requests, as TronGrid's does, not for other credentials."""
    return _RATE.search(body.decode(errors="replace").lower()) is not None


def suspended_for(body: bytes) -> float | None:
    """The seconds for which that text says that nothing is answered; None where it does not."""
    found = _SUSPENDED.search(body)
    return None if found is None else float(found[1])


def timed_out_behind(message: str) -> bool:
    """Whether a gateway gave up waiting for the node behind it, which asking for less may cure."""
    return _GATEWAY_TIMEOUT.search(message.lower()) is not None


def reason(code: int, message: str, data: object = None) -> Why:
    """RATE_LIMITED where fewer requests are asked for, UNREACHABLE for a fault that may pass and is worth asking again,
    UNAUTHORIZED where other credentials are, else REFUSED. Of `data` only a text is looked at: Nethermind puts the
    cause there."""
    text = message.lower()
    if code == 3 or _REVERT.search(text):
        return Why.REFUSED
    if _BEHIND.search(text):
        return Why.UNREACHABLE
    if _OF_A_SLOT.search(text):
        return Why.REFUSED
    if not speaks_of_size(message):
        beside = f"{text} {data.lower()}" if isinstance(data, str) else text
        if code in _CODES_OF_RATE or _RATE.search(beside):
            return Why.RATE_LIMITED
        if code in _CODES_OF_PASSING or (code, text) == _INTERNAL or _PASSING.search(text):
            return Why.UNREACHABLE
    elif _GATEWAY_TIMEOUT.search(text):
        return Why.UNREACHABLE
    return Why.UNAUTHORIZED if _CREDENTIALS.search(text) else Why.REFUSED
