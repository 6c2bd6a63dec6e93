"""How both readings of a balance that was read in two passes are written in a line of evidence, and read back.

    431593310 5eyk...Zvdp 5000000 QUORUM alpha+beta;431593388 9xQe...VFin >=4000000 QUORUM alpha+gamma beta=5000000

Of each: the block's height and hash, the balance (`>=` of a lower bound), its basis and operators, and who said
otherwise, if anybody did. What the two come to is `core.two_passes`' part; that there is one way to write each follows
from writing again what was read (`evidence_csv`).
"""

from __future__ import annotations

from scanner.attesting.evidence_text import (
    amount_text,
    dissent_text,
    height_text,
    operators_text,
    read_amount,
    read_words,
)
from scanner.chains.block_hash import is_block_hash
from scanner.core.evidence import Balance, Basis
from scanner.core.ids import Chain
from scanner.core.two_passes import BlockReading, TwoPasses

_BETWEEN = ";"
_BOUND = ">="


def passes_text(chain: Chain, passes: TwoPasses | None) -> str:
    """Empty for none. Raises ValueError for what no block or balance can be."""
    if passes is None:
        return ""
    return _BETWEEN.join(_text(chain, each) for each in (passes.first, passes.second))


def read_passes(text: str) -> TwoPasses | None:
    """What `passes_text` wrote, or what it would have written otherwise. Raises ValueError."""
    if not text:
        return None
    first, _, second = text.partition(_BETWEEN)
    return TwoPasses(_reading(first), _reading(second))


def _text(chain: Chain, reading: BlockReading) -> str:
    balance = reading.balance
    if not is_block_hash(chain, reading.block):
        raise ValueError(f"{reading.block[:80]!a} is no block hash of {chain}")
    word = f"{_BOUND if balance.at_least else ''}{amount_text(balance.atoms)}"
    if not balance.operators or balance.basis is Basis.PROVEN:
        raise ValueError("a reading that rests on no operator's word")
    parts = height_text(reading.height), reading.block, word, balance.basis.value, operators_text(balance.operators)
    return " ".join((*parts, dissent_text(balance)) if balance.dissent else parts)


def _reading(text: str) -> BlockReading:
    fields = text.split(" ")
    if len(fields) not in (5, 6):
        raise ValueError(f"{text[:80]!a} is no reading at a block")
    height, block, word, basis, operators, *dissent = fields
    atoms, names = read_amount(word.removeprefix(_BOUND)), tuple(operators.split("+"))
    said = read_words(dissent[0]) if dissent else ()
    return BlockReading(read_amount(height), block, Balance(atoms, Basis(basis), names, said, word.startswith(_BOUND)))
