"""How fast published files are read, and in how much memory, at the sizes that exchanges publish.

    python -m bench.published [okx|binance|bitmex] [rows]      all three, at 212,442, 4,183,020 and 200,000 rows
    python -m bench.published --write okx|binance|bitmex ROWS FILE

The files are made up, the same for the same number of rows: the shares of networks are those of the files seen, the
addresses have right checksums, the signatures are random. Each file is read in a process of its own. `survey` is the
first reading, which accounts for all rows and finds repeats; `stream` is the second, which gives them out. Rates are
per second of processor time, memory is the most the process ever held, and what it held before the file was opened.
"""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from scanner.core import base58, bech32
from scanner.sources.published import read_published

SIZES = {"okx": 212_442, "binance": 4_183_020, "bitmex": 200_000}
HOT_AND_COLD = 1_364

Draw = Callable[[random.Random], str]


def evm(draw: random.Random) -> str:
    return "0x" + draw.randbytes(20).hex()


def tron(draw: random.Random) -> str:
    return base58.encode_check(b"\x41" + draw.randbytes(20))


def script_hash(draw: random.Random) -> str:
    return base58.encode_check(b"\x05" + draw.randbytes(20))


def witness_hash(draw: random.Random) -> str:
    return bech32.encode_witness("bc", 0, draw.randbytes(32))


def aptos(draw: random.Random) -> str:
    return "0x" + draw.randbytes(32).hex()


def solana(draw: random.Random) -> str:
    return base58.encode(draw.randbytes(32))


def algorand(draw: random.Random) -> str:
    return "".join(draw.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(58))


# Label, network, height, address, share of the rows in percent.
OKX: tuple[tuple[str, str, int, Draw, int], ...] = (
    ("APTOS", "APTOS", 840_200_933, aptos, 47),
    ("ETH", "ETH", 25_345_500, evm, 10),
    ("USDT-ERC20", "ETH", 25_345_500, evm, 10),
    ("USDT-TRC20", "TRON", 83_709_660, tron, 14),
    ("BTC", "BTC", 954_000, witness_hash, 4),
    ("BTC", "BTC", 954_000, script_hash, 3),
    ("ETH-ARBITRUM", "ARBITRUM", 474_829_257, evm, 4),
    ("POLY-USDC-3359", "POLYGON", 88_728_936, evm, 4),
    ("SOL", "SOL", 427_319_948, solana, 4),
)
OKX_HEADER = (
    "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key, eoa1, eoa2"
)
BINANCE: tuple[tuple[str, str, int, Draw, int], ...] = (
    ("ETH", "ETH", 25_218_797, evm, 19),
    ("USDT", "ETH", 25_218_797, evm, 13),
    ("USDT", "BSC", 101_590_091, evm, 18),
    ("BNB", "BSC", 101_590_091, evm, 8),
    ("USDC", "BASE", 46_000_000, evm, 4),
    ("USDT", "TRX", 83_201_055, tron, 20),
    ("BTC", "BTC", 951_000, witness_hash, 4),
    ("BTC", "BTC", 951_000, script_hash, 4),
    ("SOL", "SOL", 424_000_000, solana, 5),
    ("APT", "APT", 830_000_000, aptos, 3),
    ("USDC", "ALGO", 59_804_916, algorand, 2),
)


def okx_lines(rows: int, seed: int = 1) -> Iterator[str]:
    """OKX's 11 columns, with its header block."""
    draw = random.Random(seed)
    yield "coin,snapshot height,amount"
    for label, _, height, _, _ in OKX:
        yield f"{label},{height}, {draw.randrange(10**9) / 1000:.4f}"
    yield ""
    yield OKX_HEADER
    shares = [share for *_, share in OKX]
    for label, network, height, address, _ in draw.choices(OKX, shares, k=rows):
        amount = f"{draw.randrange(1000)}.{draw.randrange(10**8):08}"
        signature, key = "0x" + draw.randbytes(65).hex(), ""
        if network in ("APTOS", "SOL"):
            key = draw.randbytes(32).hex()
        elif network == "BTC":
            key = "5221" + draw.randbytes(101).hex() + "53ae"
        cells = (label, network, str(height), address(draw), amount, "I am an OKX address", signature, "null", key)
        yield ",".join(cells) + (",," if draw.random() < 0.5 else "")


def binance_lines(rows: int, seed: int) -> Iterator[str]:
    """Binance's six columns."""
    draw = random.Random(seed)
    yield "coin,network,address,balance,Height,Third party custodian name"
    shares = [share for *_, share in BINANCE]
    for label, network, height, address, _ in draw.choices(BINANCE, shares, k=rows):
        yield f'{label},{network},{address(draw)},0.{draw.randrange(10**8):08}0000000000,{height},""'


def bitmex_lines(rows: int, seed: int = 1) -> Iterator[str]:
    """BitMEX's YAML, with keys sorted as its writers sort them."""
    draw = random.Random(seed)
    yield "address:"
    for _ in range(rows):
        yield f"- addr: {script_hash(draw)}"
        yield "  addr_type: sh"
        yield f"  script: '53{draw.randbytes(262).hex()}54ae'"
        yield f"  value: {draw.randrange(10**9)}"
    yield "chain: main"
    yield "claim: {m: 3, n: 4}"
    yield "height: 693062"
    yield "total: 1"


def write(shape: str, rows: int, path: Path) -> None:
    """A file of that shape, packed as the exchange packs it."""
    if shape == "bitmex":
        with gzip.open(path, "wt", compresslevel=1) as file:
            file.writelines(line + "\n" for line in bitmex_lines(rows))
        return
    members = {"okx_por.csv": okx_lines(rows)}
    if shape == "binance":
        hot = min(HOT_AND_COLD, rows // 2)
        members = {
            "PR01JUN26_HotCold.csv": binance_lines(hot, 1),
            "PR01JUN26_Deposit.csv": binance_lines(rows - hot, 2),
        }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, lines in members.items():
            with archive.open(name, "w") as member:
                for line in lines:
                    member.write(line.encode() + b"\n")


def most_memory() -> int:
    """MiB that this process held at most. Not getrusage's figure, which a child inherits from its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def measure(path: Path) -> None:
    """Reads `path` in this process and prints what it took."""
    before = most_memory()
    start = time.process_time()
    published = read_published(path)
    surveyed = time.process_time()
    given = sum(1 for _ in published)
    streamed = time.process_time()
    account = published.account
    print(
        f"{published.parts[0].layout:>9} {account.read:>10,} {account.accepted:>10,} {path.stat().st_size >> 20:>6} MiB"
        f" {account.read / (surveyed - start):>11,.0f} {given / (streamed - surveyed):>11,.0f}"
        f" {account.read / (streamed - start):>11,.0f} {before:>6} {most_memory():>6} MiB"
    )


def main() -> None:
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
        return
    if sys.argv[1:2] == ["--read"]:
        measure(Path(sys.argv[2]))
        return
    shapes = sys.argv[1:2] or list(SIZES)
    print(
        f"{'layout':>9} {'rows':>10} {'accepted':>10} {'packed':>10} {'survey/s':>11} {'stream/s':>11} {'both/s':>11}"
        f" {'before':>6} {'most':>10}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as directory:
        for shape in shapes:
            rows = int(sys.argv[2].replace(",", "")) if len(sys.argv) > 2 else SIZES[shape]
            path = Path(directory) / f"{shape}.bin"
            write(shape, rows, path)
            subprocess.run([sys.executable, "-m", "bench.published", "--read", str(path)], check=True)


if __name__ == "__main__":
    main()
