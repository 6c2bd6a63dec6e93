"""An auditor's working paper: check an attestation, then look behind its figures. Run it whole, or cell by cell (# %%).

    python examples/auditor.py FOLDER

FOLDER holds claim.yaml, attestation.dsse.json, evidence.csv.gz (and witness.bin, where there is one) and the public
key, auditor.pub. Nothing is asked of any node. Amounts are Fractions of whole coins and ints of atoms, never floats.
"""

# %% What is looked at
from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import defaultdict
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import scanner
from scanner.core.amounts import rounded_down

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
document = (folder / "attestation.dsse.json").read_bytes()
claim = scanner.load_claim(folder / "claim.yaml", revision=scanner.stated_revision(document))
key = scanner.load_public_key(folder / "auditor.pub")

# %% Does it hold? From here on, figures are those computed again from the evidence, and not those that were stated.
with ExitStack() as files:
    witness = folder / "witness.bin"
    shown = scanner.verify(
        document,
        claim,
        [key],
        files.enter_context((folder / "evidence.csv.gz").open("rb")),
        witness=files.enter_context(witness.open("rb")) if witness.exists() else None,
    )
print(f"{claim.exchange}, as of {claim.as_of:%Y-%m-%d %H:%M} UTC: {shown.verdict}")
print(f"signed by {', '.join(shown.keyids)}")

# %% Unit by unit. A ratio is exact until it is printed, and then cut.
for reserve in shown.finding.reserves:
    ratio = "not known" if reserve.ratio is None else f"{rounded_down(reserve.ratio * 100, 2)} %"
    gaps = f"{reserve.gaps} of {reserve.holdings} holdings are gaps"
    print(f"  {reserve.unit:6} {reserve.verdict:8} ratio {ratio}, {gaps}")

# %% The same sums once more, by hand, from the rows of the evidence: nothing of the package but the claim's decimals.
rows = list(csv.DictReader(io.StringIO(gzip.decompress((folder / "evidence.csv.gz").read_bytes()).decode())))
held: dict[str, Fraction] = defaultdict(Fraction)
for row in rows:
    if row["atoms"]:  # where it is empty the balance could not be established, which is not the same as zero
        asset = next(asset for asset in claim.assets.values() if str(asset.id) == row["asset"])
        held[asset.backs] += Fraction(int(row["atoms"]), 10**asset.decimals)
strict = shown.policy.require or shown.policy.require_ownership  # then weaker balances are not counted as held
for reserve in shown.finding.reserves:
    if not strict and held[reserve.unit] != reserve.held:
        raise SystemExit(f"{reserve.unit}: the rows come to {held[reserve.unit]}, and the finding says {reserve.held}")
print(f"the sums of {len(rows)} rows are those of the finding")

# %% What is missing, and why. A gap counts as nothing held, so a ratio can only be higher than it is stated.
for row in rows:
    if row["why"]:
        print(f"  {row['account']} of {row['asset']}: {row['why']}, {row['detail']}")

# %% Where the coins lie: the three largest accounts of each asset, and their share of it
by_asset: dict[str, list[tuple[int, str]]] = defaultdict(list)
for row in rows:
    by_asset[row["asset"]].append((int(row["atoms"] or 0), row["account"]))
for asset_id, accounts in by_asset.items():
    whole = sum(atoms for atoms, _ in accounts)
    for atoms, account in sorted(accounts, reverse=True)[:3]:
        if atoms:
            share = rounded_down(Fraction(atoms * 100, whole), 1)
            print(f"  {asset_id} {account}: {atoms} atoms, {share} % of what is held")
