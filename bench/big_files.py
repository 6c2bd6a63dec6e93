"""Published files of the largest sizes, made up: the same file for the same shape and number of rows, row by row.

    python -m bench.big_files --shape okx|binance [--rows N] --out FILE [--regtest] [--height NETWORK=N ...] [--all]

FILE is plain CSV, or a ZIP if it is called `.zip`. Without `--rows` it has as many as the exchange's largest known one:
212,442 rows of OKX (75 MB), 4,181,656 of Binance (275 MB). What its rows come to by label is printed, exactly and
without a line of the scanner's code. Everything about a row follows from its number, nothing is kept: memory is flat.

Labels, networks and heights are real ones, and a network of ours can serve them: Bitcoin and EVM chains (`big_nodes`
starts it). `--all` adds those that no backend serves, for measuring how a file is read. `--regtest` writes Bitcoin's
rows as regtest does. Amounts are the balances that `big_nodes` plants: of a token every account has one, computed from
the account; of a chain's own coin one account in sixteen has, the others have nothing. Each row is another account.
OKX's rows are signed, all of them, by keys that follow from their numbers; contract accounts with owners are left out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import zipfile
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import IO, NamedTuple

from scanner.chains.accounts import account_text
from scanner.chains.names import parse_asset
from scanner.core.ids import AssetId, Chain
from tests.support import proof_signing as sign

MESSAGE = "I am an OKX address"  # what OKX has always had signed
FUNDED_ONE_IN = 16  # of the accounts of a chain's own coin; balances of coins are set, not computed
# Atoms of which balances are multiples, by decimals: 16.7 coins at most, 18 decimals of a coin, 8 of a token.
STEPS, COIN_STEP = {6: 1, 8: 1, 9: 10, 18: 10**10}, 10**12 + 39

Proof = tuple[str, str, str]  # two signatures, and a key or script
Form = Callable[[int, bytes], tuple[bytes, Proof]]
"""From a row's number and 32 bytes that follow from it, the account's key and the proof of control."""

UNSIGNED: Proof = ("", "", "")


@dataclass(frozen=True, slots=True)
class Line:
    """What rows of one label, network and kind of account are alike in."""

    label: str
    network: str
    asset: AssetId
    decimals: int
    height: int
    form: Form
    share: int  # of the shape's rows, beside the other lines' shares

    @property
    def native(self) -> bool:
        return self.asset.native

    @property
    def step(self) -> int:
        """Atoms: every balance is a multiple of so many."""
        return COIN_STEP if self.decimals == 18 and self.native else STEPS[self.decimals]


class Row(NamedTuple):
    """One row, not spelled yet. `account` is its key; on a chain that no backend serves, what its text is made of."""

    line: Line
    account: bytes
    atoms: int
    proof: Proof


def held(line: Line, account: bytes) -> int:
    """Atoms that an account has. `big_nodes.computed_token` computes the same on the chain.

    The account's bytes 4 to 6 are of its hash on every chain here, and so is byte 7.
    """
    if line.native and account[7] % FUNDED_ONE_IN:
        return 0
    return (int.from_bytes(account[4:7], "big") + 1) * line.step


def balance(network: str, label: str, account: bytes) -> int:
    """Atoms that an account (its key) has of what files call `label` on `network`. Raises KeyError for unknown ones."""
    return held(_lines_by_label()[label, network], account)


# Kinds of account: signed ones for OKX, of keys that follow from the number; others for Binance, of a hash.


def evm_signed(number: int, _: bytes) -> tuple[bytes, Proof]:
    return sign.evm_address(number), (sign.hexed(sign.rsv(number, _evm_digest())), "null", "")


def p2pkh_signed(number: int, _: bytes) -> tuple[bytes, Proof]:
    return sign.p2pkh(sign.public(number)), (sign.header_first(number, _bitcoin_digest()), "null", "")


def p2wpkh_signed(number: int, _: bytes) -> tuple[bytes, Proof]:
    return sign.p2wpkh(sign.public(number)), (sign.header_first(number, _bitcoin_digest(), 39), "null", "")


def p2sh_signed(number: int, _: bytes) -> tuple[bytes, Proof]:
    return _two_of_three(number, sign.p2sh)


def p2wsh_signed(number: int, _: bytes) -> tuple[bytes, Proof]:
    return _two_of_three(number, sign.p2wsh)


def _two_of_three(number: int, wrap: Callable[[bytes], bytes]) -> tuple[bytes, Proof]:
    """The first key is the account's own; the others are the exchange's, alike for all, as in its files."""
    script = sign.multisig(2, [sign.public(number), *_house_keys()])
    return wrap(script), (sign.header_first(number, _bitcoin_digest()), _house_signature(), script.hex())


def twenty(_: int, digest: bytes) -> tuple[bytes, Proof]:
    return digest[:20], UNSIGNED


def whole(_: int, digest: bytes) -> tuple[bytes, Proof]:
    return digest, UNSIGNED


def p2pkh(_: int, digest: bytes) -> tuple[bytes, Proof]:
    return b"\x76\xa9\x14" + digest[:20] + b"\x88\xac", UNSIGNED


def p2sh(_: int, digest: bytes) -> tuple[bytes, Proof]:
    return b"\xa9\x14" + digest[:20] + b"\x87", UNSIGNED


def p2wpkh(_: int, digest: bytes) -> tuple[bytes, Proof]:
    return b"\x00\x14" + digest[:20], UNSIGNED


def p2wsh(_: int, digest: bytes) -> tuple[bytes, Proof]:
    return b"\x00\x20" + digest, UNSIGNED


def twenty_shaped(_: int, digest: bytes) -> tuple[bytes, Proof]:
    """Proofs of chains that are not read here: of the right length, by nobody."""
    return digest[:20], ("0x" + blake2b(digest).hexdigest() + "1b", "null", "")


def whole_shaped(_: int, digest: bytes) -> tuple[bytes, Proof]:
    signature = blake2b(digest).hexdigest()
    return digest, ("0x" + signature, "null", "0x" + signature[:64])


@cache
def _evm_digest() -> bytes:
    return sign.okx_evm_digest(MESSAGE)


@cache
def _bitcoin_digest() -> bytes:
    return sign.bitcoin_digest(MESSAGE)


@cache
def _house_keys() -> tuple[bytes, bytes]:
    return sign.public(-1), sign.public(-2)


@cache
def _house_signature() -> str:
    return sign.header_first(-1, _bitcoin_digest())


_BTC = "bip122:000000000019d6689c085ae165831e93/slip44:0"
_USDT = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
_USDC = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
_SOL = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501"
_TRON_USDT = "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


def _line(label: str, network: str, height: int, form: Form, share: int, asset: str, decimals: int) -> Line:  # noqa: PLR0917
    return Line(label, network, parse_asset(asset), decimals, height, form, share)


OKX_READABLE = (
    _line("BTC", "BTC", 954_000, p2sh_signed, 32, _BTC, 8),
    _line("BTC", "BTC", 954_000, p2wsh_signed, 18, _BTC, 8),
    _line("BTC", "BTC", 954_000, p2wpkh_signed, 3, _BTC, 8),
    _line("BTC", "BTC", 954_000, p2pkh_signed, 2, _BTC, 8),
    _line("ETH", "ETH", 25_345_500, evm_signed, 19, "eip155:1/slip44:60", 18),
    _line("USDT-ERC20", "ETH", 25_345_500, evm_signed, 18, _USDT, 6),
    _line("USDC", "ETH", 25_345_500, evm_signed, 8, _USDC, 6),
)
OKX_ELSEWHERE = (
    _line("APTOS", "APTOS", 840_200_933, whole_shaped, 174, "aptos:1/slip44:637", 8),
    _line("USDT-TRC20", "TRON", 83_709_660, twenty_shaped, 52, _TRON_USDT, 6),
    _line("ETH-ARBITRUM", "ARBITRUM", 474_829_257, evm_signed, 15, "eip155:42161/slip44:60", 18),
    _line("POLY-USDC-3359", "POLYGON", 88_728_936, evm_signed, 15,
          "eip155:137/erc20:0x3c499c542cef5e3811e1192ce70d8cc03d5c3359", 6),
    _line("SOL", "SOL", 427_319_948, whole_shaped, 15, _SOL, 9),
)  # fmt: skip
BINANCE_READABLE = (
    _line("ETH", "ETH", 25_218_797, twenty, 26, "eip155:1/slip44:60", 18),
    _line("USDT", "ETH", 25_218_797, twenty, 12, _USDT, 6),
    _line("USDC", "ETH", 25_218_797, twenty, 5, _USDC, 6),
    _line("USDT", "BSC", 101_590_091, twenty, 14, "eip155:56/erc20:0x55d398326f99059ff775485246999027b3197955", 18),
    _line("USDC", "BSC", 101_590_091, twenty, 4, "eip155:56/erc20:0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d", 18),
    _line("ETH", "BSC", 101_590_091, twenty, 4, "eip155:56/erc20:0x2170ed0880ac9a755fd29b2688956bd959f933f8", 18),
    _line("USDT", "MATIC", 87_732_730, twenty, 4, "eip155:137/erc20:0xc2132d05d31c914a87c6611c10748aeb04b58e8f", 6),
    _line("ETH", "OPTIMISM", 152_336_611, twenty, 6, "eip155:10/slip44:60", 18),
    _line("ETH", "BASE", 46_000_000, twenty, 5, "eip155:8453/slip44:60", 18),
    _line("USDC", "BASE", 46_000_000, twenty, 4, "eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913", 6),
    _line("BTC", "BTC", 951_000, p2wpkh, 5, _BTC, 8),
    _line("BTC", "BTC", 951_000, p2wsh, 2, _BTC, 8),
    _line("BTC", "BTC", 951_000, p2sh, 6, _BTC, 8),
    _line("BTC", "BTC", 951_000, p2pkh, 3, _BTC, 8),
)
BINANCE_ELSEWHERE = (
    _line("USDT", "TRX", 83_201_055, twenty, 30, _TRON_USDT, 6),
    _line("BNB", "BSC", 101_590_091, twenty, 12, "eip155:56/slip44:714", 18),  # no label of our table
    _line("SOL", "SOL", 424_000_000, whole, 7, _SOL, 9),
    _line("APT", "APT", 830_000_000, whole, 4, "aptos:1/slip44:637", 8),
    _line("USDC", "ALGO", 59_804_916, whole, 3, "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k/asa:31566704", 6),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How one exchange writes, what it has, and the size of its largest file."""

    name: str
    member: str  # the CSV's name in a ZIP
    size: int  # rows
    readable: tuple[Line, ...]
    elsewhere: tuple[Line, ...]  # what no backend serves
    header: str
    block: bool  # whether totals stand before the rows
    cells: Callable[[Row, str, str, int], Sequence[str]]  # of a row, its network, address and height as spelled


def _okx_cells(row: Row, network: str, address: str, height: int) -> Sequence[str]:
    first, second, key = row.proof
    amount = coins(row.atoms, row.line.decimals)
    short = len(key) == 0  # rows without a key end early, under eleven columns
    cells = row.line.label, network, str(height), address, amount, MESSAGE, first, second, key
    return cells if short else (*cells, "", "")


def _binance_cells(row: Row, network: str, address: str, height: int) -> Sequence[str]:
    return row.line.label, network, address, coins(row.atoms, row.line.decimals), str(height), '""'


SHAPES = {
    shape.name: shape
    for shape in (
        Shape(
            "okx",
            "okx_por_2026081116.csv",
            212_442,
            OKX_READABLE,
            OKX_ELSEWHERE,
            "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key,"
            " eoa1, eoa2",
            True,
            _okx_cells,
        ),
        Shape(
            "binance",
            "PR01JUN26_Deposit.csv",
            4_181_656,
            BINANCE_READABLE,
            BINANCE_ELSEWHERE,
            "coin,network,address,balance,Height,Third party custodian name",
            False,
            _binance_cells,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Site:
    """Where a file's chains are: by default where they really are, else in a network of ours."""

    bitcoin: Chain = sign.BITCOIN
    heights: Mapping[str, int] = field(default_factory=dict)  # by network as `Line` spells it, where not the real one

    def network(self, line: Line) -> str:
        """A file's spelling. The scanner knows no network called REGTEST: a claim says what a label there means."""
        return "REGTEST" if self.bitcoin == sign.REGTEST and line.network == "BTC" else line.network

    def height(self, line: Line) -> int:
        return self.heights.get(line.network, line.height)


REAL = Site()


@dataclass(slots=True)
class Total:
    """What the rows of one label and network come to."""

    decimals: int
    rows: int = 0
    funded: int = 0  # those whose amount is not zero
    atoms: int = 0

    @property
    def claimed(self) -> Fraction:
        """Whole coins."""
        return Fraction(self.atoms, 10**self.decimals)


Totals = dict[tuple[str, str], Total]
"""By label and network as spelled in the file, in the order in which they first stood."""


def rows(lines: Sequence[Line], name: str, count: int) -> Iterator[Row]:
    """Rows 1 to `count` of the shape called `name`, of these lines."""
    bounds = list(accumulate(line.share for line in lines))
    for number in range(1, count + 1):
        digest = blake2b(b"%s %d" % (name.encode(), number), digest_size=32).digest()
        line = lines[bisect(bounds, int.from_bytes(digest[28:], "big") * bounds[-1] >> 32)]
        account, proof = line.form(number, digest)
        yield Row(line, account, held(line, account), proof)


def spelled(line: Line, account: bytes, bitcoin: Chain = sign.BITCOIN) -> str:
    """The account as files write it."""
    match line.asset.chain.namespace:
        case "bip122":
            return account_text(bitcoin, account)
        case "tron" | "solana" | "algorand":
            return account_text(line.asset.chain, account)
        case _:
            return "0x" + account.hex()


def coins(atoms: int, decimals: int) -> str:
    """An amount in whole coins, exactly, without zeros at its end."""
    whole_coins, rest = divmod(atoms, 10**decimals)
    return f"{whole_coins}.{rest:0{decimals}}".rstrip("0") if rest else str(whole_coins)


def write(
    shape: Shape,
    count: int,
    path: Path,
    site: Site = REAL,
    *,
    everywhere: bool = False,
    each: Callable[[Row], object] | None = None,
) -> Totals:
    """Write the file, and return what its rows come to. `each` is shown every row."""
    lines = (*shape.readable, *(shape.elsewhere if everywhere else ()))
    totals: Totals = {}
    with tempfile.TemporaryFile(dir=path.parent) as body:  # OKX's totals stand before the rows they are of
        for row in rows(lines, shape.name, count):
            line = row.line
            network, height = site.network(line), site.height(line)
            cells = shape.cells(row, network, spelled(line, row.account, site.bitcoin), height)
            body.write((",".join(cells) + "\n").encode())
            total = totals.get((line.label, network))
            if total is None:
                total = totals[line.label, network] = Total(line.decimals)
            total.rows += 1
            total.atoms += row.atoms
            total.funded += row.atoms > 0
            if each is not None:
                each(row)
        body.seek(0)
        with _opened(path, shape.member) as file:
            file.write(_head(shape, lines, totals, site).encode())
            shutil.copyfileobj(body, file, 2**20)
    return totals


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[bytes]]:
    if path.suffix != ".zip":
        with path.open("wb") as file:
            yield file
        return
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(member, "w") as file,
    ):
        yield file


def _head(shape: Shape, lines: Sequence[Line], totals: Totals, site: Site) -> str:
    """What stands before the rows."""
    told = ""
    if shape.block:
        told = "coin,snapshot height,amount\n"
        for line in {(line.label, line.network): line for line in lines}.values():
            total = totals.get((line.label, site.network(line)))
            if total is not None:
                told += f"{line.label},{site.height(line)}, {coins(total.atoms, total.decimals)}\n"
        told += "\n"
    return told + shape.header + "\n"


@cache
def _lines_by_label() -> dict[tuple[str, str], Line]:
    every = (line for shape in SHAPES.values() for line in (*shape.readable, *shape.elsewhere))
    return {(line.label, line.network): line for line in every}


def told(totals: Totals) -> list[dict[str, object]]:
    """The totals, for machines."""
    return [
        {
            "label": label,
            "network": network,
            "rows": total.rows,
            "funded": total.funded,
            "atoms": str(total.atoms),
            "coins": coins(total.atoms, total.decimals),
        }
        for (label, network), total in totals.items()
    ]


def _height(text: str) -> tuple[str, int]:
    network, _, height = text.partition("=")
    return network, int(height)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.big_files", description="Writes a large published file.")
    parser.add_argument("--shape", choices=SHAPES, required=True)
    parser.add_argument("--rows", type=int, help="as many as the exchange's largest file, if left out")
    parser.add_argument("--out", type=Path, required=True, help="CSV, or a ZIP if it is called .zip")
    parser.add_argument("--regtest", action="store_true", help="Bitcoin's rows as of regtest")
    parser.add_argument("--height", type=_height, action="append", default=[], metavar="NETWORK=N")
    parser.add_argument("--all", action="store_true", help="rows of chains that no backend serves, too")
    given = parser.parse_args()
    shape = SHAPES[given.shape]
    site = Site(sign.REGTEST if given.regtest else sign.BITCOIN, dict(given.height))
    count = shape.size if given.rows is None else given.rows
    totals = write(shape, count, given.out, site, everywhere=given.all)
    json.dump({"rows": count, "bytes": given.out.stat().st_size, "totals": told(totals)}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
