"""Networks as exchanges spell them, and the CAIP-2 chains they mean. Data, and one look-up.

A chain that no backend serves is named all the same: its holdings then become gaps that say so. A network that is not
here is not guessed at.

Sources: the CAIP namespaces' registry; for Tron, CASA's decision for the decimal reference; for Polkadot and its Asset
Hub, Antelope and Algorand, the first 32 digits of their genesis hashes or chain ids. Filecoin's and AElf's names are
ours, as their namespaces are not registered. For EVM chains' numbers, ethereum-lists/chains.
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
    "eip155:1": ("ETH", "ETHEREUM", "ERC20", "ETHEREUMMAINNET"),
    "eip155:10": ("OPTIMISM", "OP", "OPTIMISMETHEREUM", "OPMAINNET"),
    "eip155:25": ("CRONOS",),
    "eip155:56": ("BSC", "BNBSMARTCHAIN", "BEP20", "BNBCHAIN", "BINANCESMARTCHAIN", "BSCBEP20"),
    "eip155:61": ("ETC", "ETHEREUMCLASSIC"),
    "eip155:66": ("OKC", "OKTC", "OKT", "OKC20", "KIP20"),
    "eip155:100": ("GNOSIS", "XDAI"),
    "eip155:130": ("UNICHAIN",),
    "eip155:137": ("POLYGON", "MATIC", "POLYGONPOS", "POL"),
    "eip155:146": ("SONIC",),
    "eip155:169": ("MANTA", "MANTAPACIFIC"),
    "eip155:196": ("XLAYER", "OKBX1"),
    "eip155:204": ("OPBNB",),
    "eip155:250": ("FANTOM", "FTM"),
    "eip155:314": ("FEVM", "FILEVM"),
    "eip155:324": ("ZKSYNC2", "ZKSYNCERA"),
    "eip155:480": ("WORLDCHAIN",),
    "eip155:1088": ("METIS",),
    "eip155:1101": ("POLYGONZKEVM",),
    "eip155:1284": ("MOONBEAM", "GLMR"),
    "eip155:1285": ("MOONRIVER", "MOVR"),
    "eip155:5000": ("MANTLE", "MNT"),
    "eip155:8217": ("KAIA", "KLAYTN", "KLAY"),
    "eip155:8453": ("BASE",),
    "eip155:34443": ("MODE",),
    "eip155:42161": ("ARBITRUM", "ARBITRUMONE", "ARB"),
    "eip155:42170": ("ARBITRUMNOVA",),
    "eip155:42220": ("CELO",),
    "eip155:43114": ("AVAXC", "AVALANCHE", "ARC20", "AVAXCCHAIN", "AVALANCHECCHAIN", "CCHAIN"),
    "eip155:57073": ("INK",),
    "eip155:59144": ("ETHLINEA", "LINEA"),
    "eip155:81457": ("BLAST",),
    "eip155:167000": ("TAIKO",),
    "eip155:534352": ("SCROLL",),
    "eip155:7777777": ("ZORA",),
    "aelf:AELF": ("ELF", "AELF"),
    "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k": ("ALGO", "ALGORAND"),
    "antelope:aca376f206b8fc25a6ed44dbdc66547c": ("EOS", "VAULTA"),
    "aptos:1": ("APT", "APTOS"),
    "fil:f": ("FIL", "FILECOIN"),
    "polkadot:68d56f15f85d3136970ec16946040bc1": ("ASSETHUB",),
    "polkadot:91b171bb158e2d3848fa23a9f1c25182": ("DOT", "POLKADOT"),
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": ("SOL", "SOLANA", "SPL"),
    "starknet:SN_MAIN": ("STARKNET",),
    "sui:mainnet": ("SUI",),
    "tron:728126428": ("TRX", "TRON", "TRC20", "TRC10"),
    "tvm:-239": ("TON", "TONCOIN", "JETTON"),
    "xrpl:0": ("XRP", "RIPPLE"),
}

_BY_NAME: Final = {name: Chain.parse(chain) for chain, names in NETWORKS.items() for name in names}


def chain_of(network: str) -> Chain | None:
    """The chain that an exchange means by `network`, in any case and with any separators; None if it is not known.

    A token standard stands for the chain whose it is (ERC20: Ethereum). `Tron (TRC20)` is known if both mean one chain:
    another chain may have tokens of Ethereum's standard, and another network Ethereum's name.
    """
    name = network.upper().translate(_SEPARATORS)
    outer, bracket, inner = name.removesuffix(")").partition("(")
    if not bracket or not name.endswith(")"):
        return _BY_NAME.get(name)
    chain = _BY_NAME.get(outer)
    return chain if chain == _BY_NAME.get(inner) else None


_SEPARATORS: Final = str.maketrans("", "", " -_")
