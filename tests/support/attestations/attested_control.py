"""A true attestation of a claim that published proofs of control, for tests to spoil."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from scanner.core.control import ContractOwners, Control
from scanner.core.ids import AssetId
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import Holding, Holdings, Ownership
from tests.support import proof_signing as sign
from tests.support.attestations.attested import ALICE, BOB, CAROL, ETH, USDT, Attested, Seal, a_claim, attest
from tests.support.published_proofs import contract_account

CHALLENGE: Final = sign.MESSAGE
OWNERS: Final = ContractOwners(tuple(sorted((sign.evm_address(1), sign.evm_address(2)))), 2)
ONE_OWNER: Final = ContractOwners(owner=sign.evm_address(3))

SIGNED_BY_BOTH = contract_account(1, 2).ownership
SIGNED_LONG_AGO = contract_account(3, message="an older message").ownership
SIGNED_BY_A_STRANGER = Ownership("eip191", sign.MESSAGE, sign.eip191(9).signatures)
SIGNED_SOMEHOW = Ownership("", sign.MESSAGE, ("-----BEGIN PGP SIGNATURE-----",))

Place = tuple[AssetId, bytes]

PUBLISHED: Final[dict[Place, Ownership | None]] = {
    (ETH.id, ALICE): SIGNED_BY_BOTH,
    (USDT.id, ALICE): SIGNED_BY_BOTH,
    (ETH.id, BOB): SIGNED_LONG_AGO,
    (USDT.id, BOB): SIGNED_SOMEHOW,
    (USDT.id, CAROL): SIGNED_BY_A_STRANGER,
}
NAMED: Final = {(ETH.id, ALICE): OWNERS, (USDT.id, ALICE): OWNERS, (ETH.id, BOB): ONE_OWNER}
CONTROLS: Final = {
    (ETH.id, ALICE): Control.SHOWN,
    (USDT.id, ALICE): Control.SHOWN,
    (ETH.id, BOB): Control.REPLAYABLE,
    (USDT.id, BOB): Control.UNVERIFIABLE,
    (USDT.id, CAROL): Control.UNSHOWN,
}


def a_controlled_claim(**changes: Any) -> Claim:
    """`a_claim` with a proof of each kind: two contracts whose owners signed, and proofs that show nothing."""

    def with_proof(holding: Holding) -> Holding:
        return replace(holding, ownership=PUBLISHED.get((holding.asset, holding.account)))

    claim = a_claim(challenge=CHALLENGE, **changes)
    return replace(claim, holdings=Holdings.of(map(with_proof, claim.holdings)))


def attest_controlled(**more: Any) -> Attested:
    return attest(
        **{
            "claim": a_controlled_claim(),
            "controls": CONTROLS,
            "owners": NAMED,
            "signers": (Seal(b"secret"),),
            **more,
        }
    )
