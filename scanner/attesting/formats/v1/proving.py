"""What a predicate says of proofs, as JSON values and back: what they rest on, how rows are drawn, which operators they
deny.

Field by field: docs/predicate.md. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.attesting.times import read_time, written_time
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.sampling import Draw, Sample
from scanner.weighing.contradiction import Contradicted
from scanner.weighing.proving import Cause, Proving, WithoutProof


def write_proving(proving: Proving) -> dict[str, Any]:
    """`finding.proving`. Raises ValueError for a time without a zone."""
    return {
        "layouts": {str(asset): name for asset, name in proving.layouts.items()},
        "unproven": {str(asset): [cause.value for cause in each.causes] for asset, each in proving.unproven.items()},
        "sample": None if proving.sample is None else _sample(proving.sample, proving.draws),
    }


def write_contradicted(each: Contradicted) -> dict[str, Any]:
    """One of `finding.contradicted`."""
    return {
        "on": str(each.scope),
        "certain": each.certain,
        "proofs": each.proofs,
        "contradicting": each.false,
        "operators": list(each.operators),
    }


def read_proving(finding: Mapping[str, Any]) -> Proving:
    """What a finding of the right shape says that its proofs rest on. Raises ValueError for an asset that is none, and
    for two blocks of one chain."""
    proving = finding["proving"]
    sample = proving["sample"]
    return Proving(
        layouts={parse_asset(asset): name for asset, name in proving["layouts"].items()},
        unproven={
            parse_asset(asset): WithoutProof(tuple(map(Cause, causes))) for asset, causes in proving["unproven"].items()
        },
        sample=None if sample is None else Sample(sample["size"], sample["nonce"], _blocks(sample["blocks"])),
        draws={
            parse_asset(asset): Draw(each["certain"], each["draws"], int(each["among"]))
            for asset, each in ({} if sample is None else sample["draws"]).items()
        },
    )


def _sample(sample: Sample, draws: Mapping[AssetId, Draw]) -> dict[str, Any]:
    return {
        "size": sample.size,
        "nonce": sample.nonce,
        "blocks": [
            {
                "chain": str(chain),
                "height": block.height,
                "hash": block.hash,
                "parent": block.parent,
                "time": written_time(block.time),
            }
            for chain, block in sorted(sample.blocks.items())
        ],
        "draws": {
            str(asset): {"certain": each.certain, "draws": each.draws, "among": str(each.among)}
            for asset, each in draws.items()
        },
    }


def _blocks(stated: list[dict[str, Any]]) -> dict[Chain, Snapshot]:
    blocks = {}
    for each in stated:
        chain = parse_chain(each["chain"])
        blocks[chain] = Snapshot(chain, each["height"], each["hash"], each["parent"], read_time(each["time"]))
    if len(blocks) != len(stated):
        raise ValueError("two blocks of one chain for one seed")
    return blocks
