"""Bitcoin and its kin: everything that is known of this family of chains, as one value. Chain by chain: `facts`.

Sources: CAIP namespace bip122; Bitcoin Core RPC (uint256); BIP-137, BIP-322 for the forms of signatures.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from scanner.chains.bitcoin import accounts, keyless
from scanner.chains.bitcoin.ancestry import BitcoinAncestry, MerkleRoots, work_rules
from scanner.chains.bitcoin.bip322 import bip322
from scanner.chains.bitcoin.checkpoints import BitcoinCheckpoints
from scanner.chains.bitcoin.facts import (
    BITCOIN_CHAINS,
    ELECTRUM_PORTS,
    EXPLORERS,
    NETWORK_NAMES,
    PROGRAMS,
    Unchecked,
    Unread,
    WorkHash,
)
from scanner.chains.bitcoin.movement import BitcoinMovements
from scanner.chains.bitcoin.signed_message import bip137, okx_utxo_hex
from scanner.chains.family import Backend, Coin, Family, MerkleRoot, SignatureForm
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import RSV

_REFERENCE = re.compile(r"[0-9a-f]{32}", re.ASCII)
# Base64, after a prefix or none. The shortest witness that shows anything, Taproot's, has 66 bytes.
_WITNESS: Final = re.compile(r"(?:smp|ful|pof)?(?:[A-Za-z0-9+/]{4}){21,}(?:[A-Za-z0-9+/]{2,4}={0,2})?")
_BITCOIN: Final = Chain("bip122", PROGRAMS["bitcoind"])


def _check_reference(reference: str, text: str) -> None:
    if not _REFERENCE.fullmatch(reference):
        raise IdError(f"{text!r}: a bip122 chain is named by the first 32 hex digits of its genesis block's hash")


def _coin(chain: Chain) -> Coin | None:
    known = BITCOIN_CHAINS.get(chain.reference)
    return Coin(known.decimals, known.slip44) if known else None


def _name(chain: Chain) -> str | None:
    known = BITCOIN_CHAINS.get(chain.reference)
    return known.name if known else None


def _unreadable(chain: Chain, _kind: str) -> str | None:
    known = BITCOIN_CHAINS.get(chain.reference)
    return f"{known.name} cannot be read: {known.work.why}" if known and isinstance(known.work, Unread) else None


def _unchecked(chain: Chain) -> str | None:
    known = BITCOIN_CHAINS.get(chain.reference)
    return known.work.why if known and isinstance(known.work, Unchecked) else None


def _ancestry(chain: Chain) -> BitcoinAncestry | None:
    return None if work_rules(chain) is None else BitcoinAncestry()


def _merkle_root(chain: Chain) -> MerkleRoot | None:
    rules = work_rules(chain)
    return MerkleRoots if rules is not None and rules.hash is WorkHash.SHA256D else None


def _movements(chain: Chain) -> BitcoinMovements | None:
    known = BITCOIN_CHAINS.get(chain.reference)
    return None if known is None or work_rules(chain) is None else BitcoinMovements(known.least_moved)


FAMILY: Final = Family(
    ancestry=_ancestry,
    merkle_root=_merkle_root,
    checkpoints=BitcoinCheckpoints(),
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=_name,
    network_names=NETWORK_NAMES,
    explorers=EXPLORERS,
    block_hash=re.compile(r"[0-9a-f]{64}", re.ASCII),
    coin=_coin,
    longest_standstill=timedelta(hours=6),  # Bitcoin's longest interval since 2011 was under three
    dated_ahead=timedelta(hours=2),  # as far as nodes take a block that is dated ahead of the network's time
    backends={
        **{
            program: Backend(
                "scanner.chains.bitcoin.node.core",
                "BitcoinCoreNode",
                chain=Chain("bip122", reference),
                asks=("", "scantxoutset"),
            )
            for program, reference in PROGRAMS.items()
        },
        "electrum": Backend(
            "scanner.chains.bitcoin.node.electrum",
            "ElectrumNode",
            ("ssl", "tcp"),
            _BITCOIN,
            ELECTRUM_PORTS,
            asks=("blockchain.scripthash.get_history", "blockchain.headers.subscribe"),
        ),
        "esplora": Backend(
            "scanner.chains.bitcoin.node.esplora",
            "EsploraNode",
            chain=_BITCOIN,
            asks=("scripthash/txs", "block-height"),
        ),
    },
    unreadable=_unreadable,
    unchecked=_unchecked,
    batch=250_000,  # a node reads its whole UTXO set once a batch, however few scripts are asked for
    keyless=keyless.keyless,
    none_keyless=keyless.none_keyless,
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"bip137": bip137, "okx-utxo-hex": okx_utxo_hex, "bip322": bip322},
    movements=_movements,
    signature_forms=(
        SignatureForm(RSV, ("okx-utxo-hex",)),
        SignatureForm(re.compile(r"[A-Za-z0-9+/]{87}="), ("bip137",)),
        SignatureForm(_WITNESS, ("bip322",)),
    ),
)
