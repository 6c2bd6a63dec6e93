"""Where a validator's balance goes when it leaves: the account that its withdrawal credentials name.

What a match shows: that what the validator holds can only ever be paid out to an account which the claim declares. It
does not show who runs the validator, nor who controls that account; the account's own proof of control does the latter.

Not in here: asking a beacon node (`scanner.chains.beacon.node.node`).

Sources: Ethereum consensus specs, `phase0/beacon-chain.md` (BLS_WITHDRAWAL_PREFIX, ETH1_ADDRESS_WITHDRAWAL_PREFIX),
`capella/beacon-chain.md` (get_expected_withdrawals), `electra/beacon-chain.md` (COMPOUNDING_WITHDRAWAL_PREFIX).
"""

from __future__ import annotations

from typing import Final

from scanner.core.ids import Chain

CREDENTIALS_BYTES: Final = 32
_ADDRESS_BYTES: Final = 20
_BLS: Final = 0x00
_TO_ADDRESS: Final = (0x01, 0x02)  # plain, and compounding


class NoWithdrawalAddress(ValueError):
    """Credentials that name no account of the execution chain. The message says why."""


def withdrawal_address(credentials: bytes) -> bytes:
    """The 20-byte account of the execution chain that the credentials name. Raises NoWithdrawalAddress.

    As the protocol does, this goes by the first byte and the last twenty; the eleven between may hold anything.
    """
    if len(credentials) != CREDENTIALS_BYTES:
        raise NoWithdrawalAddress(f"withdrawal credentials have {CREDENTIALS_BYTES} bytes, not {len(credentials)}")
    if credentials[0] == _BLS:
        raise NoWithdrawalAddress("the withdrawal credentials are a BLS key's (0x00), and name no account yet")
    if credentials[0] not in _TO_ADDRESS:
        raise NoWithdrawalAddress(f"withdrawal credentials of the unknown kind {credentials[0]:#04x}")
    return credentials[-_ADDRESS_BYTES:]


def execution_chain(beacon: Chain) -> Chain:
    """The EVM chain that validators of `beacon` (`beacon:<chain id>`) pay out to."""
    if beacon.namespace != "beacon":
        raise ValueError(f"{beacon} is no beacon chain")
    return Chain("eip155", beacon.reference)
