"""Blocks of Bitcoin and its kin that this release knows, and what stands on top of them.

The heights, hashes and works of late blocks are those that the makers of the chains' own nodes state in their source,
where many review them: which block is assumed to be valid (`defaultAssumeValid`), and how much work its chain has
(`nMinimumChainWork`), both of one block (Bitcoin Core, doc/release-process.md). A first block is what a chain is named
by (CAIP-2), and its work follows from its target.

Sources: Bitcoin Core, src/kernel/chainparams.cpp (github.com/bitcoin/bitcoin 0083e01 for 824,000, release 29.0 for
886,157, 284c42a for 912,683); bitcoinj, org.bitcoin.production.checkpoints (github.com/bitcoinj/bitcoinj 13e137e);
Litecoin Core, src/chainparams.cpp (github.com/litecoin-project/litecoin 17f16ce).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scanner.chains.bitcoin.ancestry import headers_down, work_of, work_rules
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.header import HeaderError, check_successor, parse_header
from scanner.chains.checkpoints import Checkpoint, OnTop
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

_FIRST: Final = "the chain's name"

_KNOWN: Final[Mapping[str, tuple[Checkpoint, ...]]] = MappingProxyType(
    {
        "000000000019d6689c085ae165831e93": (
            Checkpoint(0, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", 0x100010001, _FIRST),
            Checkpoint(
                439_488,
                "000000000000000001a4da46f04329a0790734e22172fe14a2c8cf973e8c9d29",
                0x2F211D71A43DD72E543475,
                "the source of bitcoinj",
            ),
            Checkpoint(
                824_000,
                "000000000000000000026811d149d4d261995ec5b3f64f439a0a10e1a464af9a",
                0x63C4EBD298DB40AF57541800,
                "the source of Bitcoin Core",
            ),
            Checkpoint(
                886_157,
                "00000000000000000001b658dd1120e82e66d2790811f89ede9742ada3ed6d77",
                0xB1F3B93B65B16D035A82BE84,
                "the source of Bitcoin Core",
            ),
            Checkpoint(
                912_683,
                "00000000000000000000611fd22f2df7c8fbd0688745c3a6c3bb5109cc2a12cb",
                0xDEE8E2A309AD8A9820433C68,
                "the source of Bitcoin Core",
            ),
        ),
        "0f9188f13cb7b2c71f2a335e3a4fc328": (
            Checkpoint(0, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", 2, _FIRST),
        ),
        "12a765e31ffd4059bada1e25190f6e98": (
            Checkpoint(0, "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2", 0x100010, _FIRST),
            Checkpoint(
                2_772_730,
                "80cdb35c080484df5bf384b311fde3c4694d3405765bc0f596e9eb369ff286e5",
                0x146878ABEE06FA883E0A,
                "the source of Litecoin Core",
            ),
        ),
    }
)
"""By what follows `bip122:`."""


class BitcoinCheckpoints:
    """`chains.checkpoints.CheckpointProver`, of chains whose headers show what work was done for them."""

    def checkpoints(self, chain: Chain) -> tuple[Checkpoint, ...]:
        """Those of the table."""
        return _KNOWN.get(chain.reference, ())

    def depth(self, chain: Chain) -> int:
        """As many as are made in about an hour."""
        return BITCOIN_CHAINS[chain.reference].final_depth

    def on_top(self, chain: Chain, checkpoint: Checkpoint, height: int, newest: str, witness: Witness) -> OnTop:
        """By the headers from the newest block down to the checkpoint, each of which met its own target; and targets
        that changed where, and no more than, the chain lets them."""
        rules = work_rules(chain)
        if rules is None:
            raise ProofError(Flaw.UNDETERMINED, f"how {chain} is worked for cannot be seen here")
        at, work, child = height, 0, None
        for raw in headers_down(newest, witness):
            header = parse_header(raw)
            if child is not None:
                try:
                    check_successor(header, child, at + 1, rules)
                    work += work_of(child)
                except HeaderError as error:
                    raise ProofError(Flaw.MALFORMED, str(error)) from None
            if at == checkpoint.height or header.hash == checkpoint.hash:
                if (at, header.hash) != (checkpoint.height, checkpoint.hash):
                    why = f"at height {at} the headers have block {header.hash}"
                    raise ProofError(
                        Flaw.HEADER_MISMATCH, f"{why}, and not block {checkpoint.height}, {checkpoint.hash}"
                    )
                return OnTop(checkpoint, height - at, work)
            child = header
            at -= 1
        raise ProofError(Flaw.INCOMPLETE, f"the headers below block {newest} end above block {checkpoint.height}")
