"""What an EVM chain of our own can do, whichever program runs it: blocks, balances and tokens planted, sealed, kept.

THE TRAP: `anvil_setBalance`, `hardhat_setBalance` and their kin change the state of the *head block* after the fact:
its hash stays, what it holds does not. So: plant, then `seal()`, and only then change anything; the sealed block keeps
what was planted.

Not in here: how a program is started (`anvil.py`, `hardhat.py`), how balances are read; the contracts (`contracts/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from localnet import contracts
from localnet.block import Block
from localnet.contracts import TokenKind
from localnet.errors import LocalnetError
from localnet.process import Node, NodeProcess
from localnet.rpc import Call, JsonRpc


class EvmChain(Node):
    """A running node of a chain of its own, at `port` of this machine.

    Addresses go in as 0x and 40 hex digits, in any case; amounts as int, in wei or in the token's atoms.
    """

    dialect: ClassVar[str]  # what the names of its methods for planting begin with
    calls_a_batch: ClassVar[int]

    def __init__(self, process: NodeProcess, port: int) -> None:
        super().__init__(process)
        self._rpc = JsonRpc(port)
        self._tokens: dict[str, TokenKind] = {}
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one JSON-RPC call. Raises RpcError, NodeFailed."""
        return self._rpc.call(method, *params)

    def batch(self, calls: Iterable[Call]) -> list[Any]:
        """The results of (method, params) pairs, in their order, sent in requests that the node accepts."""
        pending = list(calls)
        results: list[Any] = []
        for start in range(0, len(pending), self.calls_a_batch):
            results += self._rpc.batch(pending[start : start + self.calls_a_batch])
        return results

    # Blocks

    def mine(self, blocks: int = 1) -> None:
        """Put that many blocks on top."""
        self.batch(("evm_mine", ()) for _ in range(blocks))

    def head(self) -> Block:
        """The highest block."""
        return self.block("latest")

    def block(self, height: int | str) -> Block:
        """The block at a height, or under one of the names that nodes know."""
        block = self.rpc("eth_getBlockByNumber", hex(height) if isinstance(height, int) else height, False)
        return Block(int(block["number"], 16), block["hash"], int(block["timestamp"], 16))

    def seal(self) -> Block:
        """Put all that was planted into a block of its own, which is final under two barrier blocks; the former."""
        self.mine()
        sealed = self.head()
        self.mine(2)
        return sealed

    # Balances and contracts

    def set_balances(self, balances: Mapping[str, int]) -> None:
        """Give each address its balance in wei."""
        self.batch((f"{self.dialect}_setBalance", (address, hex(wei))) for address, wei in balances.items())

    def set_storage(self, address: str, values: Mapping[int, int]) -> None:
        """Write 32-byte words into the storage of a contract: slot -> value."""
        method = f"{self.dialect}_setStorageAt"
        self.batch((method, (address, _word(slot), _word(value))) for slot, value in values.items())

    def place(self, address: str, contract: str) -> None:
        """Let one of our contracts (a name in contracts/runtime.json) stand at `address`."""
        self.rpc(f"{self.dialect}_setCode", address, contracts.runtime_code(contract))

    def deploy_token(self, address: str, decimals: int, symbol: str, kind: TokenKind = contracts.PLAIN) -> None:
        """Let a token of ours stand at `address`, with nothing in it yet. `symbol` has at most 31 bytes."""
        self.place(address, kind.contract)
        # Solidity keeps a string of up to 31 bytes in its own slot: the bytes to the left, twice the length last.
        text = symbol.encode()
        if len(text) > 31:
            raise LocalnetError(f"the symbol {symbol!r} has more than 31 bytes")
        described = int.from_bytes(text.ljust(31, b"\0") + bytes([2 * len(text)]), "big")
        self.set_storage(address, {contracts.DECIMALS_SLOT: decimals, contracts.SYMBOL_SLOT: described})
        if kind is contracts.REBASING:
            self.set_storage(address, {contracts.REBASING_INDEX_SLOT: 10**18})
        self._tokens[address.lower()] = kind

    def put_behind_proxy(self, address: str, implementation: str) -> None:
        """Move the code of `address` to `implementation`, and an EIP-1967 proxy to it in its place."""
        self.rpc(f"{self.dialect}_setCode", implementation, self.rpc("eth_getCode", address, "latest"))
        self.place(address, "Proxy")
        self.set_storage(address, {contracts.EIP1967_IMPLEMENTATION_SLOT: int(implementation, 16)})

    def mint(self, token: str, balances: Mapping[str, int]) -> None:
        """Give each account its balance of a token that `deploy_token` put there, in place of what it had.

        For REBASING it is the shares that are given. Raises LocalnetError for another contract.
        """
        kind = self._tokens.get(token.lower())
        if kind is None:
            raise LocalnetError(f"no token was deployed at {token} by this object")
        slots = self.balance_slots(balances, kind)
        if kind.supply_slot is not None:
            (supply,) = self._words(token, [kind.supply_slot])
            # Of a token without any supply nobody has anything yet, so there is nothing to ask.
            before = self._words(token, slots) if supply else []
            self.set_storage(token, {kind.supply_slot: supply - sum(before) + sum(balances.values())})
        self.set_storage(token, dict(zip(slots, balances.values(), strict=True)))

    def _words(self, address: str, slots: Iterable[int]) -> list[int]:
        calls = (("eth_getStorageAt", (address, _word(slot), "latest")) for slot in slots)
        return [int(word, 16) for word in self.batch(calls)]

    def balance_slots(self, accounts: Iterable[str], kind: TokenKind = contracts.PLAIN) -> list[int]:
        """The storage slots in which a token of that kind keeps these accounts' balances, in their order.

        The node computes the Keccak-256: the standard library has none.
        """
        root = _word(kind.root)[2:]
        keys = (_word(int(account, 16))[2:] for account in accounts)
        preimages = (root + key if kind.slot_first else key + root for key in keys)
        return [int(digest, 16) for digest in self.batch(("web3_sha3", (f"0x{each}",)) for each in preimages)]


def _word(value: int) -> str:
    """A 32-byte big-endian word as hex with 0x. Raises LocalnetError when it does not fit."""
    if not 0 <= value < 1 << 256:
        raise LocalnetError(f"{value} does not fit into 32 bytes")
    return f"0x{value:064x}"
