"""Assets that are known: what each is called, which unit it is, and in which decimals it counts.

An exchange can deploy a contract that shows ether, or somebody else's dollars, a second time and call it a coin. So a
contract counts towards a unit only where this table has it as that unit's own on that chain, or where the auditor
vouches for it (`Policy.contracts`). The table is part of the attestation format: a finding names the revision that it
was made by, and entries are only ever added (under the next revision) or withdrawn (by `until`). For verifiers of other
make docs/tables/contracts.csv publishes all of them. Data, and one look-up; it knows no claim.

Sources, in this order: the contracts in OKX's own checker (example/rpc.json of its repository) for its own labels and
for OKTC; Circle's page of USDC addresses; the Uniswap default token list 22.21.0; the TON, Aptos and Starknet contracts
as their foundations and DefiLlama's coreAssets have them; Tether's and Circle's pages for Polkadot's Asset Hub;
PotatoSwap's token list for X Layer; docs.usdt0.to for USDT0; the chains' own bridges' token lists for what they bridged
(zkSync Era, Linea, Scroll, Base, Avalanche); docs.celo.org for Celo; docs.chain.link "LINK token contracts" for Base.
Decimals are those of the same sources. Chains' own coins are from their documentation and SLIP-0044, which has no
number for those of X Layer, Metis and Mantle; 60 is what their wallets derive keys with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from scanner.chains.facts_revision import REVISION, stands
from scanner.chains.names import parse_asset
from scanner.core.ids import AssetId


@dataclass(frozen=True, slots=True)
class KnownAsset:
    """One row of the table."""

    unit: str  # what it is, and the only unit that it backs without anyone's word for it
    decimals: int
    id: str  # CAIP-19
    labels: tuple[str, ...]  # what exchanges call it on its chain; the first is its own name
    since: int  # the first revision that has it
    until: int | None  # the last one that has it; None where it is not withdrawn


# One asset a line: unit, decimals, id, and labels. A comment ends the line.
_REVISION_1: Final = """
BTC 8 bip122:000000000019d6689c085ae165831e93/slip44:0 BTC
LTC 8 bip122:12a765e31ffd4059bada1e25190f6e98/slip44:2 LTC
DOGE 8 bip122:1a91e3dace36e2be3bf030a65679fe82/slip44:3 DOGE
DASH 8 bip122:00000ffd590b1485b3caadc19b22e637/slip44:5 DASH
ETH 18 eip155:1/slip44:60 ETH
ETH 18 eip155:42161/slip44:60 ETH-ARBITRUM ETH
ETH 18 eip155:10/slip44:60 ETH-OPTIMISM OPTIMISM ETH
ETH 18 eip155:8453/slip44:60 ETH-BASE BASE ETH
ETH 18 eip155:59144/slip44:60 ETH-LINEA ETH_LINEA ETH
ETH 18 eip155:324/slip44:60 ETH-ZKSYNC ZKSYNC2 ETH
ETH 18 eip155:534352/slip44:60 ETH-SCROLL ETH
ETH 18 eip155:130/slip44:60 ETH-UNICHAIN ETH
ETH 18 eip155:169/slip44:60 ETH-MANTA ETH
ETH 18 eip155:480/slip44:60 ETH-WORLDCHAIN ETH
ETH 18 eip155:1101/slip44:60 ETH-POLYGONZKEVM ETH
ETH 18 eip155:34443/slip44:60 ETH-MODE ETH
ETH 18 eip155:42170/slip44:60 ETH-ARBITRUMNOVA ETH
ETH 18 eip155:57073/slip44:60 ETH-INK ETH
ETH 18 eip155:81457/slip44:60 ETH-BLAST ETH
ETH 18 eip155:167000/slip44:60 ETH-TAIKO ETH
ETH 18 eip155:7777777/slip44:60 ETH-ZORA ETH
BNB 18 eip155:56/slip44:714 BNB BNB-BSC BSC
BNB 18 eip155:204/slip44:714 BNB-OPBNB BNB
POL 18 eip155:137/slip44:966 POL MATIC POLYGON
AVAX 18 eip155:43114/slip44:9005 AVAX AVAXC AVAX-C
FTM 18 eip155:250/slip44:1007 FTM
CELO 18 eip155:42220/slip44:52752 CELO
CRO 18 eip155:25/slip44:394 CRO
XDAI 18 eip155:100/slip44:700 XDAI
GLMR 18 eip155:1284/slip44:1284 GLMR
MOVR 18 eip155:1285/slip44:1285 MOVR
METIS 18 eip155:1088/slip44:60 METIS
MNT 18 eip155:5000/slip44:60 MNT
S 18 eip155:146/slip44:10007 S
KAIA 18 eip155:8217/slip44:8217 KAIA KLAY
ETH 18 eip155:196/erc20:0x5a77f1443d16ee5761d310e38b62f77f726bc71c OKB-X1-ETH ETH
ETH 18 eip155:66/erc20:0xef71ca2ee68f45b9ad6f72fbdb33d707b872315c ETHK-OKC20 ETHK-KIP20 ETH
ETH 18 eip155:56/erc20:0x2170ed0880ac9a755fd29b2688956bd959f933f8 ETH-BSC ETH
ETH 18 starknet:SN_MAIN/token:0x049d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7 STARKNET-ETH ETH
USDT 6 eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7 USDT-ERC20 USDT
USDT 6 tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t USDT-TRC20 USDT
USDT 6 eip155:137/erc20:0xc2132d05d31c914a87c6611c10748aeb04b58e8f USDT-POLY USDT
USDT 6 eip155:43114/erc20:0x9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7 USDT-AVAXC USDT
USDT 6 eip155:42161/erc20:0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9 USDT-ARBITRUM USDT
USDT 6 eip155:10/erc20:0x94b008aa00579c1307b0ef2c499ad98a8ce58e58 USDT-OPTIMISM
USDT 6 eip155:10/erc20:0x01bff41798a0bcf287b996046ca68b395dbc1071 USDT0-OPTIMISM
USDT 6 eip155:196/erc20:0x1e4a5963abfd975d8c9021ce480b42188849d41d OKB-X1-USDT-D41D  # before the move to USDT0
USDT 6 eip155:196/erc20:0x779ded0c9e1022225f8e0630b35a9b54be713736 OKB-X1-USDT0
USDT 6 eip155:324/erc20:0x493257fd37edb34451f62edf8d2a0c418852ba4c USDT-ZKSYNC
USDT 6 eip155:8453/erc20:0xfde4c96c8593536e31f229ea8f37b2ada2699bb2 USDT-BASE
USDT 6 eip155:42220/erc20:0x48065fbbe25f71c9282ddf5e1cd6d6a887483d5e USDT-CELO
USDT 6 eip155:43114/erc20:0xc7198437980c041c805a1edcba50c1ce5db95118 USDT-AVAXC-BRIDGED
USDT 6 eip155:59144/erc20:0xa219439258ca9da29e9cc4ce5596924745e12b93 USDT-LINEA
USDT 6 eip155:534352/erc20:0xf55bec9cafdbe8730f096aa55dad6d22d44099df USDT-SCROLL
USDT 18 eip155:66/erc20:0x382bb369d343125bfb2117af9c149795c6c65c50 USDT-OKC20 USDT
USDT 18 eip155:56/erc20:0x55d398326f99059ff775485246999027b3197955 USDT-BSC USDT
USDT 6 solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/token:Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB USDT-SPL USDT
USDT 6 aptos:1/token:0x357b0b74bc833e95a115ad22604854d6b0fca151cecd94111770e5d6ffc9dc2b USDT-APTOS USDT
# The master contract in its raw form, 0:b113..., percent-encoded as CAIP-19 wants it.
USDT 6 tvm:-239/jetton:0%3Ab113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe USDT-TON USDT
USDT 6 polkadot:68d56f15f85d3136970ec16946040bc1/assets:1984 USDT-ASSET-HUB USDT-ASSETHUB USDT
USDT 6 algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k/asa:312769 USDT-ALGO USDT
USDC 6 eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48 USDC-ERC20 USDC
USDC 6 eip155:137/erc20:0x2791bca1f2de4661ed88a30c99a7a9449aa84174 POLY-USDC  # bridged
USDC 6 eip155:137/erc20:0x3c499c542cef5e3811e1192ce70d8cc03d5c3359 POLY-USDC-3359  # native
USDC 6 eip155:42161/erc20:0xff970a61a04b1ca14834a43f5de4533ebddb5cc8 USDC-ARBITRUM  # bridged
USDC 6 eip155:42161/erc20:0xaf88d065e77c8cc2239327c5edb3a432268e5831 USDC-ARBITRUM-NATIVE  # native
USDC 6 eip155:10/erc20:0x7f5c764cbc14f9669b88837ca1490cca17c31607 USDC-OPTIMISM  # bridged
USDC 6 eip155:10/erc20:0x0b2c639c533813f4aa9d7837caf62653d097ff85 USDC-OPTIMISM-FF85  # native
USDC 6 eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913 USDC-BASE USDC
USDC 6 eip155:43114/erc20:0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e USDC-AVAXC USDC
USDC 6 eip155:196/erc20:0x74b7f16337b8972027f6196a17a631ac6de26d22 OKB-X1-USDC
USDC 6 eip155:324/erc20:0x1d17cbcf0d6d143135ae902365d2e5e2a16538d4 USDC-ZKSYNC-NATIVE
USDC 6 eip155:324/erc20:0x3355df6d4c9c3035724fd0e3914de96a5a83aaf4 USDC-ZKSYNC-BRIDGED
USDC 6 eip155:8453/erc20:0xd9aaec86b65d86f6a7b5b1b0c42ffa531710b6ca USDC-BASE-BRIDGED
USDC 6 eip155:42220/erc20:0xceba9300f2b948710d2653dd7b07f33a8b32118c USDC-CELO
USDC 6 eip155:43114/erc20:0xa7d7079b0fead91f3e65f86e8915cb59c1a4c664 USDC-AVAXC-BRIDGED
USDC 6 eip155:59144/erc20:0x176211869ca2b568f2a7d4ee941e073a821ee1ff USDC-LINEA
USDC 6 eip155:534352/erc20:0x06efdbff2a14a7c8e15944d1f4a48f9f95f663a4 USDC-SCROLL
USDC 18 eip155:66/erc20:0xc946daf81b08146b1c7a8da2a851ddf2b3eaaf85 USDC-OKC20 USDC
USDC 18 eip155:56/erc20:0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d USDC-BSC USDC
USDC 6 solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/token:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v USDC-SPL USDC
USDC 6 tron:728126428/trc20:TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8 USDC-TRC USDC-TRC20 USDC
USDC 6 algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k/asa:31566704 USDC-ALGO USDC
USDC 6 aptos:1/token:0xbae207659db88bea0cbead6da0ed00aac12edcdda169e591cd41c94180b46f3b USDC-APTOS USDC
USDC 6 sui:mainnet/coin:0xdba34672e30cb065b1f93e3ab55318768fd6fef66c15942c9f7cb846e2f900e7%3A%3Ausdc%3A%3AUSDC \
USDC-SUI USDC
USDC 6 polkadot:68d56f15f85d3136970ec16946040bc1/assets:1337 USDC-ASSET-HUB USDC-ASSETHUB USDC
OKB 18 eip155:1/erc20:0x75231f58b43240c9718dd58b4967c5114342a86c OKB
OKB 18 eip155:196/slip44:60 OKB-X1 OKB
OKB 18 eip155:66/erc20:0xdf54b6c6195ea4d948d03bfd818d365cf175cfc2 OKB-OKC20 OKB
OKT 18 eip155:66/slip44:996 OKT
LINK 18 eip155:1/erc20:0x514910771af9ca656af840dff83e8264ecf986ca LINK
LINK 18 eip155:42161/erc20:0xf97f4df75117a78c1a5a0dbb814af92458539fb4 LINK-ARBITRUM LINK
LINK 18 eip155:10/erc20:0x350a791bfc2c21f9ed5d10980dad2e2638ffa7f6 LINK-OPTIMISM LINK
LINK 18 eip155:137/erc20:0x53e0bca35ec356bd5dddfebbd1fc0fd03fabad39 LINK-POLY LINK
LINK 18 eip155:43114/erc20:0x5947bb275c521040051d82396192181b413227a3 LINK-AVAXC LINK
LINK 18 eip155:8453/erc20:0x88fb150bdc53a65fe94dea0c9ba0a6daf8c6e196 LINK-BASE
LINK 18 eip155:56/erc20:0xf8a0bf9cf54bb92f17374d9e9a321e6a111a51bd LINK-BSC LINK
LINK 18 eip155:66/erc20:0xbeb67de6cc5af652b2d9b0235750ed70f5a2cb0d LINKK-OKC20 LINKK-KIP20 LINK
UNI 18 eip155:1/erc20:0x1f9840a85d5af5bf1d1762f925bdaddc4201f984 UNI
UNI 18 eip155:42161/erc20:0xfa7f8980b0f1e64a2062791cc3b0871572f1f7f0 UNI-ARBITRUM UNI
UNI 18 eip155:10/erc20:0x6fd9d7ad17242c41f7131d257212c54a0e816691 UNI-OPTIMISM UNI
UNI 18 eip155:137/erc20:0xb33eaad8d922b1083446dc23f610c2567fb5180f UNI-POLY UNI
UNI 18 eip155:56/erc20:0xbf5140a22578168fd562dccf235e5d43a02ce9b1 UNI-BSC UNI
UNI 18 eip155:66/erc20:0x59d226bb0a4d74274d4354ebb6a0e1a1aa5175b6 UNIK-OKC20 UNIK-KIP20 UNI
PEOPLE 18 eip155:1/erc20:0x7a58c0be72be218b41c608b7fe7c5bb630736c71 PEOPLE
ETC 18 eip155:61/slip44:61 ETC
ETC 18 eip155:66/erc20:0x99970778e2715bbc9cf8fb83d10dcbc2d2d551a3 ETCK-KIP20 ETCK-OKC20 ETC
LTC 18 eip155:66/erc20:0xfa520efc34c81bfc1e3dd48b7fe9ff326049f986 LTCK-OKC20 LTCK-KIP20 LTC
FIL 18 fil:f/slip44:461 FIL
FIL 18 eip155:314/slip44:461 FIL-EVM FIL
FIL 18 eip155:66/erc20:0x3f8969be2fc0770dcc174968e4b4ff146e0acdaf FILK-OKC20 FILK-KIP20 FIL
DOT 10 polkadot:91b171bb158e2d3848fa23a9f1c25182/slip44:354 DOT
DOT 10 polkadot:68d56f15f85d3136970ec16946040bc1/slip44:354 ASSET-HUB ASSET_HUB DOT
DOT 18 eip155:66/erc20:0xabc732f6f69a519f6d508434481376b6221eb7d5 DOTK-OKC20 DOTK-KIP20 DOT
XRP 6 xrpl:0/slip44:144 XRP RIPPLE
XRP 18 eip155:66/erc20:0xa715f624eb32c6c960b0e044b10cde585d5f5984 XRPK-KIP20 XRPK-OKC20 XRP
TRX 6 tron:728126428/slip44:195 TRX
TRX 18 eip155:66/erc20:0x00505505a7576d6734704fabb16f41924e3e384b TRXK-KIP20 TRXK-OKC20 TRX
SOL 9 solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501 SOL
APT 8 aptos:1/slip44:637 APTOS APT
TON 9 tvm:-239/slip44:607 TONCOIN-NEW TON TONCOIN
EOS 4 antelope:aca376f206b8fc25a6ed44dbdc66547c/slip44:194 EOS VAULTA
ELF 8 aelf:AELF/slip44:1616 ELF
"""


def _rows(text: str, since: int) -> Iterator[KnownAsset]:
    for line in text.splitlines():
        fields = line.partition("#")[0].split()
        if fields:
            unit, decimals, asset, *labels = fields
            yield KnownAsset(unit, int(decimals), asset, tuple(labels), since, until=None)


TABLE: Final[tuple[KnownAsset, ...]] = tuple(_rows(_REVISION_1, since=1))


def known_asset(asset: AssetId, revision: int = REVISION) -> KnownAsset | None:
    """What the table says of `asset` in `revision`; None where it does not know it."""
    return next((known for known in _by_id().get(asset, ()) if stands(known, revision)), None)


@cache
def _by_id() -> Mapping[AssetId, tuple[KnownAsset, ...]]:
    rows: dict[AssetId, tuple[KnownAsset, ...]] = {}
    for known in TABLE:
        asset = parse_asset(known.id)
        rows[asset] = (*rows.get(asset, ()), known)
    return MappingProxyType(rows)
