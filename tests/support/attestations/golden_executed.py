"""A golden attestation of a token in no table, behind a proxy: its balances are what its code makes of shares."""

from __future__ import annotations

from typing import Final

from scanner.chains.names import parse_asset
from scanner.proofs.witness import Witness
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from tests.support.attestations.attested_proofs import LAYOUT
from tests.support.attestations.golden_cases import ETHEREUM, Golden, claim, proven
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.evm_assembler import assemble
from tests.support.simulated.token_code import EIP1967, RETURN_WORD, proxy, word_of

_ALICE, _BOB = (bytes([digit]) * 20 for digit in (0x0A, 0x0B))
_TOKEN, _CODE = bytes.fromhex("da" * 20), bytes.fromhex("c0" * 20)
_INDEX: Final = (7).to_bytes(32)
_ADMINISTRATOR: Final = (8).to_bytes(32)
_OF_ITS_ADMINISTRATOR: Final = "8 SLOAD CALLER EQ ISZERO @on JUMPI 0 0 REVERT on:"
_CODES: Final = {
    _TOKEN: proxy(first=_OF_ITS_ADMINISTRATOR),
    _CODE: assemble(f"10 7 SLOAD {word_of(LAYOUT)} MUL DIV {RETURN_WORD}"),
}
_WORDS: Final = {
    EIP1967.to_bytes(32): int.from_bytes(_CODE),
    _ADMINISTRATOR: 0xAD,
    _INDEX: 15,
    LAYOUT.key(_ALICE): 4_000_000,  # and nothing for Bob
}
_STATE: Final = BuiltState(ETHEREUM, {}, {_TOKEN: _WORDS}, codes=_CODES)
_RECORDS: Final = (
    _STATE.header,
    *_CODES.values(),
    *(node for contract in _CODES for node in _STATE.account_proof(contract)),
    *(node for slot in [*_WORDS, LAYOUT.key(_BOB)] for node in _STATE.storage_proof(_TOKEN, slot)),
)
TOKEN: Final = f"eip155:1/erc20:0x{_TOKEN.hex()}"

EXECUTED: Final = Golden(
    claim(
        "",
        f"""\
liabilities: {{SHARE: "5"}}
holdings:
  - {{asset: SHARE, accounts: ["0x{_ALICE.hex()}", "0x{_BOB.hex()}"]}}
""",
        assets=f'  SHARE: {{id: "{TOKEN}", backs: SHARE, decimals: 6}}\n',
    ),
    [proven(6_000_000, "alpha"), proven(0, "alpha", "beta")],
    [_STATE.snapshot],
    policy=Policy(contracts=frozenset({parse_asset(TOKEN)})),
    proving=Proving({parse_asset(TOKEN): "contract code"}),
    witness=Witness(dict.fromkeys(_RECORDS)),
)
