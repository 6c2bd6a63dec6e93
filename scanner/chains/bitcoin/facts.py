"""What is known of Bitcoin-like chains: a row each, and nothing of it anywhere else.

A row says how addresses and signed messages are written, how blocks are worked for, how many coins there can be, how
deep a block lies before it is final, and where its servers listen. A further chain of this kind is a further row;
docs/adding-a-family.md walks through one.

Not in here: how any of it is checked (`chains.bitcoin.accounts`, `chains.bitcoin.header`, `chains.control`), nor how
nodes are asked.

Sources: `chainparams.cpp`, `amount.h` and `validation.cpp` of Bitcoin Core, Litecoin Core, Dogecoin Core, Dash Core and
Bitcoin Cash Node; SLIP-0044; BIP-173; LIP-0002 to LIP-0004 (MWEB); DIP-0002 (payloads).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from fractions import Fraction
from types import MappingProxyType
from typing import Final


class WorkHash(Enum):
    """Which hash of a header must not exceed its target. What names a block is the double SHA-256, whichever it is."""

    SHA256D = auto()
    SCRYPT = auto()  # scrypt of the header, with N = 1024, r = 1, p = 1 and the header as salt


@dataclass(frozen=True, slots=True)
class WorkRules:
    """How much work a chain asks for. `steady` chains change the target at every `period`-th block only, in bounds."""

    easiest: int  # the largest target allowed at all
    steady: bool  # False on test networks that let a block be easy when none was found for a while
    hash: WorkHash = WorkHash.SHA256D
    period: int = 2016
    easing: Fraction = Fraction(4)  # how much larger a target may be than the one before, where it changes
    merge_mined: int | None = None  # the chain's number, where blocks may be worked for on another chain


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Why a chain's headers can be neither named nor checked here: it is read, its headers are the nodes' word."""

    why: str


@dataclass(frozen=True, slots=True)
class Unread:
    """Why the nodes of a chain are not asked; its addresses are known."""

    why: str


ELECTRUM_PORTS: Final[Mapping[str, int]] = MappingProxyType({"ssl": 50_002, "tcp": 50_001})


@dataclass(frozen=True, slots=True)
class BitcoinChain:
    """One Bitcoin-like chain.

    `p2sh`: every accepted version byte, the canonical one first. `most_coins`: no amount in one output can be larger;
    nor any sum of amounts, unless coins are `unbounded`. `ports`: where its Electrum servers listen by custom, by
    transport.
    """

    name: str  # for readers
    hrp: str | None  # of Bech32(m); None where the chain has no segregated witness
    p2pkh: int
    p2sh: tuple[int, ...]
    looks_like: str  # what its addresses begin with
    work: WorkRules | Unchecked | Unread
    magic: bytes | None = b"Bitcoin Signed Message:\n"  # before a message that wallets sign; None: not known
    cash_prefix: str | None = None  # of CashAddr, where the chain writes its addresses so
    mweb_hrp: str | None = None  # of addresses in its MimbleWimble extension blocks, whose amounts no one can see
    slip44: int | None = None  # None: a test network, whose coin goes under any number
    decimals: int = 8
    most_coins: int = 21_000_000
    unbounded: bool = False  # whether there may be more coins than fit one output
    payloads: bool = False  # whether transactions may end with a payload of their own kind (Dash's DIP-2)
    final_depth: int = 6  # blocks on top of one before it is final: those of about an hour
    least_moved: int = (
        1_000  # atoms: the smallest output that accounts are asked to make (nodes pass on none below 546)
    )
    no_scan: str = "the node is older than Bitcoin Core 22"  # why a full node cannot list the outputs of scripts
    program: str = "bitcoind"  # whose RPC its full nodes speak, which is also the kind of node in a URL
    ports: Mapping[str, int] = field(default_factory=lambda: ELECTRUM_PORTS)
    mined_on_demand: bool = False  # a chain of a tester's own, which may stand still for as long as one likes

    def writes(self, version: int) -> bool:
        """Whether its own Base58Check addresses begin with this byte."""
        return self.cash_prefix is None and (version == self.p2pkh or version in self.p2sh)

    @property
    def most_atoms(self) -> int:
        return int(self.most_coins * 10**self.decimals)

    @property
    def most_coins_in_all(self) -> int:
        """No sum of amounts can be larger: nodes reckon with 64 bits, of which one is the sign's."""
        return int(2**63 // 10**self.decimals) if self.unbounded else self.most_coins


def target(mantissa: int, zeros: int) -> int:
    """The largest target of a chain: `mantissa`, and so many bytes of zeros after it."""
    return mantissa << 8 * zeros


_BITCOIN = target(0xFFFF, 26)
_REGTEST = target(0x7FFFFF, 29)
_DOGECOIN = 0x62  # its number among merge-mined chains


def _testnet(name: str, work: WorkRules) -> BitcoinChain:
    """The public test networks share all prefixes: an address of one cannot be distinguished from one of another."""
    return BitcoinChain(
        name=f"Bitcoin {name}",
        hrp="tb",
        p2pkh=0x6F,
        p2sh=(0xC4,),
        looks_like="tb1..., m..., n..., 2...",
        work=work,
    )


BITCOIN_CHAINS: Final[Mapping[str, BitcoinChain]] = MappingProxyType(
    {
        "000000000019d6689c085ae165831e93": BitcoinChain(
            name="Bitcoin",
            hrp="bc",
            p2pkh=0x00,
            p2sh=(0x05,),
            looks_like="bc1..., 1..., 3...",
            work=WorkRules(_BITCOIN, steady=True),
            slip44=0,
        ),
        "000000000933ea01ad0ee984209779ba": _testnet("testnet3", WorkRules(_BITCOIN, steady=False)),
        "00000000da84f2bafbbc53dee25a72ae": _testnet("testnet4", WorkRules(_BITCOIN, steady=False)),
        "00000008819873e925422c1ff0f99f7c": _testnet("signet", WorkRules(target(0x0377AE, 27), steady=True)),
        "0f9188f13cb7b2c71f2a335e3a4fc328": BitcoinChain(
            name="Bitcoin regtest",
            hrp="bcrt",
            p2pkh=0x6F,
            p2sh=(0xC4,),
            looks_like="bcrt1..., m..., n..., 2...",
            work=WorkRules(_REGTEST, steady=True),  # it never changes
            mined_on_demand=True,
        ),
        "12a765e31ffd4059bada1e25190f6e98": BitcoinChain(
            name="Litecoin",
            hrp="ltc",
            p2pkh=0x30,
            p2sh=(0x32, 0x05),  # it first wrote P2SH with Bitcoin's byte; such addresses are still in use
            looks_like="ltc1..., L..., M..., 3...",
            work=WorkRules(target(0x0FFFFF, 27), steady=True, hash=WorkHash.SCRYPT),
            magic=b"Litecoin Signed Message:\n",
            mweb_hrp="ltcmweb",
            least_moved=10_000,
            slip44=2,
            most_coins=84_000_000,
            final_depth=24,
            program="litecoind",
        ),
        "530827f38f93b43ed12af0b3ad25a288": BitcoinChain(
            name="Litecoin regtest",
            hrp="rltc",
            p2pkh=0x6F,
            p2sh=(0x3A, 0xC4),
            looks_like="rltc1..., m..., n..., Q..., 2...",
            work=WorkRules(_REGTEST, steady=True, hash=WorkHash.SCRYPT),
            magic=b"Litecoin Signed Message:\n",
            mweb_hrp="tmweb",
            least_moved=10_000,
            most_coins=84_000_000,
            final_depth=24,
            program="litecoind",
            mined_on_demand=True,
        ),
        "1a91e3dace36e2be3bf030a65679fe82": BitcoinChain(
            name="Dogecoin",
            hrp=None,
            p2pkh=0x1E,
            p2sh=(0x16,),
            looks_like="D..., 9..., A...",
            # The target changes with each block, since 145,000 by at most half. No older block is asked for its work
            # but the one that is read.
            work=WorkRules(
                target(0x0FFFFF, 27),
                steady=True,
                hash=WorkHash.SCRYPT,
                period=1,
                easing=Fraction(3, 2),
                merge_mined=_DOGECOIN,
            ),
            magic=b"Dogecoin Signed Message:\n",
            least_moved=1_000_000,
            slip44=3,
            most_coins=10_000_000_000,
            unbounded=True,
            final_depth=60,
            no_scan="Dogecoin Core 1.14 does not have it; an Electrum server reads Dogecoin",
            program="dogecoind",
        ),
        "3d2160a3b5dc4a9d62e7e66a295f7031": BitcoinChain(
            name="Dogecoin regtest",
            hrp=None,
            p2pkh=0x6F,
            p2sh=(0xC4,),
            looks_like="m..., n..., 2...",
            work=WorkRules(_REGTEST, steady=False, hash=WorkHash.SCRYPT, merge_mined=_DOGECOIN),
            magic=b"Dogecoin Signed Message:\n",
            least_moved=1_000_000,
            most_coins=10_000_000_000,
            unbounded=True,
            final_depth=60,
            no_scan="Dogecoin Core 1.14 does not have it; an Electrum server reads Dogecoin",
            program="dogecoind",
            mined_on_demand=True,
        ),
        "00000ffd590b1485b3caadc19b22e637": BitcoinChain(
            name="Dash",
            hrp=None,
            p2pkh=0x4C,
            p2sh=(0x10,),
            looks_like="X..., 7...",
            work=Unchecked("its blocks are named by, and worked for with, a hash (X11) that is not known here"),
            magic=b"DarkCoin Signed Message:\n",
            slip44=5,
            payloads=True,
            final_depth=24,
            program="dashd",
        ),
        # Named by the block at which it left Bitcoin, whose older form of addresses it reads as well.
        "000000000000000000651ef99cb9fcbe": BitcoinChain(
            name="Bitcoin Cash",
            hrp=None,
            p2pkh=0x00,
            p2sh=(0x05,),
            looks_like="q..., p..., 1..., 3...",
            work=Unread(
                "its nodes begin with Bitcoin's first block, so that they cannot be distinguished from Bitcoin's"
            ),
            magic=None,
            cash_prefix="bitcoincash",
            slip44=145,
        ),
    }
)
"""By CAIP-2 reference: the first 32 hex digits of the genesis block's hash."""

PROGRAMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        chain.program: reference
        for reference, chain in reversed(list(BITCOIN_CHAINS.items()))
        if not isinstance(chain.work, Unread)
    }
)
"""The programs whose full nodes can be asked: each with the reference of the chain that most of them serve."""

EXPLORERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "000000000019d6689c085ae165831e93": "https://mempool.space/block/{hash}",
        "12a765e31ffd4059bada1e25190f6e98": "https://litecoinspace.org/block/{hash}",
        "1a91e3dace36e2be3bf030a65679fe82": "https://blockchair.com/dogecoin/block/{hash}",
        "00000ffd590b1485b3caadc19b22e637": "https://blockchair.com/dash/block/{hash}",
    }
)
"""Where anyone can look at a block."""

NETWORK_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "000000000019d6689c085ae165831e93": ("BTC", "BITCOIN"),
        "12a765e31ffd4059bada1e25190f6e98": ("LTC", "LITECOIN"),
        "1a91e3dace36e2be3bf030a65679fe82": ("DOGE", "DOGECOIN"),
        "00000ffd590b1485b3caadc19b22e637": ("DASH",),
    }
)
"""By reference: what published files call the chain."""
