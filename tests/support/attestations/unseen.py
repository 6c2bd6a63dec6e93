"""Attestations drawn by chance: a claim, what operators said of its holdings, and the policy under which it is weighed.

They are written by the library and need not hold: what is believed of a row may rest on too few, or on no one. What two
verifiers say of them must be alike. No balance is proven here, and no file is read.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha3_256, sha256
from pathlib import Path
from typing import Final, TypeVar

from scanner.chains.accounts import account_text
from scanner.chains.names import parse_asset
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import AtLeast, Word
from scanner.core.shows import Shows
from scanner.errors import Why
from scanner.proofs.control import Proof
from scanner.sources.addresses import load_claim
from scanner.weighing.control.recognise import judged
from scanner.weighing.policy import Dissent, Policy
from tests.support import proof_signing as sign
from tests.support.attestations.golden_cases import Golden
from tests.support.attestations.refused import Files
from tests.support.golden_attestations import files_of

T = TypeVar("T")

_AS_OF: Final = datetime(2023, 11, 22, 16, tzinfo=UTC)
_OPERATORS: Final = ("alpha", "beta", "delta", "gamma")
_ASSETS: Final = {
    "BTC": ("bip122:000000000019d6689c085ae165831e93/slip44:0", "BTC", 8),
    "LTC": ("bip122:12a765e31ffd4059bada1e25190f6e98/slip44:2", "LTC", 8),
    "ETH": ("eip155:1/slip44:60", "ETH", 18),
    "ETH-ARBITRUM": ("eip155:42161/slip44:60", "ETH", 18),
    "USDT": ("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", "USDT", 6),
    "SOME": ("eip155:1/erc20:0xcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "ETH", 18),
    "APT": ("aptos:1/slip44:637", "APT", 8),
    "XRP": ("xrpl:0/slip44:144", "XRP", 6),
}
_STRANGE: Final = {
    "bip122": [b"\x6a\x01\x02", sign.p2pkh(bytes(20)), bytes.fromhex("51024e73"), b"\x51\x20" + b"\x07" * 32],
    "eip155": [bytes(20), bytes(19) + b"\x05", bytes.fromhex("dac17f958d2ee523a2206206994597c13d831ec7")],
    "aptos": [bytes(32), bytes(31) + b"\x0a", b"\x05" * 32],
    "xrpl": [bytes(20), b"\x05" * 20],
}
_LOST: Final = (Why.UNREACHABLE, Why.NO_QUORUM, Why.DISAGREEMENT, Why.NO_STATE, Why.UNSUPPORTED, Why.WRONG_DECIMALS)


def unseen(luck: random.Random) -> Files:
    """The files of one of so many."""
    text = _claim(luck)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claim.yaml"
        path.write_text(text)
        claim = load_claim(path)
    shown = judged(claim)
    controls, owners = dict(enumerate(shown.words)), {}
    snapshots = [_block(luck, chain, claim.snapshots.get(chain)) for chain in claim.chains if luck.random() < 0.9]
    read = {snapshot.chain for snapshot in snapshots}
    for position, question in shown.waiting.items():
        if claim.holdings[position].asset.chain in read and luck.random() < 0.8:
            owners[position] = _owners(luck, question.signers)
            controls[position] = shown.where_named(position, owners[position])
    quorum = luck.choice([1, 2, 2, 3])
    return files_of(
        Golden(
            text,
            [_outcome(luck, holding.asset, quorum, lost=holding.asset.chain not in read) for holding in claim.holdings],
            snapshots,
            policy=_policy(luck, sorted(claim.liabilities), quorum),
            operators=_OPERATORS,
            own=tuple(sorted(luck.sample(_OPERATORS, luck.choice([0, 0, 1])))),
            controls=controls,
            owners=owners,
        )
    )


def _claim(luck: random.Random) -> str:
    labels = luck.sample(sorted(_ASSETS), luck.choice([1, 2, 3]))
    units = sorted({_ASSETS[label][1] for label in labels})
    chains = sorted({_ASSETS[label][0].partition("/")[0] for label in labels})
    lines = ["version: 1", "exchange: Example Exchange", f"as_of: {_AS_OF:%Y-%m-%dT%H:%M:%SZ}"]
    lines += luck.choice([[], [f"challenge: {json.dumps(sign.MESSAGE)}"]])
    lines += luck.choice([[], [], ["complete: false"]])
    named = {chain: luck.randrange(10**6, 10**7) for chain in chains if luck.random() < 0.3}
    lines += [f"snapshots: {json.dumps(named)}"] if named else []
    lines += ["assets:"]
    for label in labels:
        name, unit, decimals = _ASSETS[label]
        lines += [f"  {label}: {{id: {json.dumps(name)}, backs: {unit}, decimals: {decimals}}}"]
    lines += ["liabilities:"]
    for unit in units:
        owed = luck.choice(["null", '"0"', f'"{luck.randrange(1, 9)}"', '"0.25"'])
        printed = luck.choice(["", "", f", stated_ratio: {luck.choice(['100%', '99.5%', '400%'])}"])
        lines += [f"  {unit}: {{amount: {owed}{printed}}}"]
    held = [f"  - {each}" for label in labels for each in _holdings(luck, label)]
    lines += ["holdings:", *held] if held else ["holdings: []"]
    return "\n".join([*lines, ""])


def _holdings(luck: random.Random, label: str) -> list[str]:
    asset = parse_asset(_ASSETS[label][0])
    space, found = asset.chain.namespace, {}
    for number in range(1, luck.choice([1, 3, 5])):
        proof = _proof(luck, asset.chain, number)
        found[proof.account] = f", ownership: {_published(luck, proof)}" if luck.random() < 0.5 else ""
    found |= dict.fromkeys(luck.sample(_STRANGE[space], luck.choice([0, 0, 1])), "")
    amount = luck.choice(["", ', amount: "1"', ', amount: "0.5"'])
    accounts = {account_text(asset.chain, account): more for account, more in found.items()}
    return [f"{{asset: {label}, account: {json.dumps(text)}{amount}{more}}}" for text, more in accounts.items()]


def _proof(luck: random.Random, chain: Chain, number: int) -> Proof:
    message = luck.choice([sign.MESSAGE, "an older message"])
    match chain.namespace:
        case "eip155":
            return luck.choice([sign.eip191, sign.okx_evm])(number, message)
        case "bip122":
            return sign.bip137(number, message, chain=chain)
        case "aptos":
            key = sign.ed25519_public(number)
            return sign.okx_ed25519(chain, f"0x{sha3_256(key + bytes(1)).hexdigest()}", number, message)
        case _:
            digest = sign.hash160(sign.public(number))
            return sign.okx_ecdsa(chain, account_text(chain, digest), number, message)


def _published(luck: random.Random, proof: Proof) -> str:
    signatures = [*proof.signatures]
    if luck.random() < 0.15:
        signatures[0] = luck.choice([signatures[0][:-2], signatures[0][:-1] + "!", "0x" + "11" * 65])
    named = {"message": proof.message, "signatures": signatures}
    named |= {"scheme": proof.scheme} if luck.random() < 0.5 else {}
    named |= {"key": proof.public_key} if proof.public_key else {}
    return json.dumps(named)


def _block(luck: random.Random, chain: Chain, named: int | None) -> Snapshot:
    height = luck.randrange(10**6, 10**7) if named is None else named
    later = luck.choice([-90_000, -30_000, -5_000, -1, 0, *([] if named is None else [1, 8_000])])
    return Snapshot(chain, height, _hash(chain, height), _hash(chain, height - 1), _AS_OF + timedelta(seconds=later))


def _hash(chain: Chain, height: int) -> str:
    digits = sha256(f"{chain} {height}".encode()).hexdigest()
    if chain.namespace == "xrpl":
        return digits.upper()
    return digits if chain.namespace == "bip122" else f"0x{digits}"


def _owners(luck: random.Random, signers: Sequence[bytes]) -> ContractOwners:
    known = sorted({*signers, b"\x99" * len(signers[0])})
    return luck.choice(
        [ContractOwners(), ContractOwners(owner=luck.choice(known)), ContractOwners(tuple(known), luck.choice([1, 2]))]
    )


def _outcome(luck: random.Random, asset: AssetId, quorum: int, *, lost: bool) -> Outcome:
    if lost or luck.random() < 0.15:
        said = () if lost else _said(luck, luck.sample(_OPERATORS, luck.choice([0, 1, 3])), 7)
        return Gap(luck.choice(_LOST), luck.choice(["", "no answer", 'an answer, "again"']), said)
    coin = 10 ** next(decimals for name, _, decimals in _ASSETS.values() if name == str(asset))
    atoms, at_least = luck.choice([0, 1, coin, 3 * coin, 1234567891]), luck.random() < 0.15
    operators = sorted(luck.sample(_OPERATORS, luck.choice([1, 2, 2, 3])))
    others = [name for name in _OPERATORS if name not in operators and luck.random() < 0.2]
    word: Word = AtLeast(atoms) if at_least else atoms
    dissent = tuple(each for each in _said(luck, others, atoms) if not _supports(each[1], word))
    basis = Basis.QUORUM if len(operators) >= quorum else Basis.OWN
    return Balance(atoms, basis, tuple(operators), dissent, at_least=at_least)


def _said(luck: random.Random, names: Sequence[str], near: int) -> tuple[tuple[str, Word], ...]:
    return tuple(
        (name, luck.choice([AtLeast, int])(luck.choice([0, near, near + 1, max(near - 1, 0)])))
        for name in sorted(names)
    )


def _supports(said: Word, believed: Word) -> bool:
    if isinstance(believed, int):
        return said == believed
    return (said if isinstance(said, int) else said.atoms) >= believed.atoms


def _policy(luck: random.Random, units: Sequence[str], quorum: int) -> Policy:
    def of(words: Sequence[T]) -> dict[str, T]:
        return {unit: luck.choice(words) for unit in units if luck.random() < 0.2}

    return Policy(
        quorum,
        Fraction(luck.choice(["1", "1.02", "0.5"])),
        luck.choice([Dissent.GAP, Dissent.RECORD]),
        of([Basis.PROVEN, Basis.QUORUM]),
        luck.choice([None, None, Control.SHOWN, Control.REPLAYABLE]),
        frozenset(luck.choice([[], [parse_asset(_ASSETS["SOME"][0])]])),
        require_liabilities=of([Shows.INCLUDED, Shows.TOTAL_PROVEN]),
        accept=frozenset(luck.sample(units, luck.choice([0, 1]))),
    )
