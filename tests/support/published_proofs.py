"""Proofs of control as the rows of a published file give them: with no word of their scheme."""

from __future__ import annotations

from dataclasses import replace

from scanner.core.ids import AssetId
from scanner.proofs.control import Proof
from scanner.weighing.holdings import Holding, Ownership
from tests.support import proof_signing as sign

CONTRACT = b"\xc0" * 20


def published(proof: Proof, scheme: str = "") -> Holding:
    ownership = Ownership(scheme, proof.message, proof.signatures, proof.public_key, proof.owners)
    return Holding(AssetId(proof.chain, "slip44", "60"), proof.account, ownership=ownership)


def contract_account(*numbers: int, message: str = sign.MESSAGE) -> Holding:
    proof = replace(
        sign.okx_evm(),
        account=CONTRACT,
        message=message,
        signatures=tuple(sign.hexed(sign.rsv(number, sign.okx_evm_digest(message))) for number in numbers),
        owners=tuple(sign.hexed(sign.evm_address(number)) for number in numbers),
    )
    return published(proof)
