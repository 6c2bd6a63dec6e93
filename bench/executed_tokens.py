"""How fast balances of tokens are proven by their own code, beside those of a token whose layout is known.

    python -m bench.executed_tokens [holders]         20,000 by default

The tokens are the compiled ones of localnet: a plain one, the same behind a proxy, and one that computes balances from
shares. Every holder's storage word is walked to and the code executed for it, as a verifier does. Best of three.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Mapping

from localnet import contracts
from scanner.chains.evm.slots import LAYOUTS
from scanner.chains.evm.state import ProvenState, header_of
from scanner.chains.evm.state_parts import BY_CODE
from scanner.chains.names import parse_asset
from scanner.proofs.witness import Witness, dump
from tests.support.simulated.built_state import BuiltState

TOKEN = parse_asset(f"eip155:1/erc20:0x{'da' * 20}")
CODE_AT = b"\xc0" * 20
LAYOUT = LAYOUTS["Solidity mapping at slot 2"]
NAMES = {"plain": "Token", "behind a proxy": "Token", "of shares": "RebasingToken"}


def state_of(name: str, holders: list[bytes]) -> BuiltState:
    code = bytes.fromhex(contracts.runtime_code(NAMES[name])[2:])
    words = {LAYOUT.key(holder): 10**18 + number for number, holder in enumerate(holders)}
    codes: Mapping[bytes, bytes] = {TOKEN.contract: code}
    if name == "behind a proxy":
        codes = {TOKEN.contract: bytes.fromhex(contracts.runtime_code("Proxy")[2:]), CODE_AT: code}
        words[contracts.EIP1967_IMPLEMENTATION_SLOT.to_bytes(32)] = int.from_bytes(CODE_AT)
    words[contracts.REBASING_INDEX_SLOT.to_bytes(32)] = 10**18
    return BuiltState(TOKEN.chain, {}, {TOKEN.contract: words}, codes=codes)


def seconds(state: BuiltState, witness: Witness, holders: list[bytes], hint: str) -> float:
    proven = ProvenState(TOKEN.chain, header_of(state.snapshot, state.fields), witness, set())
    begun = time.process_time()
    for holder in holders:
        proven.balance(TOKEN, holder, hint)
    return time.process_time() - begun


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    luck = random.Random(1)
    holders = [luck.randbytes(20) for _ in range(count)]
    for name in NAMES:
        state = state_of(name, holders)
        nodes = [*state.accounts.nodes.values(), *state.storage[TOKEN.contract].nodes.values()]
        witness = Witness([state.header, *state.codes.values(), *nodes])
        size = sum(map(len, dump(witness))) / count
        by_code, by_layout = (
            min(seconds(state, witness, holders, hint) for _ in range(3)) for hint in (BY_CODE, LAYOUT.name)
        )
        print(
            f"{name:>15}: {1e6 * by_code / count:6.1f} us a holder by its code, {1e6 * by_layout / count:5.1f} us by a"
            f" known layout; {size:.0f} bytes of witness a holder, {sum(map(len, state.codes.values())):,} of code"
        )


if __name__ == "__main__":
    main()
