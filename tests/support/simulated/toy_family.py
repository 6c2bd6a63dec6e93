"""A family of chains that is none, for tests of what any family may need: accounts of four letters, balances proven by
a sorted list and SHA-256 (nothing like EVM's tries), or read only at the tip.

    header   JSON: height, parent and time of the block, and the SHA-256 of its state; the block's hash is the SHA-256
             of that
    state    a record of lines, `ACCOUNT ATOMS`, sorted; who is in no line has nothing
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError
from scanner.chains.family import Coin, Family, History
from scanner.chains.interface import Capabilities, ProofQuestion
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import NATIVE, AssetId, Chain
from scanner.core.keccak import keccak256
from scanner.core.lower_bound import AtLeast, Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness

CHAIN: Final = Chain("toy", "main")
COIN: Final = AssetId(CHAIN, NATIVE, "7777")
FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)  # when block 0 was made; one a second follows
_LETTERS: Final = re.compile(r"[a-z]{4}")


def _key(_: Chain, text: str) -> bytes:
    if not _LETTERS.fullmatch(text):
        raise AddressError(f"{text!a} is no account of a toy chain; expected four letters")
    return text.encode()


def _text(_: Chain, key: bytes) -> str:
    return key.decode()


class ToyProofs:
    """A prover (`chains.state_proofs.StateProofs`) whose records have nothing to do with Keccak or tries."""

    def header(self, snapshot: Snapshot, stated: bytes) -> list[bytes]:
        if sha256(stated).hexdigest() != snapshot.hash:
            raise ProofError(Flaw.HEADER_MISMATCH, "the header does not hash to the block")
        return [stated]

    def state(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> _Opened:
        records = {sha256(record).hexdigest(): record for record in map(witness.get, witness) if record is not None}
        header = records.get(snapshot.hash)
        if header is None:
            raise ProofError(Flaw.INCOMPLETE, "the header is missing")
        height, parent, time, root = json.loads(header)
        if (height, parent, time) != (snapshot.height, snapshot.parent, snapshot.time.isoformat()):
            raise ProofError(Flaw.HEADER_MISMATCH, "the header says something else")
        return _Opened(root, header, witness, reached)

    def hint(self, _: AssetId, revision: int) -> str | None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True)
class _Opened:
    """The state, found in the witness when it is asked for."""

    root: str
    header: bytes
    witness: Witness
    reached: Reached

    def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:
        for record in filter(None, map(self.witness.get, self.witness)):
            if sha256(record).hexdigest() == self.root and asset == COIN and hint is None:
                held = dict(line.split() for line in record.splitlines())
                self.reached.update((keccak256(self.header), keccak256(record)))
                return int(held.get(account, b"0"))
        raise ProofError(Flaw.INCOMPLETE, "the state is missing")


def toy(*, tip: bool = False, proofs: bool = False, lends: bool = False, second: bytes = b"") -> Family:
    """The family, to be put into the registry by a test. `lends`: what accounts lent is theirs, and not read; `second`:
    an account that is read by another name."""
    return Family(
        accounts=AccountForms("toy", _key, _text),
        coin=lambda _: Coin(decimals=2),
        history=History.TIP if tip else History.PAST,
        batch=2,
        read_from_below=lambda _: "what is lent" if lends else None,
        second_name=lambda _, account: "it is read by its other name" if account == second else None,
        state_proofs=ToyProofs() if proofs else None,
    )


@dataclass
class ToyChain:
    """What an operator's node knows: the balances at each block, and where its own tip is."""

    height: int = 100
    balances: Callable[[int], Mapping[bytes, int]] = field(default=lambda _: {})
    fork: str = ""  # of which chain the blocks are
    step: int = 1  # blocks that are made from one question to the next
    failure: NodeError | None = None
    spoil: Callable[[list[bytes]], list[bytes]] = list
    asked: int = 0
    start: datetime = FIRST

    def header(self, height: int) -> bytes:
        time = (self.start + timedelta(seconds=height)).isoformat()
        parent = sha256(f"{self.fork}{height - 1}".encode()).hexdigest() if height else "0" * 64
        return json.dumps([height, parent, time, sha256(self.state(height)).hexdigest()]).encode()

    def state(self, height: int) -> bytes:
        return b"\n".join(b"%s %d" % each for each in sorted(self.balances(height).items()))

    def block(self, height: int) -> Snapshot:
        header = self.header(height)
        _, parent, time, _ = json.loads(header)
        return Snapshot(CHAIN, height, sha256(header).hexdigest(), parent, datetime.fromisoformat(time))


class ToyNode:
    """A node of the chain, which can do what the test says."""

    def __init__(self, settings: NodeSettings, chain: ToyChain, family: Family) -> None:
        self.settings = settings
        self.chain = chain
        self.family = family
        self.capabilities = Capabilities(
            now=self if family.history is History.TIP else None, proofs=self if family.state_proofs else None
        )

    async def open(self) -> None:
        if self.chain.failure is not None:
            raise self.chain.failure

    async def block_at(self, height: int) -> Snapshot:
        if height > self.chain.height:
            raise NodeError(Why.NOT_FINAL, "it is to come")
        return self.chain.block(height)

    async def oldest_height(self) -> int:
        return 0

    async def final_height(self) -> int:
        return self.chain.height

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002
        return Gap(Why.UNSUPPORTED, "no contract")

    async def read(self, batch: Batch) -> Reading:
        return self._reading(batch.asset, batch.accounts, self.chain.balances(batch.snapshot.height))

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        self.chain.asked += 1
        if self.chain.failure is not None:
            raise self.chain.failure
        block = self.chain.block(self.chain.height)
        held = self.chain.balances(block.height) if asset == COIN else {}
        self.chain.height += self.chain.step
        return block, self._reading(asset, accounts, held)

    def _reading(self, asset: AssetId, accounts: Sequence[bytes], held: Mapping[bytes, int]) -> Reading:
        def outcome(account: bytes) -> Word | Gap:
            second, atoms = self.family.second_name(asset, account), held.get(account, 0)
            if second is not None:
                return Gap(Why.UNSUPPORTED, second)
            return atoms if self.family.read_from_below(asset) is None else AtLeast(atoms)

        return Reading.of(map(outcome, accounts))

    async def header(self, snapshot: Snapshot) -> bytes:
        return self.chain.header(snapshot.height)

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        assert all(each.asset == COIN and each.hint is None for each in questions)
        return self.chain.spoil([self.chain.state(snapshot.height), b"noise"])

    async def close(self) -> None:
        """Nothing is open."""
