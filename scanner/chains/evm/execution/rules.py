"""By which rules code runs at a block, and what it can see there: as far as the block's header, or the chain, tells.

Forks added instructions. One that a block may not have had yet is UNDETERMINED, since code behaves otherwise without
it: the header shows a fork by the fields that came with it, and where a chain's headers do not, `facts` has a date. Of
chains without a line in `facts`, some are Arbitrum's kin, whose NUMBER is another chain's height.

Sources: EIP-3855 (PUSH0, in Shanghai with EIP-4895's `withdrawalsRoot`); EIP-1153, EIP-5656 (TLOAD, MCOPY, in Cancun
with EIP-4788's `parentBeaconBlockRoot`); EIP-1344, EIP-1884 (CHAINID, SELFBALANCE, in Istanbul).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from scanner.chains.evm.facts import EVM_CHAINS, evm_chain
from scanner.chains.evm.header import ExecutionHeader
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one block."""

    chain_id: int
    number: int | None  # None: NUMBER is not this chain's height, or may not be
    timestamp: int
    has_push0: bool = True
    has_cancun: bool = True  # TLOAD and MCOPY


def rules_of(chain: Chain, header: ExecutionHeader) -> Rules:
    """The rules at a proven header. Raises ProofError UNDETERMINED where code runs by rules that are not known here."""
    facts = evm_chain(chain)
    time = datetime.fromtimestamp(header.timestamp, UTC)
    if not facts.runs_code or time < facts.istanbul_since:
        raise ProofError(Flaw.UNDETERMINED, f"by which rules {chain} ran code at {time:%Y-%m-%d} is not known here")
    later = facts.cancun_since is not None and time >= facts.cancun_since
    return Rules(
        chain_id=int(chain.reference),
        number=header.number if int(chain.reference) in EVM_CHAINS and not facts.arbsys else None,
        timestamp=header.timestamp,
        has_push0=later or header.shows_shanghai,
        has_cancun=later or header.shows_cancun,
    )
