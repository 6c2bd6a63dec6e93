"""What is kept in memory of the contracts that a witness shows, however many codes there are."""

from __future__ import annotations

import gc

from scanner.chains.evm.execution.code import Code
from scanner.chains.evm.proven_contracts import ProvenContracts
from scanner.core.ids import Chain
from scanner.proofs.witness import Witness
from tests.support.simulated.built_state import BuiltState

CHAIN = Chain("eip155", "1")
CODE = 100_000  # bytes


def test_codes_that_were_looked_through_are_kept_as_far_as_they_are_small() -> None:
    codes = {bytes([1, number]) + bytes(18): bytes([number]).ljust(CODE, b"\0") for number in range(30)}
    state = BuiltState(CHAIN, {}, codes=codes)
    witness = Witness(codes.values())
    for address in codes:
        for node in state.account_proof(address):
            witness.add(node)
    contracts = ProvenContracts(CHAIN, state.accounts.root, witness)
    for address, plain in codes.items():
        found = contracts.code(address)
        assert found is not None
        assert found.plain == plain
        assert contracts.code(address) is found
    own = {*codes.values()}  # other tests' codes may still be there
    kept = sum(len(each.plain) for each in gc.get_objects() if isinstance(each, Code) and each.plain in own)
    assert CODE < kept < 22 * CODE
