"""What proving costs: the same accounts scanned without and with state proofs on one anvil, then verified offline.

    python -m bench.prove_scan [ACCOUNTS ...]

What a user would use instead is a scan that believes what it reads: it stands in the first column. Per line: seconds of
the scan without and with proofs and their ratio, proofs fetched and checked a second, bytes of witness an account,
proofs walked again a second by `verify`. anvil builds its whole state trie anew for each eth_getProof, so the time with
proofs grows with the square of the accounts here; nodes that keep a trie on disk do not do that.
"""

from __future__ import annotations

import asyncio
import io
import random
import sys
import time
from datetime import UTC, datetime
from fractions import Fraction

from Crypto.PublicKey import ECC

import scanner
from localnet.anvil import Anvil
from scanner.attesting.signers import Ed25519Signer
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.node_settings import NodeSettings
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy

CHAIN = parse_chain("eip155:1")
ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
_DEFAULT = (1_000, 2_000)


def measure(count: int) -> str:
    """One line of the table."""
    rng = random.Random(count)
    accounts = sorted(rng.randbytes(20) for _ in range(count))
    with Anvil.start() as anvil:
        anvil.set_balances({f"0x{account.hex()}": rng.randrange(1, 10**20) for account in accounts})
        block = anvil.seal()
        claim = Claim(
            exchange="bench",
            as_of=datetime.fromtimestamp(block.time, UTC),
            assets={ETH.id: ETH},
            liabilities={"ETH": Liability("ETH", Fraction(1))},
            holdings=Holdings.of(Holding(ETH.id, account) for account in accounts),
            digest="00" * 32,
            snapshots={CHAIN: block.height},
        )
        node = NodeSettings("evm", anvil.url, "anvil", CHAIN)
        without, read = _timed(claim, Instrument(Policy(quorum=1), (node,), prove=0))
        proving, proven = _timed(claim, Instrument(Policy(quorum=1), (node,)))
    (reserve,) = proven.finding.reserves
    if reserve.held != read.finding.reserves[0].held or proven.finding.proving.unproven:
        raise RuntimeError("not everything was proven, or not as it was read")
    signer = Ed25519Signer.of(ECC.generate(curve="Ed25519"))
    attestation = scanner.attest(proven, [signer])
    witness = attestation.witness or b""
    started = time.perf_counter()
    evidence, proofs = io.BytesIO(attestation.evidence), io.BytesIO(witness)
    scanner.verify(attestation.document, claim, [signer.public], evidence, witness=proofs)
    verifying = time.perf_counter() - started
    return (
        f"{count:>9,} {without:>9.2f} {proving:>9.2f} {proving / without:>7.1f}x {count / proving:>12,.0f}"
        f" {len(witness) / count:>12,.0f} {count / verifying:>12,.0f}"
    )


def _timed(claim: Claim, instrument: Instrument) -> tuple[float, scanner.Scan]:
    started = time.perf_counter()
    result = asyncio.run(scanner.scan(claim, instrument))
    return time.perf_counter() - started, result


if __name__ == "__main__":
    print(" accounts   without      with   ratio     proofs/s  witness B/a    verify/s")
    for size in map(int, sys.argv[1:]) if len(sys.argv) > 1 else _DEFAULT:
        print(measure(size), flush=True)
