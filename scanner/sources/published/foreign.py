"""What a file is that is no table of reserves: known by its first bytes and the names in it, with what to do about it.

A message that says what a file is helps the reader more than a list of all that would have been read. Nothing is
unpacked here, and nothing parsed: the answers are for people, and no row follows from them.

Sources: the formats' own specifications for their first bytes; for files of liabilities, the verifiers that OKX,
Binance, Bybit, Gate, MEXC, Bitget and BitMEX publish.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_AS_CSV: Final = "save it as CSV (UTF-8) and give that"

# First bytes, and what they are the first bytes of.
_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xfe\0\0", "UTF-32 text; expected UTF-8"),
    (b"\0\0\xfe\xff", "UTF-32 text; expected UTF-8"),
    (b"\xff\xfe", "UTF-16 text; expected UTF-8"),
    (b"\xfe\xff", "UTF-16 text; expected UTF-8"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"a spreadsheet (.xls) or another old office file; {_AS_CSV}"),
    (b"PAR1", "a Parquet file; export it as CSV (UTF-8) and give that"),
    (b"ORC", "an ORC file; export it as CSV (UTF-8) and give that"),
    (b"ARROW1", "an Arrow file; export it as CSV (UTF-8) and give that"),
    (b"SQLite format 3\0", "a SQLite database; export the table as CSV (UTF-8) and give that"),
    (b"%PDF", "a PDF document, from which no table is read"),
    (b"{\\rtf", "a text document (.rtf), from which no table is read"),
    (b"PK\x03\x04", "an archive in the archive, which is not looked into; unpack it"),
    (b"PK\x05\x06", "an empty archive"),
    (b"\x1f\x8b", "packed with gzip more than once; unpack it"),
    (b"BZh", "an archive (bzip2), which is not looked into; unpack it, or pack it as ZIP or gzip"),
    (b"\xfd7zXZ\0", "an archive (xz), which is not looked into; unpack it, or pack it as ZIP or gzip"),
    (b"\x28\xb5\x2f\xfd", "an archive (Zstandard), which is not looked into; unpack it, or pack it as ZIP or gzip"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7-Zip), which is not looked into; unpack it, or pack it as ZIP or gzip"),
    (b"Rar!\x1a\x07", "an archive (RAR), which is not looked into; unpack it, or pack it as ZIP or gzip"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
)
_TAR_AT: Final = 257

# What the Finder and the Explorer leave in folders and archives: no text of anybody's.
_BYSTANDERS: Final = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"})

_LIABILITIES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.ASCII), whose)
    for pattern, whose in (
        (r"[0-9a-f]{64},[0-9]{1,3},\{", "OKX's Merkle tree"),
        (r"block_height:[0-9]+\s", "BitMEX's Merkle tree"),
        (r'"?#ID"?,', "a list of balances by account"),
        (r'[^\n]*"?cex_asset_list_commitments"?', "batch proofs of Binance's kind"),
        (r'\s*\{[^{}\[\]]*"(AccountIndex|AccountIdHash|UniqueIdentification)"', "a user's proof of Binance's kind"),
        (r'[^\n]{0,400}"?(CexAssetsInfo|CexAssetListCommitments?)"?', "totals of Binance's kind"),
        (r'\s*\{\s*"ProofCsv"', "totals of Binance's kind"),
        (r'\s*\{\s*"(batch_inclusion_proof|trunk_inclusion_proof|main_coins_num|steps)"', "OKX's proof of its totals"),
        (r'\s*\{[^{}]*"total_value"\s*:', "OKX's totals"),
        (r'\s*\{\s*"(root_vd_digest|general)"', "OKX's proof of its totals"),
        (r'\s*\{\s*"(self|path|pathList)"\s*:\s*[\[{]', "a user's path in a Merkle tree"),
        (
            r'[\s\S]{0,4000}"(merkleHash|merkelHash|merkle_path|MerkleProofEncode|auditId|audit_id)"',
            "a proof of balances",
        ),
        (r'\s*\{[\s\S]{0,400}"balances"\s*:\s*\{', "balances of users"),
    )
)


def is_bystander(name: str) -> bool:
    """Whether a file of this name within an archive was left there by a program that packs, and holds no text."""
    base = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or base.startswith("._") or base.lower() in _BYSTANDERS


def what_bytes_are(start: bytes) -> str | None:
    """What a file or a text within one is that starts so, where it is no text at all; None where it may be text."""
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    if start[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return "an archive (tar) in the archive, which is not looked into; unpack it"
    if b"\0" in start:
        halves = start[0::2].count(0), start[1::2].count(0)
        if max(halves) * 4 >= len(start):
            return "UTF-16 text; expected UTF-8"
        return "no text: it holds bytes that are zero"
    return None


def what_zip_is(names: Collection[str]) -> str | None:
    """What a ZIP is that holds files of these names, where it is the form of something else; None where it is a ZIP."""
    if "[Content_Types].xml" in names:
        if any(name.startswith("xl/") for name in names):
            return f"a spreadsheet (.xlsx); {_AS_CSV}"
        return f"an office document; put the table into a spreadsheet, and {_AS_CSV}"
    if "content.xml" in names and "mimetype" in names:
        return f"a spreadsheet or a document (.ods); {_AS_CSV}"
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        return f"a spreadsheet (.numbers); {_AS_CSV}"
    return None


def what_text_is(start: str) -> str | None:
    """What a text is that starts so, where that is known and is no table of reserves."""
    text = start.lstrip("\ufeff")
    for pattern, whose in _LIABILITIES:
        if pattern.match(text):
            return (
                f"a file of liabilities ({whose}), which says what is owed and not what is held; import reads reserves"
            )
    stripped = text.lstrip()
    if stripped.startswith(("{", "[")):
        return "JSON, of which no form is known; write a table such as chain,address,asset,amount"
    if stripped.startswith("<"):
        return "a page or XML; save its table as CSV (UTF-8) and give that"
    return None
