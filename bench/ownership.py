"""How many published proofs of control are checked a second, by scheme, in this process and in several.

    python -m bench.ownership [proofs]        2,000 of each scheme; of those in plain Python as many as take seconds

Each proof is of another account and by another key, as rows of a file that names no scheme, so recognising the scheme
is part of what is measured: `eip191` rows fail under okx-evm first. `pool` is the wall-clock rate of `check_proofs`
with as many processes as there are processors, their start included. The last line is a file of mixed rows.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scanner.core import base58
from scanner.core.ids import AssetId, Chain
from scanner.proofs.control import NotShown, Proof
from scanner.scanning.control import check_proofs
from scanner.weighing.control.recognise import verdicts_of
from scanner.weighing.holdings import Holding, Ownership
from tests.support import proof_signing as sign

VECTORS = json.loads((Path(__file__).parents[1] / "tests" / "vectors" / "okx_signatures.json").read_text())
BIP322 = json.loads((Path(__file__).parents[1] / "tests" / "vectors" / "bip322.json").read_text())


def two_of_three(number: int) -> Proof:
    script = sign.multisig(2, [sign.public(number + step) for step in range(3)])
    return sign.bip137_of(script, (number, number + 2))


def solana(number: int) -> Proof:
    return sign.okx_ed25519(sign.SOLANA, base58.encode(sign.ed25519_public(number)), number)


def oktc(number: int) -> Proof:
    return sign.okx_ecdsa(sign.OKTC, "0x" + sign.evm_address(number).hex(), number)


def owned(number: int) -> Proof:
    owner = sign.hexed(sign.evm_address(number))
    return replace(sign.okx_evm(number), account=b"\xc0" + number.to_bytes(19), owners=(owner,))


def validator(_: int) -> Proof:
    vector = VECTORS["bls"]
    return Proof("bls", sign.ETHEREUM, bytes.fromhex(vector["account"][2:]), vector["message"], (vector["signature"],))


def simple_bip322(number: int) -> Proof:
    from scanner.chains.accounts import account_key

    message, _, address, signature = BIP322["simple"][number % len(BIP322["simple"])]
    return Proof("bip322", sign.BITCOIN, account_key(sign.BITCOIN, address), message, (signature,))


MADE: dict[str, Callable[[int], Proof]] = {
    "okx-evm": sign.okx_evm,
    "okx-evm, an owner's": owned,
    "eip191": sign.eip191,
    "okx-ecdsa": oktc,
    "tron": sign.tron,
    "bip137": sign.bip137,
    "bip137, 2 of 3": two_of_three,
    "okx-utxo-hex": sign.okx_utxo_hex,
    "bip322": simple_bip322,
    "okx-ed25519": solana,
    "okx-eos": sign.okx_eos,
    "bls": validator,
}
SLOW = {"bls": 3}
MIXED = ("okx-ed25519", "okx-evm", "tron", "okx-evm", "bip137, 2 of 3")


def holding(proof: Proof, number: int) -> Holding:
    """A row of its own, even where the proof is one that others have: the asset is another one."""
    asset = AssetId(Chain(proof.chain.namespace, proof.chain.reference), "slip44", str(number))
    return Holding(asset, proof.account, ownership=Ownership(
        "", proof.message, proof.signatures, proof.public_key, proof.owners
    ))  # fmt: skip


def alone(holdings: list[Holding]) -> float:
    """Proofs a second of processor time, in this process."""
    started = time.process_time()
    verdicts = verdicts_of(holdings, sign.MESSAGE)
    spent = time.process_time() - started
    failed = [verdict for verdict in verdicts if isinstance(verdict, NotShown)]
    if failed:
        sys.exit(f"{len(failed)} proofs do not hold: {failed[0]}")
    return len(holdings) / spent


def together(holdings: list[Holding], processes: int) -> float:
    """Proofs a second on the clock, in several processes, their start included."""
    started = time.perf_counter()
    asyncio.run(check_proofs(holdings, sign.MESSAGE, processes=processes))
    return len(holdings) / (time.perf_counter() - started)


def main(count: int) -> None:
    processes = os.cpu_count() or 1
    print(f"{'scheme':<22}{'proofs':>9}{'a second':>12}{'us each':>12}")
    made: dict[str, list[Holding]] = {}
    for scheme, make in MADE.items():
        size = min(count, SLOW.get(scheme, count))
        made[scheme] = [holding(make(number), number) for number in range(1, size + 1)]
        verdicts_of(made[scheme][:1], None)  # libraries are imported when first used
        rate = alone(made[scheme])
        print(f"{scheme:<22}{size:>9,}{rate:>12,.0f}{1e6 / rate:>12,.0f}", flush=True)
    mixed = [row for rows in zip(*(made[scheme] for scheme in MIXED), strict=True) for row in rows]
    print(f"\n{'mixed rows':<22}{len(mixed):>9,}{alone(mixed):>12,.0f} a second in this process (processor time)")
    for several in sorted({1, processes}):
        rate = together(mixed, several)
        print(f"{'':<22}{len(mixed):>9,}{rate:>12,.0f} a second by check_proofs in {several} (wall clock)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
