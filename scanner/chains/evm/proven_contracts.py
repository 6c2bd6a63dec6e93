"""A block's contracts as a witness proves them: their code by its hash, the words of their storage, their coins.

What is asked for and not shown is a ProofError whose `lacks` says what a node could be asked for. Walks that many
answers share (a contract's account, where its proxy's implementation is kept) are remembered.

Not in here: what executes the code (`execution`), and what a node is asked (`node.proofs`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from scanner.chains.evm.account_proof import Account, account_at, storage_word
from scanner.chains.evm.execution.code import Code, analysed
from scanner.chains.evm.slot_names import slot_name
from scanner.chains.evm.state_parts import account_part, code_part, slot_part
from scanner.core.ids import Chain
from scanner.core.keccak import EMPTY_KECCAK
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

_REMEMBERED: Final = 1024  # walks; of a holder's slot none is needed twice
_CODE_REMEMBERED: Final = 2 << 20  # bytes: all of an answer's; once looked through they take up to sixty times as much

T = TypeVar("T")


class ProvenContracts:
    """`execution.contracts.Contracts`. `reached` collects the hashes of the records that the answers rest on."""

    def __init__(self, chain: Chain, state_root: bytes, witness: Witness) -> None:
        self._chain = chain
        self._root = state_root
        self._witness = witness
        self._accounts: dict[bytes, tuple[Account | None, set[bytes]]] = {}
        self._words: dict[tuple[bytes, bytes], tuple[int, set[bytes]]] = {}
        self._codes: dict[bytes, Code] = {}
        self._code_bytes = 0
        self.reached: set[bytes] = set()

    def code(self, address: bytes) -> Code | None:
        account = self._account(address)
        if account is None or account.code_hash == EMPTY_KECCAK:
            return None
        digest = account.code_hash
        found = self._codes.get(digest)
        if found is None:
            plain = self._witness.get(digest)
            if plain is None:
                detail = f"the code of 0x{address.hex()}, whose hash is {digest.hex()}, is missing"
                raise ProofError(Flaw.INCOMPLETE, detail, (code_part(address),))
            found = self._remembered(digest, analysed(plain))
        self.reached.add(digest)
        return found

    def code_hash(self, address: bytes) -> bytes | None:
        account = self._account(address)
        if account is None or (account.nonce, account.balance, account.code_hash) == (0, 0, EMPTY_KECCAK):
            return None
        return account.code_hash

    def coins(self, address: bytes) -> int:
        account = self._account(address)
        return 0 if account is None else account.balance

    def word(self, address: bytes, slot: bytes) -> int:
        named = slot_name(self._chain, slot)
        found = self._words.get((address, named))
        if found is None:
            account = self._account(address)
            if account is None:
                return 0
            root = account.storage_root
            found = _walked(
                lambda steps: storage_word(root, named, self._witness, reached=steps), slot_part(address, named)
            )
            _remember(self._words, (address, named), found)
        word, steps = found
        self.reached |= steps
        return word

    def _remembered(self, digest: bytes, code: Code) -> Code:
        if self._code_bytes + len(code.plain) > _CODE_REMEMBERED:
            self._codes.clear()
            self._code_bytes = 0
        self._codes[digest] = code
        self._code_bytes += len(code.plain)
        return code

    def _account(self, address: bytes) -> Account | None:
        found = self._accounts.get(address)
        if found is None:
            found = _walked(
                lambda steps: account_at(self._root, address, self._witness, reached=steps), account_part(address)
            )
            _remember(self._accounts, address, found)
        account, steps = found
        self.reached |= steps
        return account


K = TypeVar("K")


def _remember(memory: dict[K, T], key: K, value: T) -> T:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = value
    return value


def _walked(walk: Callable[[set[bytes]], T], part: bytes) -> tuple[T, set[bytes]]:
    """What a walk shows, and the records it passed. Raises ProofError, which names the part that is lacking."""
    steps: set[bytes] = set()
    try:
        return walk(steps), steps
    except ProofError as error:
        if error.flaw is Flaw.INCOMPLETE:
            raise ProofError(error.flaw, error.detail, (part,)) from None
        raise
