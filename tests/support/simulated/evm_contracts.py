"""Contracts that an execution runs in, written down by the test: code, storage and coins by address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.chains.evm.execution.code import Code, analysed
from scanner.chains.evm.execution.frame import FrameReverted, Halted
from scanner.chains.evm.execution.machine import Machine
from scanner.chains.evm.execution.rules import Rules
from scanner.chains.evm.execution.undetermined import Caller
from tests.support.simulated.trie_builder import keccak256

HERE = b"\xaa" * 20
RULES = Rules(chain_id=1, number=100, timestamp=1_000)


@dataclass
class WrittenContracts:
    """`execution.contracts.Contracts`."""

    codes: Mapping[bytes, bytes]
    words: Mapping[tuple[bytes, int], int] = field(default_factory=dict)
    held: Mapping[bytes, int] = field(default_factory=dict)

    def code(self, address: bytes) -> Code | None:
        return analysed(self.codes[address]) if address in self.codes else None

    def code_hash(self, address: bytes) -> bytes | None:
        return keccak256(self.codes[address]) if address in self.codes else None

    def coins(self, address: bytes) -> int:
        return self.held.get(address, 0)

    def word(self, address: bytes, slot: bytes) -> int:
        return self.words.get((address, int.from_bytes(slot)), 0)


def executed(
    contracts: WrittenContracts,
    data: bytes = b"",
    rules: Rules = RULES,
    *,
    at: bytes = HERE,
    machine: Machine | None = None,
) -> tuple[str, bytes]:
    """How a call of the contract ends, and what it returns. Raises ProofError."""
    machine = machine or Machine(contracts, rules)
    try:
        return "returned", machine.call(int.from_bytes(at), Caller({0}), data)
    except FrameReverted as reverted:
        return "reverted", reverted.output
    except Halted:
        return "halted", b""
