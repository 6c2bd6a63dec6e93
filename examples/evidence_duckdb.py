"""The evidence in DuckDB: exact sums over any number of rows, set beside what the attestation says.

    pip install duckdb
    python examples/evidence_duckdb.py FOLDER

FOLDER holds claim.yaml, attestation.dsse.json and evidence.csv.gz. The queries are examples/evidence.sql's. Whether the
attestation holds is not looked at here: `scanner verify` does that.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from fractions import Fraction
from pathlib import Path

import duckdb

import scanner

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
queries = Path(__file__).with_name("evidence.sql").read_text()
document = (folder / "attestation.dsse.json").read_bytes()
claim = scanner.load_claim(folder / "claim.yaml", revision=scanner.stated_revision(document))
payload = base64.b64decode(json.loads(document)["payload"])
finding = json.loads(payload)["predicate"]["finding"]

os.chdir(folder)  # the queries name the file as it lies there
with duckdb.connect() as database:
    database.execute(queries)
    rows = database.execute("select asset, holdings, gaps, atoms, proven from held").fetchall()

held: dict[str, Fraction] = {}
assets = {str(asset.id): asset for asset in claim.assets.values()}
for asset_id, holdings, gaps, atoms, proven in rows:
    asset = assets[asset_id]
    coins = Fraction(int(atoms), 10**asset.decimals)  # atoms are text until here
    held[asset.backs] = held.get(asset.backs, Fraction(0)) + coins
    print(f"{asset.label:12} {holdings} holdings, {gaps} gaps, {atoms} atoms, {proven} of them proven")

for reserve in finding["reserves"]:
    found, stated = held.get(reserve["unit"], Fraction(0)), Fraction(reserve["held"])
    print(f"{reserve['unit']:12} {'as stated' if found == stated else f'{found - stated} more than stated'}")
