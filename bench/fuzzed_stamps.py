"""Time stamps, roots and OpenTimestamps proofs as targets of `fuzz`: a file that was changed shows what it showed, or
nothing.

Seeds are of the tests' own making.
"""

from __future__ import annotations

import random
from datetime import datetime
from hashlib import sha256

from bench.fuzzed_files import Run, Target
from scanner.attesting.anchored import Standing
from scanner.attesting.dated import dated, digest
from scanner.attesting.dated_by_blocks import dated_by_block
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.bitcoin.runs import record_of
from scanner.core.ids import Chain
from scanner.proofs.stamps.authority import Roots
from scanner.proofs.witness import Witness
from tests.support.calendar_proofs import FORK, SHA256, append, in_block, pending, prepend, proof
from tests.support.simulated.ancestors import mined
from tests.support.time_stamps import Answer, root, rsa_stamper, stamper

DOCUMENT = b"what is stamped"
REGTEST = Chain("bip122", "0f9188f13cb7b2c71f2a335e3a4fc328")


def targets() -> dict[str, Target]:
    """By name."""
    right = Answer(digest(DOCUMENT))
    both = right.with_(brings=(stamper(), root()), first_kind=True, status=1, words=("as asked",))
    answers = right.encoded, both.encoded, right.with_(signer=rsa_stamper(), sha=512).encoded
    (header,) = mined(1, roots={0: sha256(b"a" + digest(DOCUMENT)).digest()})
    way = prepend(b"a") + SHA256 + in_block(7)
    proofs = (
        proof(digest(DOCUMENT), way),
        proof(digest(DOCUMENT), FORK, way, append(b"b"), pending("https://a.example")),
    )
    anchor = Anchor({REGTEST: (PathBlock(7, header.hash),)}, witness=Witness([record_of([header.raw])]))

    def shown_by_block(data: bytes, _luck: random.Random) -> object:
        found = dated_by_block(DOCUMENT, data, anchor, {REGTEST: [header.hash]})
        if data in proofs and found.block is None:
            raise AssertionError("a true proof shows nothing")
        if found.block is not None and (found.block.standing, found.block.block.height) != (Standing.ANCHORED, 7):
            raise AssertionError("a changed proof shows another block")
        return found

    return {
        "stamp answer": Target(answers, _shown_by(Roots(root().pem)), ()),
        "stamp roots": Target((root().pem, root().pem + stamper().pem), lambda data, _luck: Roots(data), (ValueError,)),
        "stamp proof": Target(proofs, shown_by_block, ()),
    }


def _shown_by(roots: Roots) -> Run:
    latest: set[datetime | None] = {None, dated(DOCUMENT, Answer(digest(DOCUMENT)).encoded, roots).before}

    def run(data: bytes, _luck: random.Random) -> object:
        found = dated(DOCUMENT, data, roots)
        if found.before not in latest:
            raise AssertionError("a changed stamp shows another time")
        return found

    return run
