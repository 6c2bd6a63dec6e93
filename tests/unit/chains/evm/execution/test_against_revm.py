"""The execution held against another machine's, revm, on contracts whose code is made up at random.

Where ours answers, revm gives the same answer to whoever asks, at whatever price and with whatever gas; and gas that is
counted from above is no less than what revm counts.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from scanner.chains.evm.execution.gas import BUDGET
from scanner.chains.evm.execution.machine import Machine
from scanner.proofs.flaws import ProofError
from tests.support.simulated.evm_assembler import assemble
from tests.support.simulated.evm_contracts import RULES, WrittenContracts, executed
from tests.support.simulated.random_code import ADDRESSES, RandomContracts, random_contracts
from tests.support.strength import FULL

pyrevm = pytest.importorskip("pyrevm")
CASES = 10_000 if FULL else 400


def by_revm(contracts: RandomContracts, luck: Random, gas: int) -> tuple[str, bytes, int]:
    """How revm's call ends, what it returns, and the gas of its execution; asked by anyone, at any price."""
    block = pyrevm.BlockEnv(
        number=RULES.number,
        timestamp=RULES.timestamp,
        coinbase=f"0x{luck.randbytes(20).hex()}",
        prevrandao=luck.randbytes(32),
        gas_limit=luck.randrange(2**40),
    )
    evm = pyrevm.EVM(pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=RULES.chain_id), block=block), spec_id="CANCUN")
    for address, code in contracts.codes.items():
        evm.insert_account_info(f"0x{address.hex()}", pyrevm.AccountInfo(code=code, nonce=1))
    for (address, slot), word in contracts.words.items():
        evm.insert_account_storage(f"0x{address.hex()}", slot, word)
    caller = f"0x{luck.randbytes(20).hex()}"
    try:
        output = evm.message_call(caller, f"0x{ADDRESSES[0].hex()}", contracts.data, gas=gas, is_static=True)
    except RuntimeError as error:
        kind, _, told = str(error).partition(" ")
        if kind == "Revert":
            return "reverted", bytes.fromhex(told.partition("output: 0x")[2].partition(" ")[0]), evm.result.gas_used
        return "halted", b"", 0
    return "returned", bytes(output), evm.result.gas_used


def test_what_is_answered_is_what_another_machine_answers_whoever_asks() -> None:
    seen = Counter[str]()
    for number in range(CASES):
        contracts = random_contracts(number)
        written = WrittenContracts(contracts.codes, contracts.words)
        machine = Machine(written, RULES)
        try:
            end = executed(written, contracts.data, machine=machine, at=ADDRESSES[0])
        except ProofError as error:
            seen[error.flaw] += 1
            continue
        luck = Random(number)
        for gas in (2_000_000, 50_000_000):
            found, output, spent = by_revm(contracts, luck, gas)
            assert (found, output) == end, f"case {number}"
            of_data = 21_000 + sum(16 if byte else 4 for byte in contracts.data)
            assert found == "halted" or spent - of_data <= BUDGET - machine.gas_left, f"case {number}"
        seen[end[0]] += 1
        seen["something"] += len(set(end[1])) > 1
    assert min(seen["returned"], seen["reverted"], seen["something"], seen["UNDETERMINED"]) > CASES / 50, seen
    assert seen["returned"] > CASES / 4, seen


RELAYS = [bytes([0xC0, number]) + bytes(18) for number in range(14)]
CALLEES = {
    "identity of nothing": ("0 0 0 0 4", "", range(41)),
    "identity": ("32 32 40 0 4", "", range(61)),
    "SHA-256": ("32 32 33 0 2", "", range(60, 181, 4)),
    "TLOAD": (f"0 0 0 0 0x{RELAYS[-1].hex()}", "1 TLOAD POP " * 50, range(1_000, 16_000, 500)),
    "BLOCKHASH": (f"0 0 0 0 0x{RELAYS[-1].hex()}", "1 BLOCKHASH POP " * 50, range(500, 7_000, 250)),
    "SLOAD, called by fourteen": (
        f"32 32 0 0 0x{RELAYS[0].hex()}",
        "".join(f"{slot} SLOAD POP " for slot in range(100)) + "1 0 MSTORE 32 0 RETURN",
        range(200_000, 600_000, 5_000),
    ),
}
"""What a token calls, the code of the last contract there, and numbers of gas for the call: too few, and enough."""


@pytest.mark.parametrize("name", CALLEES)
def test_what_follows_from_a_number_of_gas_is_answered_only_where_it_is_enough(name: str) -> None:
    operands, last, numbers = CALLEES[name]
    relays = {
        address: assemble(f"32 0 0 0 0x{after.hex()} GAS STATICCALL POP 32 0 RETURN")
        for address, after in pairwise(RELAYS)
    } | {RELAYS[-1]: assemble(last)}
    answered = 0
    for number in numbers:
        token = assemble(f"7 0 MSTORE {operands} {number} STATICCALL 64 MSTORE 96 0 RETURN")
        contracts = RandomContracts({ADDRESSES[0]: token, **relays}, {}, b"")
        try:
            end = executed(WrittenContracts(contracts.codes), at=ADDRESSES[0])
        except ProofError:
            continue
        answered += 1
        assert by_revm(contracts, Random(number), 2_000_000)[:2] == end, number
    assert 0 < answered < len(numbers)
