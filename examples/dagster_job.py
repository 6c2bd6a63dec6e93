"""The monthly scan in Dagster: an attestation as an asset, a check for each demand, retries where they can help.

    pip install dagster
    dagster dev -f examples/dagster_job.py

Where claim, nodes and key lie is set by the run's config; what a scan's exit codes mean is in `pipeline.py`. Dagster
reads annotations when it is loaded, so this file does not postpone them.
"""

import sys
from pathlib import Path

import dagster as dg

sys.path.insert(0, str(Path(__file__).parent))
from pipeline import Mistaken, Unfinished, run_scan


class Places(dg.Config):
    """Where things are."""

    claim: str = "claim.yaml"
    nodes: str = "nodes.yaml"
    key: str = "auditor.pem"
    out: str = "out"


@dg.asset(
    check_specs=[dg.AssetCheckSpec("covered", asset="attestation"), dg.AssetCheckSpec("complete", asset="attestation")],
)
def attestation(context: dg.AssetExecutionContext, config: Places) -> dg.MaterializeResult:
    """The signed attestation in the folder `out`, and its figures as metadata: decimal texts, never floats."""
    try:
        scanned = run_scan(Path(config.claim), Path(config.nodes), Path(config.out), Path(config.key))
    except Unfinished as gaps:
        raise dg.RetryRequested(max_retries=3, seconds_to_wait=600) from gaps
    except Mistaken as mistake:
        raise dg.Failure(str(mistake), allow_retries=False) from mistake
    short = [reserve["unit"] for reserve in scanned.reserves if reserve["verdict"] == "SHORT"]
    gaps = sum(reserve["gaps"] for reserve in scanned.reserves)
    context.log.info("verdict %s", scanned.predicate["finding"]["verdict"])
    figures = {reserve["unit"]: f"held {reserve['held']}, ratio {reserve['ratio']}" for reserve in scanned.reserves}
    return dg.MaterializeResult(
        metadata=figures,
        check_results=[
            dg.AssetCheckResult(check_name="covered", passed=not short, metadata={"short": short}),
            dg.AssetCheckResult(check_name="complete", passed=gaps == 0, metadata={"gaps": gaps}),
        ],
    )


monthly = dg.define_asset_job("monthly_scan", selection=[attestation])
definitions = dg.Definitions(
    assets=[attestation], jobs=[monthly], schedules=[dg.ScheduleDefinition(job=monthly, cron_schedule="0 6 2 * *")]
)
