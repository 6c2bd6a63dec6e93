"""The months before the demo's own report, generated: written and signed as real attestations are, on evidence that no
node gave. Each says so in its notes, in its report's title and in the names of its operators.

Besides the demo's exchange there is a second one with everything that can happen to a history: a month without a
report, one that came late, a unit below 100 %, an outage, and accounts that the first exchange declares as well.

The same last claim and signer give the same bytes. No node and no clock is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final

from demo.chains import shares
from scanner.attesting.attestation import attestation_of
from scanner.attesting.envelope import Signer
from scanner.chains.accounts import account_text
from scanner.core.amounts import exact
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId, Chain
from scanner.core.sampling import Sample
from scanner.errors import Why
from scanner.proofs.witness import Witness
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Asset, Claim
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh

NOTE: Final = "Generated for the demo. No node was asked: the evidence behind these figures is made up."
SECOND: Final = "Harbour (generated)"

OPERATORS: Final = ("generated-1", "generated-2")
_UNITS: Final = ("BTC", "ETH", "USDT")
# Held of what is owed, in hundredths of a percent, the oldest month first.
_FIRST: Final = {
    "BTC": (10171, 10123, 10214, 10189, 10256, 10231, 10302, 10278, 10344, 10319, 10290, 10267, 10312),
    "ETH": (10302, 10287, 10251, 10266, 10224, 10239, 10207, 10218, 10190, 10204, 10231, 10259, 10281),
    "USDT": (10098, 10145, 10171, 10120, 10163, 10139, 10182, 10157, 10204, 10176, 10149, 10192, 10169),
}
_OTHER: Final = {
    "BTC": (10040, 10061, 10033, 10058, 10072, 10049, 10015, 10038, 10066, 10090, 10055, 10081, 10104),
    "ETH": (10211, 10150, 10104, 10052, 10007, 9819, 9907, 10012, 10049, 10093, 10128, 10160, 10141),
    "USDT": (10012, 10026, 10041, 10019, 10034, 10062, 10048, 10023, 10077, 10051, 10039, 10068, 10084),
}
_MISSING, _OUTAGE, _LATE = 3, 8, 10  # months of the second exchange
_SHARED_SINCE = 9


@dataclass(frozen=True, slots=True)
class Month:
    """One report to be generated."""

    exchange: str
    number: int  # 0 is the oldest
    as_of: datetime
    ratios: Mapping[str, int]
    accounts: Mapping[str, Sequence[bytes]]  # by namespace of the chain
    lost: str | None = None  # the namespace of a chain that no node answered for
    late: bool = False


def write(folder: Path, last: Claim, signer: Signer) -> Iterator[Path]:
    """All of them, each in a folder of its own with its claim; yields the folders, oldest month first."""
    for month in months(last):
        yield _write(folder, month, last, signer)


def months(last: Claim) -> Iterator[Month]:
    """The reports of both exchanges before the last claim's moment, and the second one's at that moment less a day."""
    count = len(_FIRST["BTC"])
    mine = {
        namespace: list(
            dict.fromkeys(each.account for each in last.holdings if each.asset.chain.namespace == namespace)
        )
        for namespace in ("bip122", "eip155")
    }
    for number in range(count):
        as_of = _months_before(last.as_of, count - number)
        retired = {namespace: _made_up("retired", namespace, 4 - number // 3) for namespace in mine}
        kept = {namespace: accounts[: len(accounts) - (count - number) // 5] for namespace, accounts in mine.items()}
        accounts = {namespace: [*kept[namespace], *retired[namespace]] for namespace in mine}
        ratios = {unit: _FIRST[unit][number] for unit in _UNITS}
        yield Month(last.exchange, number, as_of, ratios, accounts)
        if number == _MISSING:
            continue
        shared = mine["eip155"][:2] if number >= _SHARED_SINCE else []
        others = {"bip122": _made_up("other", "bip122", 5), "eip155": [*_made_up("other", "eip155", 6), *shared]}
        yield Month(
            SECOND,
            number,
            as_of - timedelta(days=1),
            {unit: _OTHER[unit][number] for unit in _UNITS},
            others,
            lost="bip122" if number == _OUTAGE else None,
            late=number == _LATE,
        )


def _write(folder: Path, month: Month, last: Claim, signer: Signer) -> Path:
    name = "first" if month.exchange == last.exchange else "second"
    target = folder / f"{month.as_of:%Y-%m}-{name}"
    target.mkdir(parents=True, exist_ok=True)
    (target / "claim.yaml").write_text(_claim(month, last))
    claim = load_claim(target / "claim.yaml")
    snapshots = {claim.place_of(holding): _block(claim.place_of(holding), month) for holding in claim.holdings}
    pinned = {place: block for place, block in snapshots.items() if place[0].namespace != month.lost}
    found = rows(claim, month, pinned)
    finding = weigh(claim, pinned, found, Policy(), Proving(sample=Sample(0)))
    after = timedelta(days=50 if month.late else 1)
    operators = dict.fromkeys(claim.chains, OPERATORS)
    attestation = attestation_of(
        *(finding, found, operators, Witness(), [signer]),
        scanned_at=month.as_of + after,
        scanner="demo",
        notes=[NOTE],
    )
    for file, content in attestation.files.items():
        (target / file).write_bytes(content)
    return target


def _claim(month: Month, last: Claim) -> str:
    """The claim's file, as the demo's own is written."""
    assets = [asset for asset in last.assets.values() if asset.backs in _UNITS]
    lines = [
        f"# {NOTE}",
        "version: 1",
        f'exchange: "{month.exchange}"',
        f'report: {{title: "Generated for the demo: {month.as_of:%B %Y}"}}',
        f"as_of: {month.as_of:%Y-%m-%dT%H:%M:%SZ}",
        "assets:",
        *(f'  {each.label}: {{id: "{each.id}", backs: {each.backs}, decimals: {each.decimals}}}' for each in assets),
        "liabilities:",
        *(f'  {unit}: {{amount: "{exact(_owed(unit, month, last))}"}}' for unit in _UNITS),
        "holdings:",
    ]
    for asset in assets:
        texts = ", ".join(f'"{account_text(asset.id.chain, account)}"' for account in _accounts(asset, month))
        lines.append(f"  - {{asset: {asset.label}, accounts: [{texts}]}}")
    return "\n".join(lines) + "\n"


def rows(claim: Claim, month: Month, pinned: Mapping[ChainHeight, Snapshot]) -> list[EvidenceRow]:
    """What no node said of each account: together, so much of what is owed as the month's ratios have it."""
    outcomes: dict[tuple[AssetId, bytes], Outcome] = {}
    for asset in claim.assets.values():
        owed = claim.liabilities[asset.backs].owed or Fraction(0)
        accounts = [holding.account for holding in claim.holdings if holding.asset == asset.id]
        total = owed * 10**asset.decimals * month.ratios[asset.backs] / 10_000
        for account, atoms in zip(accounts, shares(int(total), len(accounts)), strict=True):
            outcomes[asset.id, account] = Balance(atoms, Basis.QUORUM, OPERATORS)
    gap = Gap(Why.UNREACHABLE, "made up for the demo: no operator of this chain answered")
    return [
        EvidenceRow(
            holding.asset,
            holding.account,
            pinned[claim.place_of(holding)].hash if claim.place_of(holding) in pinned else "",
            outcomes[holding.asset, holding.account] if claim.place_of(holding) in pinned else gap,
            holding.claimed,
        )
        for holding in claim.holdings
    ]


def _owed(unit: str, month: Month, last: Claim) -> Fraction:
    """What is owed grows towards the last report's figure; the second exchange owes an eighth of it."""
    owed = last.liabilities[unit].owed or Fraction(0)
    grown = owed * (70 + 2 * month.number) / 100
    return grown if month.exchange == last.exchange else grown / 8


def _accounts(asset: Asset, month: Month) -> Sequence[bytes]:
    return month.accounts[asset.id.chain.namespace]


def _block(place: ChainHeight, month: Month) -> Snapshot:
    """A block that no chain has."""
    chain: Chain = place[0]
    prefix = "0x" if chain.namespace == "eip155" else ""
    digests = [hashlib.sha256(f"{chain} {month.as_of} {which}".encode()).hexdigest() for which in ("this", "parent")]
    return Snapshot(chain, month.number + 1, prefix + digests[0], prefix + digests[1], month.as_of)


def _made_up(seed: str, namespace: str, count: int) -> list[bytes]:
    """Accounts to which nobody has a key: a witness script hash, or an EVM account."""
    digests = (hashlib.sha256(f"{seed} {namespace} {number}".encode()).digest() for number in range(count))
    return [b"\x00\x20" + digest if namespace == "bip122" else digest[:20] for digest in digests]


def _months_before(moment: datetime, months: int) -> datetime:
    """The same hour so many months earlier, on the 28th at the latest."""
    month = moment.year * 12 + moment.month - 1 - months
    return moment.astimezone(UTC).replace(year=month // 12, month=month % 12 + 1, day=min(moment.day, 28))
