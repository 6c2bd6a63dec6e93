"""The parsers of files that come from outside, as targets of `fuzz`: each with inputs that it takes as they are.

Seeds are of our own making: the samples that tests read, small archives of them, and true attestations. A target writes
no file but in the folder that it is given.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from scanner.attesting.envelope import read_envelope
from scanner.attesting.ethereum_keys import read_ethereum_key
from scanner.attesting.evidence_csv import MAX_LINE_BYTES, EvidenceError, decode
from scanner.attesting.evidence_gzip import decompress
from scanner.attesting.onchain import check_onchain, named_signers, sign_onchain
from scanner.attesting.signers import load_public_key, load_signer
from scanner.attesting.statement import read_statement
from scanner.attesting.verify import verify
from scanner.core.columns import Accounts
from scanner.core.evidence import Balance, Basis, Batch, Gap
from scanner.core.outcomes import Outcomes
from scanner.errors import AttestationInvalid, InputError, Why
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import load
from scanner.scanning import journal_record
from scanner.scanning.events import ignore
from scanner.scanning.journal import Journal
from scanner.sources.addresses import read_claim
from scanner.sources.nodes import load_instrument
from scanner.sources.policy import load_policy
from scanner.sources.published import read_published
from scanner.weighing.control.recognise import control_of
from tests.support.attestations.attested import ALICE, ETH, EXCHANGE, SNAPSHOTS, Attested, attest, public_pem
from tests.support.attestations.attested_proofs import attest_proven
from tests.support.attestations.small import CLAIM

Run = Callable[[bytes, random.Random], object]

SAMPLES: Final = Path(__file__).parents[1] / "tests" / "vectors" / "published"
# Gone with the process: what lies about in memory for ever is removed by somebody, once while it is in use.
_FOLDER: Final = tempfile.TemporaryDirectory(
    prefix="fuzz-",
    dir="/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
    ignore_cleanup_errors=True,
)
FOLDER: Final = Path(_FOLDER.name)

NODES: Final = b"""\
policy: {quorum: 2, threshold: "1.02", dissent: record, require: {BTC: quorum}, require_ownership: shown}
prove: 1000
nodes:
  - {url: "evm+https://user:${SECRET}@one.example/v2/${KEY}", chain: "eip155:1", operator: one}
  - {url: "evm+http://127.0.0.1:8545", chain: "eip155:1", operator: self, own: true, max_in_flight: 8, timeout: 5}
  - {url: "bitcoind+http://[::1]:8332", operator: two}
"""
POLICY: Final = b'policy: {quorum: 3, threshold: "1.02", require: {USDT: proven}, max_skew: 90min}\n'


@dataclass(frozen=True, slots=True)
class Target:
    """What is called with mutated input. `seeds`: inputs that it takes as they are; `allowed`: what it may raise."""

    seeds: tuple[bytes, ...]
    run: Run
    allowed: tuple[type[Exception], ...]


JOURNAL_KEY: Final = bytes(range(32))
BATCH: Final = Batch(SNAPSHOTS[1], ETH.id, Accounts([ALICE]))


def targets() -> dict[str, Target]:
    """By name."""
    plain, proven = attest(), attest_proven()
    samples = {path.name: path.read_bytes() for path in sorted(SAMPLES.iterdir())}
    tables = tuple(data for name, data in samples.items() if name.endswith(".csv"))
    of_ether = tuple(data for data in tables if b"ETH,ETH," in data)
    documents = tuple(data for name, data in samples.items() if name.endswith(".yaml"))
    opened = [read_envelope(each.envelope).payload for each in (plain, proven)]
    form = sign_onchain(opened[0], [AUDITOR])
    return {
        "file table": Target((*tables, *(_semicolons(each) for each in tables[:3]), *HEADS), published, (InputError,)),
        "file document": Target(documents, published, (InputError,)),
        "file archive": Target(tuple(archives(samples)), published, (InputError,)),
        "file claim": Target((CLAIM.encode(), claim_of_file(of_ether[-1])), claim, (InputError,)),
        "file claim of a file": Target(of_ether, claim_with, (InputError,)),
        "file nodes": Target((NODES,), instrument, (InputError,)),
        "file policy": Target((POLICY,), policy, (InputError,)),
        "file envelope": Target((plain.envelope, proven.envelope), of(read_envelope), (ValueError,)),
        "file statement": Target(tuple(opened), of(read_statement), (ValueError,)),
        "file evidence": Target((plain.evidence, proven.evidence), evidence, (EvidenceError,)),
        "file evidence unpacked": Target((gzip.decompress(proven.evidence),), evidence_text, (EvidenceError,)),
        "file witness": Target((proven.witness or b"",), witness, (ProofError,)),
        "file on-chain form": Target((form,), onchain(opened[0]), (ValueError, AttestationInvalid)),
        "file key": Target((public_pem(EXCHANGE).encode(),), key, (InputError,)),
        "file journal": Target((journal_seed(),), journal, (InputError,)),
        "file journal record": Target(journal_records(), of(journal_record.decode), (ValueError, KeyError, TypeError)),
        "attestation envelope": Target((plain.envelope,), verified(plain, "envelope"), (AttestationInvalid,)),
        "attestation evidence": Target((plain.evidence,), verified(plain, "evidence"), (AttestationInvalid,)),
        "attestation witness": Target((proven.witness or b"",), verified(proven, "witness"), (AttestationInvalid,)),
    }


AUDITOR: Final = read_ethereum_key("01" * 32, "the key that everybody knows")
HEADS: Final = (
    b"coin,snapshot height,amount\nETH(ALL),-,6\nETH,7, 5.2834\n\ncoin,Network,Snapshot Height,address,amount,message,"
    b"signature1\nETH,ETH,7,0x1111111111111111111111111111111111111101,5.28344,m,\nTotal,,,,5.28344,,\nRows: 1\n",
    b"Coin\tChain\tAddress\tBalance\r\nETH\tETH\t0x1111111111111111111111111111111111111101\t1.5e-7\r\n",
    b"\xef\xbb\xbfasset;network;address;amount\rETH;ERC20;0x1111111111111111111111111111111111111101;1,5\r",
)


def of(parse: Callable[[bytes], object]) -> Run:
    return lambda data, _luck: parse(data)


def published(data: bytes, _luck: random.Random) -> object:
    """Read as `import` does, to its last row."""
    path = FOLDER / "okx_por_20260601.csv"
    path.write_bytes(data)
    found = read_published(path)
    rows = sum(1 for _ in found)
    if rows != found.account.accepted or found.account.read != rows + sum(found.account.refused.values()):
        raise AssertionError("rows read are not rows accepted and rows refused")
    return found.not_understood, found.flaws, found.misfits


def claim(data: bytes, _luck: random.Random) -> object:
    return read_claim(FOLDER / "claim.yaml", data)


def claim_of_file(table: bytes) -> bytes:
    """A claim that refers to a table, which lies beside it."""
    (FOLDER / "table.csv").write_bytes(table)
    digest = hashlib.sha256(table).hexdigest()
    head = 'version: 1\nexchange: "X"\nas_of: 2026-06-01T00:00:00Z\nliabilities: {ETH: "1"}\nholdings:\n'
    return f'{head}  - {{file: table.csv, layout: auto, sha256: "{digest}"}}\n'.encode()


def claim_with(data: bytes, _luck: random.Random) -> object:
    """A table, read through a claim that refers to it: what it holds becomes holdings, and its proofs are judged."""
    read = read_claim(FOLDER / "claim.yaml", claim_of_file(data))
    proven = (holding for holding in read.claim.holdings if holding.ownership is not None)
    judged = [control_of(holding, "challenge") for holding in islice(proven, 5)]
    return read.losses, read.claim.by_place(), judged


def instrument(data: bytes, _luck: random.Random) -> object:
    path = FOLDER / "nodes.yaml"
    path.write_bytes(data)
    return load_instrument(path, {"SECRET": "hidden", "KEY": "hidden"})


def policy(data: bytes, _luck: random.Random) -> object:
    path = FOLDER / "policy.yaml"
    path.write_bytes(data)
    return load_policy(path)


def evidence(data: bytes, _luck: random.Random) -> object:
    return sum(1 for _ in decode(decompress([data])))


def evidence_text(data: bytes, _luck: random.Random) -> object:
    return sum(1 for _ in decode(line for line in io.BytesIO(data[: 2**20 + MAX_LINE_BYTES])))


def witness(data: bytes, _luck: random.Random) -> object:
    return len(load(io.BytesIO(data)))


def onchain(statement: bytes) -> Run:

    def run(data: bytes, _luck: random.Random) -> object:
        return named_signers(data), check_onchain(data, statement, [AUDITOR.address])

    return run


def key(data: bytes, luck: random.Random) -> object:
    path = FOLDER / "key.pem"
    path.write_bytes(data)
    path.chmod(0o600)
    return load_public_key(path) if luck.random() < 0.5 else load_signer(path)


def journal_records() -> tuple[bytes, ...]:
    """Batches as a journal keeps them: balances, and a gap."""
    balances = Outcomes(
        [Balance(7, Basis.PROVEN, ("beta",), (("alpha", 8),)), Balance(2**200, Basis.QUORUM, ("a", "b"))]
    )
    batches = balances, Outcomes([Gap(Why.UNREACHABLE, "timed out", (("alpha", 7),), 8)])
    return tuple(map(journal_record.encode, batches))


def journal_seed() -> bytes:
    """A journal of one batch."""
    path = FOLDER / "seed.journal"
    path.unlink(missing_ok=True)
    with Journal(path, [JOURNAL_KEY]) as begun:
        begun.begin("a plan", {}, ignore)
        begun.keep(BATCH, Outcomes([Balance(7, Basis.QUORUM, ("a", "b"))]))
    return path.read_bytes()


def journal(data: bytes, _luck: random.Random) -> object:
    path = FOLDER / "scan.journal"
    path.write_bytes(data)
    with Journal(path, [JOURNAL_KEY]) as opened:
        opened.begin("a plan", {}, ignore)
        return opened.find(BATCH)


def verified(attested: Attested, part: str) -> Run:
    """A true attestation, of which one part is exchanged. No part is changed and still holds, but in its layout."""

    def run(data: bytes, _luck: random.Random) -> object:
        parts = {"envelope": attested.envelope, "evidence": attested.evidence, "witness": attested.witness or b""}
        parts[part] = data
        return verify(
            parts["envelope"],
            attested.claim,
            attested.keys,
            io.BytesIO(parts["evidence"]),
            witness=io.BytesIO(parts["witness"]) if attested.witness is not None else None,
        )

    return run


def archives(samples: dict[str, bytes]) -> Iterator[bytes]:
    """Small archives of every kind, with bystanders."""
    some = {name: samples[name] for name in ("okx_11.csv", "binance_hotcold.csv", "bitmex.yaml")}
    some |= {".DS_Store": b"\0\0\0\1Bud1", "report.pdf": b"%PDF-1.7", "README.txt": b"hello", "p.csv.gz": _gz(HEADS[0])}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as packed:
            for name, data in some.items():
                packed.writestr(name, data)
        yield file.getvalue()
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=form) as tar:
            for name, data in {**some, f"{'long' * 20}/{'name' * 20}.csv": HEADS[1]}.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        yield file.getvalue()
        yield _gz(file.getvalue())
    yield _gz(samples["okx_9.csv"])
    yield b"PK\x03\x04" + struct.pack("<H", 20) + b"\0" * 40


def _gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _semicolons(data: bytes) -> bytes:
    return data.replace(b",", b";")
