"""The test oracle for Bitcoin: what every scriptPubKey held at a height, without any code of the scanner.

Bitcoin Knots writes the set of unspent outputs of a past block itself. Where the node is a Bitcoin Core, whose dump is
in a format of its own, the chain is replayed block by block instead; the tests show that both give the same.

Not in here: anything fast. Replaying is for chains of some hundred blocks.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from localnet.errors import NodeFailed
from localnet.rpc import JsonRpc

MAX_SCRIPT_BYTES = 10_000  # a longer script can never be satisfied; Bitcoin Core does not keep such outputs
OP_RETURN = "6a"


def utxos_by_dump(rpc: JsonRpc, height: int, folder: Path) -> dict[str, int]:
    """scriptPubKey (hex) -> satoshi at `height`, as the node (Bitcoin Knots) dumps it into a file in `folder`."""
    path = folder / f"utxos-{height}.csv"
    path.unlink(missing_ok=True)
    options = {"rollback": height, "format": ["scriptPubKey", "value"], "show_header": False}
    written = rpc.call("dumptxoutset", str(path), "rollback", options)
    held: defaultdict[str, int] = defaultdict(int)
    rows = 0
    with path.open(newline="") as lines:
        for script, value in csv.reader(lines):
            held[script] += int(value)
            rows += 1
    if (rows, written["base_height"]) != (written["coins_written"], height):
        raise NodeFailed(f"the dump has {rows} rows at height {written['base_height']}, wanted was height {height}")
    return dict(held)


def utxos_by_replay(rpc: JsonRpc, height: int) -> dict[str, int]:
    """scriptPubKey (hex) -> satoshi at `height`, from all blocks after the first, whose output cannot be spent."""
    unspent: dict[tuple[str, int], tuple[str, int]] = {}
    for number in range(1, height + 1):
        block = rpc.call("getblock", rpc.call("getblockhash", number), 2)
        for transaction in block["tx"]:
            for spent in transaction["vin"]:
                if "txid" in spent:
                    del unspent[spent["txid"], spent["vout"]]
            for output in transaction["vout"]:
                script = output["scriptPubKey"]["hex"]
                if not script.startswith(OP_RETURN) and len(script) <= 2 * MAX_SCRIPT_BYTES:
                    unspent[transaction["txid"], output["n"]] = (script, satoshi(output["value"]))
    held: defaultdict[str, int] = defaultdict(int)
    for script, value in unspent.values():
        held[script] += value
    return dict(held)


def satoshi(bitcoin: Decimal | int) -> int:
    """An amount as the RPC writes it, in whole satoshi."""
    return int(Decimal(bitcoin).scaleb(8))
