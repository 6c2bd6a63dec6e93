"""reserve-scanner: `EvmNode.read` of one batch (way "read"); a whole `scanner.scan` without proofs (way "scan"); and
all that a user gets (way "attested"): the scan with its journal, the evidence written and signed, and verified from
there.
"""

from __future__ import annotations

import secrets
import tempfile
from datetime import UTC, datetime
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from Crypto.PublicKey import ECC

import scanner
from bench.peer_scripts.job import IN_FLIGHT, Job, Read, run
from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.signers import Ed25519Signer
from scanner.attesting.statement import EVIDENCE
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Batch
from scanner.core.node_settings import NodeSettings
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy

CHAIN = parse_chain("eip155:1")


async def reader(job: Job) -> tuple[Read, Read | None]:
    asset = parse_asset("eip155:1/slip44:60" if job.token is None else f"eip155:1/erc20:{job.token}")
    accounts = tuple(bytes.fromhex(account[2:]) for account in job.accounts)
    settings = NodeSettings("evm", job.url, "bench", CHAIN, max_in_flight=IN_FLIGHT)
    if job.way in ("scan", "attested"):
        unit = "ETH" if job.token is None else "USDT"
        declared = Asset(unit, asset, unit, 18 if job.token is None else 6)
        claim = Claim(
            exchange="bench",
            as_of=datetime.fromtimestamp(job.time, UTC),
            assets={asset: declared},
            liabilities={unit: Liability(unit, Fraction(1))},
            holdings=Holdings.of(Holding(asset, account) for account in sorted(accounts)),
            digest="00" * 32,
            snapshots={CHAIN: job.height},
        )
        instrument = Instrument(Policy(quorum=1), (settings,), prove=0)

        async def scan() -> list[int]:
            if job.way == "scan":
                finding = (await scanner.scan(claim, instrument)).finding
            else:
                finding = await attested(claim, instrument)
            (reserve,) = finding.reserves
            atoms = reserve.held * 10**declared.decimals
            if atoms.denominator != 1:
                raise SystemExit("a total that is no whole number of atoms")
            return [int(atoms)]

        return scan, None

    node = EvmNode(settings)
    await node.open()
    batch = Batch(await node.block_at(job.height), asset, accounts)

    async def read() -> list[int]:
        reading = await node.read(batch)
        if reading.gaps:
            raise SystemExit("a balance is missing")
        return list(reading.amounts())

    async def close() -> list[int]:
        await node.close()
        return []

    return read, close


async def attested(claim: Claim, instrument: Instrument) -> scanner.Finding:
    """What `scanner scan --out --key` does: the finding, as it follows from the files that were written."""
    signer = Ed25519Signer.of(ECC.generate(curve="Ed25519"))
    with tempfile.TemporaryDirectory() as folder:
        with scanner.Journal(Path(folder) / "scan.journal", [secrets.token_bytes(32)]) as journal:
            result = await scanner.scan(claim, instrument, journal=journal)
        files = {}

        def create(name: str) -> BinaryIO:
            files[name] = (Path(folder) / name).open("w+b")
            return files[name]

        scanner.attest_into(create, result, [signer])
        for file in files.values():
            file.seek(0)
        shown = scanner.verify(files[ATTESTATION].read(), claim, [signer.public], files[EVIDENCE])
        for file in files.values():
            file.close()
    return shown.finding


if __name__ == "__main__":
    run(version("reserve-scanner"), "hash", reader)
