"""True attestations, for tests to spoil: a claim, what was read of it, and the two files that came of it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from Crypto.PublicKey import ECC
from nacl.signing import SigningKey

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, Key, Signer, read_envelope, write_envelope
from scanner.attesting.evidence_csv import decode, encode
from scanner.attesting.evidence_gzip import compress, decompress
from scanner.attesting.heard import HeardCounter
from scanner.attesting.run import Run
from scanner.attesting.signers import Ed25519Signer
from scanner.attesting.statement import statement_bytes
from scanner.attesting.verify import Verified, verify
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.amounts import parse_percent
from scanner.core.control import ChainsWord, Control
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.core.ids import AssetId, Chain
from scanner.core.sampling import Sample
from scanner.errors import Why
from scanner.history.keys import KeptKey
from scanner.proofs.witness import Witness, dump
from scanner.weighing.claim import Asset, Claim, Custody, Liability, StatedRatio
from scanner.weighing.holdings import ChainHeight, Holding, Holdings, holding_order
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh

BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
ETHEREUM = parse_chain("eip155:1")
BTC = Asset("BTC", parse_asset(f"{BITCOIN}/slip44:0"), "BTC", 8)
ETH = Asset("ETH", parse_asset(f"{ETHEREUM}/slip44:60"), "ETH", 18)
USDT = Asset("USDT-ERC20", parse_asset(f"{ETHEREUM}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"), "USDT", 6)

ALICE, BOB, CAROL = (bytes([digit]) * 20 for digit in (0x0A, 0x0B, 0x0C))
SCRIPT, OTHER_SCRIPT = (b"\x51\x20" + bytes([digit]) * 32 for digit in (0x01, 0x02))

MADE_BY = "0.1.0"  # the version of the scanner that attestations of tests name
AS_OF = datetime(2023, 11, 22, 16, tzinfo=UTC)
SCANNED_AT = datetime(2023, 11, 23, 9, 30, 1, tzinfo=UTC)
SNAPSHOTS = (
    Snapshot(BITCOIN, 817_900, "00" * 8 + "5a" * 24, "00" * 8 + "59" * 24, datetime(2023, 11, 22, 15, 50, tzinfo=UTC)),
    Snapshot(ETHEREUM, 18_600_000, "0x" + "1f" * 32, "0x" + "1e" * 32, datetime(2023, 11, 22, 15, 59, 59, tzinfo=UTC)),
)


def stated(text: str) -> StatedRatio:
    return StatedRatio(text, *parse_percent(text))


def a_claim(**changes: Any) -> Claim:
    """Bitcoin, ether and a token; what `held` says of it covers all three."""
    holdings = (
        Holding(BTC.id, SCRIPT, 60_00000000),
        Holding(BTC.id, OTHER_SCRIPT),
        Holding(ETH.id, ALICE),
        Holding(ETH.id, BOB, 7 * 10**18),
        Holding(USDT.id, ALICE),
        Holding(USDT.id, BOB),
        Holding(USDT.id, CAROL),
    )
    claim = Claim(
        exchange="Example Exchange",
        as_of=AS_OF,
        assets={asset.id: asset for asset in (BTC, ETH, USDT)},
        liabilities={
            "BTC": Liability("BTC", Fraction(100), stated("103%")),
            "ETH": Liability("ETH", Fraction("7.5")),
            "USDT": Liability("USDT", Fraction(1_000_000), stated("102%")),
        },
        holdings=Holdings.of(sorted(holdings, key=lambda holding: holding_order(holding.asset, holding.account))),
        digest=hashlib.sha256(b"the claim's file").hexdigest(),
        snapshots={BITCOIN: 817_900},
        custody=(Custody("BTC", Fraction("5.25"), "A Custodian"),),
    )
    if "holdings" in changes:
        changes["holdings"] = Holdings.of(changes["holdings"])
    return replace(claim, **changes)


def agreed(atoms: int, *operators: str) -> Balance:
    return Balance(atoms, Basis.QUORUM, operators or ("alpha", "beta"))


def held(**changes: Outcome) -> dict[tuple[AssetId, bytes], Outcome]:
    """What was established of each holding of `a_claim`, by default all of it."""
    outcomes: dict[str, Outcome] = {
        "btc": agreed(60_00000000),
        "btc_other": agreed(43_12345678),
        "eth_alice": agreed(1),
        "eth_bob": agreed(7_730_000_000_000_000_000),
        "usdt_alice": agreed(1_020_000_000_000),
        "usdt_bob": agreed(0),
        "usdt_carol": agreed(123_456, "alpha", "beta", "gamma"),
    }
    places = [
        (BTC.id, SCRIPT),
        (BTC.id, OTHER_SCRIPT),
        (ETH.id, ALICE),
        (ETH.id, BOB),
        (USDT.id, ALICE),
        (USDT.id, BOB),
        (USDT.id, CAROL),
    ]
    return dict(zip(places, (outcomes | changes).values(), strict=True))


def blocks_by(as_of: datetime) -> tuple[Snapshot, ...]:
    """The blocks of `SNAPSHOTS`, as long before this moment as those are before `AS_OF`."""
    return tuple(replace(each, time=each.time + (as_of - AS_OF)) for each in SNAPSHOTS)


def placed(claim: Claim, snapshots: Sequence[Snapshot] | None = None) -> dict[ChainHeight, Snapshot]:
    """Each block where the claim has something compared at its height, else where it has its chain weighed."""
    elsewhere = claim.compared_elsewhere()
    return {
        place if (place := (block.chain, block.height)) in elsewhere else claim.weighed_at(block.chain): block
        for block in (blocks_by(claim.as_of) if snapshots is None else snapshots)
    }


NOTHING_TO_PROVE = Proving(sample=Sample(0))
TIMED_OUT = Gap(Why.UNREACHABLE, "1 of 2 operators answered (alpha); beta: UNREACHABLE, timed out")


def a_signer(seed: int) -> Ed25519Signer:
    key = ECC.construct(curve="Ed25519", seed=bytes([seed]) * 32)  # type: ignore[arg-type]  # its stubs are wrong
    return Ed25519Signer.of(key)


EXCHANGE, AUDITOR, STRANGER = a_signer(1), a_signer(2), a_signer(3)


def public_pem(signer: Ed25519Signer) -> str:
    return ECC.import_key(signer.public.spki).export_key(format="PEM") + "\n"


@dataclass(frozen=True, slots=True)
class Seal:
    """An Ed25519 key by libsodium, twenty times as fast: for tests in which signatures are beside the point."""

    secret: bytes

    @property
    def public(self) -> Seal:
        return self

    @property
    def spki(self) -> bytes:
        return bytes.fromhex("302a300506032b6570032100") + bytes(self._key.verify_key)

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.spki).hexdigest()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature

    def verify(self, message: bytes, signature: bytes) -> bool:
        return KeptKey(self.spki).verify(message, signature)

    @property
    def _key(self) -> SigningKey:
        return SigningKey(hashlib.sha256(self.secret).digest())


@dataclass(frozen=True, slots=True)
class Attested:
    """The files of an attestation, with what a verifier brings of his own."""

    claim: Claim
    envelope: bytes
    evidence: bytes
    keys: tuple[Key, ...]
    signers: tuple[Signer, ...]
    witness: bytes | None = None

    def verify(self, policy: Policy | None = None) -> Verified:
        witness = None if self.witness is None else io.BytesIO(self.witness)
        evidence = io.BytesIO(self.evidence)
        return verify(self.envelope, self.claim, self.keys, evidence, witness=witness, policy=policy)

    @property
    def statement(self) -> dict[str, Any]:
        statement: dict[str, Any] = json.loads(read_envelope(self.envelope).payload)
        return statement

    @property
    def lines(self) -> list[bytes]:
        return list(decompress([self.evidence]))

    @property
    def rows(self) -> list[EvidenceRow]:
        return list(decode(self.lines))

    def with_statement(self, change: Callable[[dict[str, Any]], object], *, sign: bool) -> Attested:
        """The statement changed, and either signed again by the same keys or left with the old signatures."""
        statement = self.statement
        change(statement)
        return self.with_payload(canonical.encode(statement), sign=sign)

    def with_payload(self, payload: bytes, *, sign: bool) -> Attested:
        envelope = Envelope(payload, read_envelope(self.envelope).signatures)
        if sign:
            for signer in self.signers:
                envelope = envelope.signed(signer)
        return replace(self, envelope=write_envelope(envelope))

    def with_evidence(self, evidence: bytes, *, sign: bool) -> Attested:
        """Another evidence file, and either a statement that names it, signed again, or the old one."""
        changed = replace(self, evidence=evidence)
        if not sign:
            return changed
        digest = hashlib.sha256(evidence).hexdigest()

        def name_it(statement: dict[str, Any]) -> None:
            statement["subject"][1]["digest"]["sha256"] = digest
            statement["predicate"]["run"]["evidence"] = f"sha256:{digest}"

        return changed.with_statement(name_it, sign=True)

    def with_witness(self, witness: bytes, *, sign: bool) -> Attested:
        """Another witness file, and either a statement that names it, signed again, or the old one."""
        changed = replace(self, witness=witness)
        if not sign:
            return changed
        digest = hashlib.sha256(witness).hexdigest()

        def name_it(statement: dict[str, Any]) -> None:
            statement["subject"][2]["digest"]["sha256"] = digest
            statement["predicate"]["run"]["witness"] = f"sha256:{digest}"

        return changed.with_statement(name_it, sign=True)

    def with_lines(self, lines: Sequence[bytes], *, sign: bool) -> Attested:
        return self.with_evidence(b"".join(compress(lines)), sign=sign)


def _alone(outcome: Outcome) -> tuple[str, ...]:
    return outcome.operators if isinstance(outcome, Balance) and outcome.basis is Basis.OWN else ()


def elsewhere(
    claim: Claim, holding: Holding, blocks: Mapping[ChainHeight, str], found: Mapping[tuple[AssetId, bytes], int]
) -> Elsewhere | None:
    place = claim.compared_at(holding)
    if place is None:
        return None
    block = blocks.get(place, "")
    return Elsewhere(block, found.get((holding.asset, holding.account)) if block else None)


def attest(
    outcomes: Mapping[tuple[AssetId, bytes], Outcome] | None = None,
    *,
    claim: Claim | None = None,
    policy: Policy | None = None,
    snapshots: Sequence[Snapshot] | None = None,
    operators: Mapping[Chain, tuple[str, ...]] | None = None,
    signers: Sequence[Ed25519Signer | Seal] = (EXCHANGE,),
    scanned_at: datetime | None = None,
    proving: Proving = NOTHING_TO_PROVE,
    witness: Witness | None = None,
    controls: Mapping[tuple[AssetId, bytes], Control] | None = None,
    owners: Mapping[tuple[AssetId, bytes], ChainsWord] | None = None,
    own: Sequence[str] | None = None,
    found: Mapping[tuple[AssetId, bytes], int] | None = None,
) -> Attested:
    """The attestation that follows from these outcomes: true in every point, if they and what is said of control are.

    `controls` and `owners` are ABSENT and none where they are left out; `own` are all operators of a balance that is
    called their own. `found` is what accounts held where their amounts are claimed, if that is elsewhere; of a holding
    that is left out there nothing was established.
    """
    claim, policy, outcomes = claim or a_claim(), policy or Policy(), held() if outcomes is None else outcomes
    if operators is None:
        operators = dict.fromkeys(claim.chains, ("alpha", "beta", "gamma"))
    pinned = placed(claim, snapshots)
    blocks = {place: snapshot.hash for place, snapshot in pinned.items()}
    rows = [
        EvidenceRow(
            holding.asset,
            holding.account,
            blocks.get(claim.place_of(holding), ""),
            outcomes[holding.asset, holding.account],
            holding.claimed,
            (controls or {}).get((holding.asset, holding.account), Control.ABSENT),
            (owners or {}).get((holding.asset, holding.account)),
            elsewhere(claim, holding, blocks, found or {}),
            holding.tolerance,
            holding.height,
        )
        for holding in claim.holdings
    ]
    evidence = b"".join(compress(encode(rows)))
    proofs = None if witness is None else b"".join(dump(witness))
    named = None if proofs is None else hashlib.sha256(proofs).hexdigest()
    owned = {name for row in rows for name in _alone(row.outcome)} if own is None else set(own)
    scanned_at = scanned_at or claim.as_of + (SCANNED_AT - AS_OF)
    heard = HeardCounter()
    for _ in heard.listen(parts_of(rows)):
        pass
    digest = hashlib.sha256(evidence).hexdigest()
    run = Run(scanned_at, MADE_BY, operators, digest, named, own=tuple(sorted(owned)), heard=heard.counts())
    envelope = Envelope(statement_bytes(weigh(claim, pinned, rows, policy, proving), run))
    for signer in signers:
        envelope = envelope.signed(signer)
    keys = tuple(signer.public for signer in signers)
    return Attested(claim, write_envelope(envelope), evidence, keys, tuple(signers), proofs)
