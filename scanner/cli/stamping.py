"""`scanner stamp`: servers asked to stamp an attestation's file, and what holds of their answers kept beside it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.cli import stamp_files
from scanner.cli.dating import Checked, lacking_library
from scanner.cli.files import write_whole
from scanner.core.evidence import Gap
from scanner.errors import NodeError, Why

if TYPE_CHECKING:
    from scanner.attesting.dated import Dated
    from scanner.proofs.stamps.authority import Roots

_QUERY: Final = "application/timestamp-query"  # RFC 3161, 3.4
_REPLY: Final = "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class Unstamped:
    """A server that gave no stamp, by the place at which its option stands; why."""

    option: str
    place: int  # from 1
    gap: Gap


async def stamp(
    attestation: Path, document: bytes, urls: Sequence[str], roots: Roots | None
) -> tuple[list[Checked], list[Unstamped]]:
    """A stamp of each of these authorities over the document, kept beside its file; and which gave none.

    Without `roots` it is not known whose stamps they are, only that they are signed and over this document. Raises
    InputError where one cannot be written, or the library for certificates is missing.
    """
    answers = await asyncio.gather(*(_answer(url, document, roots) for url in urls))
    kept: list[Checked] = []
    lacking: list[Unstamped] = []
    for place, answer in enumerate(answers, 1):
        if isinstance(answer, Gap):
            lacking.append(Unstamped("--tsa", place, answer))
            continue
        raw, shown = answer
        path = stamp_files.next_name(attestation, stamp_files.RFC3161)
        write_whole(path, raw)
        kept.append(Checked(path, raw, shown))
    return kept, lacking


async def _answer(url: str, document: bytes, roots: Roots | None) -> tuple[bytes, Dated] | Gap:
    """What an authority answers, and what it shows; why there is no stamp that holds."""
    from scanner.attesting.dated import digest, fresh
    from scanner.clients.stamp_server import StampRequest, ask
    from scanner.proofs.flaws import ProofError
    from scanner.proofs.stamps.authority import NotInstalled
    from scanner.proofs.stamps.rfc3161 import MOST_BYTES
    from scanner.proofs.stamps.tst_info import request

    nonce = secrets.randbits(63)
    try:
        raw = await ask(url, StampRequest(request(digest(document), nonce), _QUERY, _REPLY, MOST_BYTES))
        return raw, fresh(document, raw, nonce, roots)
    except NodeError as error:
        return Gap(error.why, error.detail)
    except ProofError as error:
        return Gap(Why.FORGED, error.detail)
    except NotInstalled:
        raise lacking_library("--tsa") from None
