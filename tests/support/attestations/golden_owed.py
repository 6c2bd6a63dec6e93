"""A golden attestation of what is owed by published proofs that show less than the total of all customers."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any, Final

from tests.support.attestations.golden_cases import BITCOIN_BLOCK, ETHEREUM_BLOCK, Golden, agreed, claim
from tests.support.liabilities.liability_trees import okx_paths, records, strip, swissborg

_HELD: Final = (Decimal("1.5"), Decimal(0), Decimal("0.25"), Decimal(7))
_ROOTS, _CUSTOMERS = swissborg(_HELD, ("XBT", "eth"))
_PATHS: Final = okx_paths(records(3))
_ROOT: Final = _PATHS[0]["path"][-1]


def _text(value: Any) -> bytes:
    return json.dumps(value).encode()


_FILES: Final = {
    "roots.json": _text(_ROOTS),
    "customer-0.json": _text(_CUSTOMERS[0]),
    "customer-3.json": _text(_CUSTOMERS[3]),
    "path.json": _text(_PATHS[1]),
}


def _listed(*names: str) -> str:
    files = (f'{{file: {name}, sha256: "{hashlib.sha256(_FILES[name]).hexdigest()}"}}' for name in names)
    return f"[{', '.join(files)}]"


OWED: Final = Golden(
    claim(
        "BTC ETH USDT",
        f"""\
liabilities:
  BTC:
    amount: "{strip(sum(_HELD, start=Decimal(0)))}"
    proof: {{scheme: swissborg, symbol: XBT, files: {_listed("roots.json", "customer-0.json", "customer-3.json")}}}
  ETH: {{amount: "{strip(sum(_HELD, start=Decimal(0)))}", proof: {{of: BTC}}}}
  USDT:
    amount: "{_ROOT["balances"]["USDT"]}"
    proof: {{scheme: okx-merkle-v1, root: "{_ROOT["hash"]}", files: {_listed("path.json")}}}
holdings:
  - {{asset: BTC, account: 3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd}}
  - {{asset: [ETH, USDT], account: "0x{"0a" * 20}"}}
""",
    ),
    [agreed(9 * 10**8), agreed(10**24), agreed(10**19)],
    [BITCOIN_BLOCK, ETHEREUM_BLOCK],
    files=_FILES,
)
"""Of two coins customers found themselves below a root, which has another name of one; of a third one path is shown."""
