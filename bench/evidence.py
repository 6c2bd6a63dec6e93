"""What a row of evidence costs to write, to compress, and to read and check: in columns, and line by line.

    python -m bench.evidence [rows]           100,000 by default

Rows are those of a claim that is found as it says: ether, and Bitcoin scripts of two forms, whose addresses are most of
the work. Microseconds of CPU a row, the best of three; the last column of a stage is how many times as long it takes
line by line. Where isal and zlib-ng are installed their compression stands beside zlib's.
"""

from __future__ import annotations

import importlib
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from scanner.attesting.evidence_columns import decode_parts, encode_parts
from scanner.attesting.evidence_csv import decode, encode
from scanner.attesting.evidence_gzip import compress, decompress, texts
from scanner.chains.names import parse_asset
from scanner.core.columns import Accounts
from scanner.core.evidence import Balance, Basis
from scanner.core.evidence_part import EvidencePart, parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.core.keccak import keccak256

_DEFAULT = 100_000
_BTC = parse_asset("bip122:000000000019d6689c085ae165831e93/slip44:0")
_ETH = parse_asset("eip155:1/slip44:60")


def made_up(count: int) -> dict[str, list[EvidenceRow]]:
    """Rows of each asset, in the order of holdings."""
    digests = [keccak256(number.to_bytes(8)) for number in range(count)]
    scripts = sorted(
        b"\x76\xa9\x14" + digest[:20] + b"\x88\xac" if digest[31] & 1 else b"\x00\x14" + digest[:20]
        for digest in digests
    )
    return {
        "ether": [_row(_ETH, "0x" + "1f" * 32, digest[:20], 10**18) for digest in sorted(digests)],
        "bitcoin": [_row(_BTC, "00" * 8 + "5a" * 24, script, 10**8) for script in scripts],
    }


def _row(asset: Any, block: str, account: bytes, coin: int) -> EvidenceRow:
    atoms = int.from_bytes(account[-7:-3]) * coin // 10**7
    return EvidenceRow(asset, account, block, Balance(atoms, Basis.QUORUM, ("alpha", "beta")), atoms)


def cpu(work: Callable[[], object], count: int) -> float:
    """Microseconds a row, the best of three."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken) / count * 1e6


def main(count: int) -> None:
    made = made_up(count)
    print(f"{count:,} rows of each\n\n{'':<8}{'stage':<22}{'columns us':>12}{'lines us':>10}{'times':>8}")
    for name, rows in made.items():
        for stage, (columns, lines) in stages(rows).items():
            one, other = cpu(columns, count), cpu(lines, count)
            print(f"{name:<8}{stage:<22}{one:>12.2f}{other:>10.2f}{other / one:>8.1f}", flush=True)
    print(f"\n{'compression of ether':<30}{'us':>12}{'bytes':>10}")
    text = b"".join(encode(made["ether"]))
    isal, ng = _found("isal.isal_zlib"), _found("zlib_ng.zlib_ng")
    for name, module, level in [
        ("zlib", zlib, 1),
        ("zlib", zlib, 3),
        ("zlib", zlib, 6),
        ("isal", isal, 1),
        ("zlib-ng", ng, 2),
    ]:
        if module is not None:
            taken = cpu(partial(_packed, module, level, text), count)
            print(f"{f'{name}, level {level}':<30}{taken:>12.2f}{len(_packed(module, level, text)) / count:>10.1f}")


def stages(rows: list[EvidenceRow]) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """What is done with rows: in columns, and line by line."""
    parts, text = list(parts_of(rows)), b"".join(encode(rows))
    if b"".join(encode_parts(parts)) != text or [row for part in decode_parts([text]) for row in part] != rows:
        sys.exit("the two ways to write or read evidence differ")
    packed, accounts = b"".join(compress([text])), Accounts(row.account for row in rows)

    def likely(start: int, size: int) -> Accounts | None:
        return accounts.take(range(start, start + size)) if start + size <= len(accounts) else None

    return {
        "write": (lambda: _through(encode_parts(parts)), lambda: _through(encode(rows))),
        "read": (lambda: _through(decode_parts(texts([packed]))), lambda: _through(decode(decompress([packed])))),
        "read, accounts known": (
            lambda: _through(decode_parts(texts([packed]), likely)),
            lambda: _through(decode(decompress([packed]))),
        ),
    }


def _through(pieces: Iterable[bytes | EvidencePart | EvidenceRow]) -> None:
    for _ in pieces:
        pass


def _found(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _packed(module: Any, level: int, text: bytes) -> bytes:
    zipper = module.compressobj(level, wbits=31)
    return bytes(zipper.compress(text) + zipper.flush())


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else _DEFAULT)
