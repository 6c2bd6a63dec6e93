"""Consensus layers of EVM chains: everything that is known of this family, as one value. The namespace is ours.

Sources: Ethereum Beacon API (Root), consensus specifications (`Gwei`; a slot may have no block).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from scanner.chains.beacon import accounts
from scanner.chains.beacon.finality import SyncCommittees
from scanner.chains.beacon.prover import BeaconStateProofs
from scanner.chains.beacon.withdrawal import execution_chain
from scanner.chains.family import Backend, Coin, Family, Withdrawals
from scanner.core.ids import Chain, IdError

_NUMBER = re.compile(r"[1-9][0-9]*", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _NUMBER.fullmatch(reference):
        raise IdError(f"{text!r}: a consensus layer is named by the chain id of its EVM chain, such as beacon:1")


def _coin(chain: Chain) -> Coin:
    return Coin(decimals=9, slip44=60 if chain.reference == "1" else None)


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    block_hash=re.compile(r"0x[0-9a-f]{64}", re.ASCII),
    coin=_coin,
    longest_standstill=timedelta(hours=6),  # there is a block in nearly every slot of twelve seconds
    may_skip_heights=True,
    backends={
        "beacon": Backend("scanner.chains.beacon.node.node", "BeaconNode", proofs=True, asks=("", "states/validators"))
    },
    state_proofs=BeaconStateProofs(),
    finality=SyncCommittees(),
    withdrawals=Withdrawals("eip155", execution_chain),
    explorers={"1": "https://beaconcha.in/slot/{height}"},
)
