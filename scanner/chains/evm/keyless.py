"""EVM accounts whose coins no key can move: precompiles, system contracts, deposit contracts, bridges, wrappers.

Each is written with its EIP-55 checksum: a slip of the pen does not load.

Sources: EIP-1352 and the chains' lists of precompiles and system contracts; OP Stack specification (predeploys);
FIP-0055 (Filecoin's EVM); for the table those that stand beside its entries, else the chain's own documentation.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.filecoin.accounts import SINGLETONS
from scanner.chains.keyless_words import BRIDGE, BURN, DEPOSITS, MODULE, PROTOCOL, SYSTEM, WRAPPER, ZERO, table
from scanner.core.ids import Chain

_PREDEPLOYS: Final = b"\x42" + bytes(17)  # of the OP Stack


def plain_evm(_chain: Chain, key: bytes) -> str | None:
    """The same of chains that have no actors of Filecoin."""
    if key.startswith(bytes(18)):
        return PROTOCOL if any(key) else ZERO
    return PROTOCOL if key.startswith(_PREDEPLOYS) else None


def _filecoins_evm(chain: Chain, key: bytes) -> str | None:
    number = key[12:].lstrip(b"\0")
    if key[:12] == b"\xff" + bytes(11) and (number or b"\0") in {each[1:] for each in SINGLETONS}:
        return MODULE
    return plain_evm(chain, key)


def keyless(chain: Chain, key: bytes) -> str | None:
    """What an account is whose coins no key can move; None of any other."""
    return (_filecoins_evm if chain.reference in ("314", "314159") else plain_evm)(chain, key)


ACCOUNTS: Final = table(
    1,
    {
        "eip155": {
            "0xdEAD000000000000000042069420694206942069": BURN,
            "0xdead000000000000000000000000000000000000": BURN,
            "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE": "a placeholder for the chain's own coin",
            "0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF": BURN,
            "0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE": "the sender of system calls",  # EIP-4788
            "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0000": SYSTEM,  # OP Stack: ether as a token
            "0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001": "the sender of system transactions",  # OP Stack
        },
        "eip155:1": {
            "0x00000000219ab540356cBB839Cbe05303d7705Fa": DEPOSITS,  # EIP-2982
            "0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02": SYSTEM,  # EIP-4788
            "0x0000F90827F1C53a10cb7A02335B175320002935": SYSTEM,  # EIP-2935
            "0x00000961Ef480Eb55e80D19ad83579A64c007002": SYSTEM,  # EIP-7002
            "0x0000BBdDc7CE488642fb579F8B00f3a590007251": SYSTEM,  # EIP-7251
            # Optimism's and Base's superchain registry
            "0xbEb5Fc579115071764c7423A4f12eDde41f106Ed": BRIDGE,
            "0x99C9fc46f92E8a1c0deC1b1747d010903E884bE1": BRIDGE,
            "0x49048044D57e1C92A77f79988d21Fa8fAF74E97e": BRIDGE,
            "0x3154Cf16ccdb4C6d922629664174b904d80F2C35": BRIDGE,
            # Arbitrum's documentation, contract addresses
            "0x8315177aB297bA92A06054cE80a67Ed4DBd7ed3a": BRIDGE,
            "0xa3A7B6F88361F48403514059F1F16C8E78d60EeC": BRIDGE,
            "0xcEe284F754E854890e311e3280b767F80797180d": BRIDGE,
            # Linea's, Scroll's, zkSync's and Polygon's documentation
            "0xd19d4B5d358258f05D7B411E21A1460D11B0876F": BRIDGE,
            "0x051F1D88f0aF5763fB888eC4378b4D8B29ea3319": BRIDGE,
            "0x6774Bcbd5ceCeF1336b5300fb5186a12DDD8b367": BRIDGE,
            "0x32400084C286CF3E17e7B677ea9583e60a000324": BRIDGE,
            "0x57891966931Eb4Bb6FB81430E6cE0A03AAbDe063": BRIDGE,
            "0xD7f9f54194C633F36CCD5F3da84ad4a1c38cB2cB": BRIDGE,
            "0x40ec5B33f54e0E8A33A975908C5BA1c14e5BbbDf": BRIDGE,
            "0x8484Ef722627bf18ca5Ae6BcF031c23E6e922B30": BRIDGE,
            "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2": WRAPPER,  # WETH
            "0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84": WRAPPER,  # Lido's documentation: stETH
            "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0": WRAPPER,  # Lido's documentation: wstETH
        },
        "eip155:56": {
            "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c": WRAPPER,
        },
        "eip155:66": {
            "0x8F8526dbfd6E38E3D8307702cA8469Bae6C56C15": WRAPPER,
        },
        "eip155:100": {"0x0B98057eA310F4d31F2a452B414647007d1645d9": DEPOSITS},  # Gnosis' documentation
        "eip155:137": {
            "0x0d500B1d8E8eF31E21C99d1Db9A6444d3ADf1270": WRAPPER,
        },
        "eip155:324": {
            "0x5AEa5775959fBC2557Cc8789bC1bf90A239D9a91": WRAPPER,
        },
        "eip155:42161": {
            "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1": WRAPPER,
        },
        "eip155:43114": {
            "0xB31f66AA3C1e785363F0875A1B74E27b85FD66c7": WRAPPER,
        },
        "eip155:59144": {
            "0xe5D7C2a44FfDDf6b295A15c148167daaAf5Cf34f": WRAPPER,
        },
        "eip155:534352": {
            "0x5300000000000000000000000000000000000004": WRAPPER,
        },
    },
)
