"""A `SimEvm` one block of which has a state that can be proven, so that a whole scan runs through the real EVM node.

    sim = BuiltEvm(state, said)          # one operator's chain: the state is everyone's, what it says of it its own
    node = BuiltEvm.node(settings, sim)  # the product's, in-process: everything is real but the connection

`said`: by asset and holder, an amount; or a Gap NO_TOKEN (the contract refuses), or CALLER_DEPENDENT (it tells the
amount 2**90 to some callers, and twice that to those for whom `condition` holds). Other gaps cannot be said so.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.core.evidence import Gap
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why
from scanner.weighing.claim import Asset
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.evm import Called, SimBlock, SimEvm, SimToken
from tests.support.simulated.provider import Provider, ProviderRpc

MULTICALL: Final = bytes.fromhex("ca11bde05977b3631167028862be2a173976ca11")
_LATER: Final = 12  # blocks on top
_MORE: Final = 2**90
_MINUTE: Final = 60

# How a contract can know the scanner's first reading from others, or its second from the first.
CONDITIONS: Final[tuple[Callable[[Called], bool], ...]] = (
    lambda called: called.origin == bytes(20),
    lambda called: called.price == 0,
    lambda called: called.gas > 4_000_000,
    lambda called: called.caller_has_code,
    lambda called: not called.caller_has_code,
)


class BuiltEvm(SimEvm):
    """One operator's chain."""

    def __init__(
        self,
        state: BuiltState,
        assets: Mapping[AssetId, Asset],
        said: Mapping[tuple[AssetId, bytes], int | Gap],
        condition: Callable[[Called], bool],
    ) -> None:
        self._state_built = state
        super().__init__(int(state.chain.reference), state.height)
        self.multicall = MULTICALL
        for asset in assets.values():
            if asset.id.chain == state.chain and not asset.id.native:
                self.tokens[asset.id.contract] = SimToken(decimals=asset.decimals)
        told_apart: set[tuple[bytes, bytes]] = set()
        for (held, holder), atoms in said.items():
            if held.native and isinstance(atoms, int):
                self.balances[holder] = atoms
            elif not held.native:
                token = self.tokens[held.contract]
                if isinstance(atoms, int):
                    token.balances[holder] = atoms
                elif atoms.why is Why.CALLER_DEPENDENT:
                    told_apart.add((held.contract, holder))
                else:
                    token.reverts.add(holder)
        for contract, token in self.tokens.items():
            token.by_caller = _telling(contract, told_apart, condition)
        for _ in range(_LATER):
            self.mine()

    def mine(self) -> SimBlock:
        """A block a minute; the one at the state's height is the state's."""
        height, state = len(self.blocks), self._state_built
        block = super().mine()
        time = int(state.time.timestamp()) + _MINUTE * (height - state.height)
        snapshot = state.snapshot
        named = {state.height - 1: snapshot.parent, state.height: snapshot.hash}.get(height, block.hash)
        self.blocks[-1] = SimBlock(height, named, block.parent, time, block.balances, block.tokens)
        return self.blocks[-1]

    def answer(self, method: str, params: list[Any]) -> Any:
        """As SimEvm, with the whole header of the state's block, and proofs."""
        if method == "eth_getProof":
            return self._proof(params[0], params[1])
        if method == "eth_getCode" and bytes.fromhex(params[0][2:]) in self._state_built.codes:
            return _hex(self._state_built.codes[bytes.fromhex(params[0][2:])])
        found = super().answer(method, params)
        if method.startswith("eth_getBlockBy") and found and found["hash"] == self._state_built.snapshot.hash:
            return found | self._state_built.fields
        return found

    def _proof(self, address: str, slots: list[str]) -> dict[str, Any]:
        contract, state = bytes.fromhex(address[2:]), self._state_built
        return {
            "accountProof": [_hex(node) for node in state.account_proof(contract)],
            "storageProof": [
                {"proof": [_hex(node) for node in state.storage_proof(contract, bytes.fromhex(slot[2:]))]}
                for slot in slots
            ],
        }

    @staticmethod
    def node(settings: NodeSettings, sim: BuiltEvm, luck: random.Random) -> EvmNode:
        """A node of this chain, which answers some of the ways in which balances can be read."""
        rungs = [rung for rung in StrategyKind if luck.random() < 0.7]
        return EvmNode(settings, ProviderRpc(settings, Provider(1e9, sim=sim, round_trip=(0, 0))), rungs)


def _telling(
    contract: bytes, told_apart: set[tuple[bytes, bytes]], condition: Callable[[Called], bool]
) -> Callable[[bytes, Called], int | None]:
    def tells(holder: bytes, called: Called) -> int | None:
        return _MORE * (1 + condition(called)) if (contract, holder) in told_apart else None

    return tells


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
