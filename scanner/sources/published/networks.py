"""Networks as exchanges spell them, and the CAIP-2 chains they mean. Data, and one look-up.

A chain that no backend serves is named all the same: its holdings then become gaps that say so. A network that is not
here is not guessed at.

Sources: the CAIP namespaces' registry; for Tron, CASA's decision for the decimal reference; for Polkadot and its Asset
Hub, Antelope and Algorand, the first 32 digits of their genesis hashes or chain ids. Filecoin's and AElf's names are
ours, as their namespaces are not registered.
"""

from __future__ import annotations

from typing import Final

from scanner.core.ids import Chain

# In upper case, without blanks, hyphens and underscores, as `chain_of` compares them.
NETWORKS: Final[dict[str, tuple[str, ...]]] = {
    "bip122:000000000019d6689c085ae165831e93": ("BTC", "BITCOIN"),
    "bip122:12a765e31ffd4059bada1e25190f6e98": ("LTC", "LITECOIN"),
    "bip122:1a91e3dace36e2be3bf030a65679fe82": ("DOGE", "DOGECOIN"),
    "bip122:00000ffd590b1485b3caadc19b22e637": ("DASH",),
    "eip155:1": ("ETH", "ETHEREUM"),
    "eip155:10": ("OPTIMISM", "OP"),
    "eip155:56": ("BSC", "BNBSMARTCHAIN"),
    "eip155:61": ("ETC", "ETHEREUMCLASSIC"),
    "eip155:66": ("OKC", "OKTC", "OKT"),
    "eip155:137": ("POLYGON", "MATIC"),
    "eip155:196": ("XLAYER", "OKBX1"),
    "eip155:314": ("FEVM", "FILEVM"),
    "eip155:324": ("ZKSYNC2", "ZKSYNCERA"),
    "eip155:8453": ("BASE",),
    "eip155:42161": ("ARBITRUM", "ARBITRUMONE"),
    "eip155:43114": ("AVAXC", "AVALANCHE"),
    "eip155:59144": ("ETHLINEA", "LINEA"),
    "eip155:534352": ("SCROLL",),
    "aelf:AELF": ("ELF", "AELF"),
    "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k": ("ALGO", "ALGORAND"),
    "antelope:aca376f206b8fc25a6ed44dbdc66547c": ("EOS", "VAULTA"),
    "aptos:1": ("APT", "APTOS"),
    "fil:f": ("FIL", "FILECOIN"),
    "polkadot:68d56f15f85d3136970ec16946040bc1": ("ASSETHUB",),
    "polkadot:91b171bb158e2d3848fa23a9f1c25182": ("DOT", "POLKADOT"),
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": ("SOL", "SOLANA"),
    "starknet:SN_MAIN": ("STARKNET",),
    "sui:mainnet": ("SUI",),
    "tron:728126428": ("TRX", "TRON"),
    "tvm:-239": ("TON", "TONCOIN"),
    "xrpl:0": ("XRP", "RIPPLE"),
}

_BY_NAME: Final = {name: Chain.parse(chain) for chain, names in NETWORKS.items() for name in names}


def chain_of(network: str) -> Chain | None:
    """The chain that an exchange means by `network`, in any case and with any separators; None if it is not known."""
    return _BY_NAME.get(network.upper().translate(_SEPARATORS))


_SEPARATORS: Final = str.maketrans("", "", " -_")
