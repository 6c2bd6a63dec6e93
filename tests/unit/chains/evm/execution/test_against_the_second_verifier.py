"""The execution held against that of the verifier which is written from docs/predicate.md alone: where one proves a
balance the other proves the same, and where one refuses the other does, for want of a proof and for gas alike.
"""

from __future__ import annotations

from collections import Counter

from scanner.chains.evm.execution.balance_of import balance_by_code
from scanner.chains.evm.execution.rules import Rules
from scanner.proofs.flaws import ProofError
from tests.second_verifier import executing
from tests.support.simulated.evm_contracts import WrittenContracts
from tests.support.simulated.random_code import ADDRESSES, random_contracts
from tests.support.simulated.trie_builder import keccak256
from tests.support.strength import FULL

CASES = 6_000 if FULL else 300
HOLDER = b"\x0a" * 20


def by_the_other(contracts: WrittenContracts, rules: Rules) -> int:
    def code_hash(account: int) -> int:
        code = contracts.codes.get(account.to_bytes(20))
        return 0 if code is None else int.from_bytes(keccak256(code))

    return executing.balance(
        executing.Chain(
            id=rules.chain_id,
            height=rules.number,
            time=rules.timestamp,
            push0=rules.has_push0,
            cancun=rules.has_cancun,
            code=lambda account: contracts.codes.get(account.to_bytes(20), b""),
            code_hash=code_hash,
            coins=lambda account: contracts.coins(account.to_bytes(20)),
            word=lambda account, slot: contracts.word(account.to_bytes(20), slot.to_bytes(32)),
            keccak=keccak256,
        ),
        int.from_bytes(ADDRESSES[0]),
        HOLDER,
    )


def test_both_prove_the_same_of_contracts_made_up_at_random() -> None:
    seen = Counter[str]()
    for number in range(CASES):
        made = random_contracts(number)
        contracts = WrittenContracts(made.codes, made.words)
        newer = number % 3 > 0
        rules = Rules(1, None if number % 5 == 0 else 100, 1_000, has_push0=newer, has_cancun=newer)
        try:
            ours: int | None = balance_by_code(contracts, rules, ADDRESSES[0], HOLDER)
        except ProofError as error:
            ours = None
            seen[error.flaw] += 1
        try:
            theirs: int | None = by_the_other(contracts, rules)
        except ValueError:
            theirs = None
        assert ours == theirs, f"case {number}"
        seen["proven"] += ours is not None
    assert seen["proven"] > CASES / 4, seen
    assert seen["UNDETERMINED"] > CASES / 10, seen
