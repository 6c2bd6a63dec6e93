"""A block's header as an EVM node states it: the fields of its JSON that any known layout hashes, as JSON again.

Written by the backend and read by the prover, who may have it from a stranger (a cluster's worker): it is bounded and
flat, and all that it says is for `header` to check.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from scanner.chains.evm.header import MAX_EXTRA_DATA, known_names
from scanner.proofs.flaws import Flaw, ProofError

_MOST: Final = 4 * MAX_EXTRA_DATA  # bytes: the extra data in hexadecimal, and as much for all else

_FIELDS: Final = dict[str, str | bool]
"""False stands for what is no text, or none of ASCII: `header` refuses it, and names the field."""


def stated_header(block: Mapping[str, object]) -> bytes:
    """What an answer to eth_getBlockByHash says of the header."""
    stated = {name: block[name] for name in known_names() if block.get(name) is not None}
    return msgspec.json.encode(
        {name: isinstance(value, str) and value.isascii() and value for name, value in stated.items()}
    )


def read_stated_header(stated: bytes) -> Mapping[str, object]:
    """The fields. Raises ProofError TOO_LARGE, MALFORMED."""
    if len(stated) > _MOST:
        raise ProofError(Flaw.TOO_LARGE, f"a stated header of {len(stated)} bytes, at most {_MOST} are taken")
    try:
        return msgspec.json.decode(stated, type=_FIELDS)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ProofError(Flaw.MALFORMED, "a stated header that is no flat JSON object") from None
