"""Bitcoin scripts that can never be spent, that anyone can spend, or whose key no one can have.

Sources: Bitcoin Core (`IsUnspendable`), BIP-141, Bitcoin Core 28's release notes (pay to anchor), LIP-0003; the burn
addresses by those who named them.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.bitcoin.accounts import witness_program
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.output_scripts import p2pkh_hash, p2sh_hash
from scanner.chains.keyless_words import BURN, MODULE, table
from scanner.core.columns import Accounts
from scanner.core.ids import Chain

UNSPENDABLE: Final = "a script that can never be spent"
ANYONE: Final = "a script that anyone can spend (pay to anchor)"

_OP_RETURN: Final = 0x6A
_ANCHOR: Final = b"\x51\x02\x4e\x73"
_MWEB: Final = (b"\x58\x20", b"\x59\x20")  # all coins in extension blocks, and those on their way in (LIP-0003)

_USUAL: Final = frozenset(  # P2PKH, P2SH, P2WPKH, P2WSH, P2TR: bytes, and the first two of them
    {(25, b"\x76\xa9"), (23, b"\xa9\x14"), (22, b"\x00\x14"), (34, b"\x00\x20"), (34, b"\x51\x20")}
)


def keyless(chain: Chain, script: bytes) -> str | None:
    """What an account is whose coins no key can move; None of any other."""
    if script[0] == _OP_RETURN:
        return UNSPENDABLE
    if script == _ANCHOR:
        return ANYONE
    network, program = BITCOIN_CHAINS.get(chain.reference), b""
    if network is not None and network.hrp and 4 <= len(script) <= 42 and script[1] == len(script) - 2:
        if script[0] == 0 and witness_program(script) is None:
            return UNSPENDABLE
        program = script[2:] if witness_program(script) else b""
        if network.mweb_hrp and script[:2] in _MWEB:
            return MODULE
    digest = p2pkh_hash(script) or p2sh_hash(script) or program
    return "an address of zeros, to which no key or script is known" if digest and not any(digest) else None


def none_keyless(accounts: Accounts) -> bool:
    """Whether all are of the usual forms, in none of which zeros stand; where not, each has to be looked at."""
    return _USUAL.issuperset({(len(script), script[:2]) for script in accounts}) and bytes(20) not in accounts.packed()


ACCOUNTS: Final = table(
    1,
    {
        "bip122:000000000019d6689c085ae165831e93": {
            "1BitcoinEaterAddressDontSendf59kuE": BURN,
            "1CounterpartyXXXXXXXXXXXXXXXUWLpVr": BURN,  # Counterparty's proof of burn
        },
        "bip122:1a91e3dace36e2be3bf030a65679fe82": {"DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr": BURN},  # Dogeparty's
    },
)
