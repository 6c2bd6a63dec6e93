"""The golden attestation of a scan between two reports, against what was owed at the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from tests.support.attestations.golden_cases import BITCOIN_BLOCK, ETHEREUM_BLOCK, Golden, agreed, claim

MOMENT: Final = datetime(2023, 11, 23, 9, 0, tzinfo=UTC)  # half an hour before the scan's end

BETWEEN_REPORTS: Final = Golden(
    claim(
        "BTC ETH",
        """\
liabilities: {BTC: {amount: "100", stated_ratio: 103%}, ETH: "9"}
custody:
  - {unit: ETH, amount: "0.5", custodian: "Some Custodian"}
holdings:
  - {asset: BTC, account: 3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd, amount: "103"}
  - {asset: ETH, account: "0x0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", amount: "9"}
""",
        more='snapshots: {"bip122:000000000019d6689c085ae165831e93": 817900}\n',
    ),
    [agreed(100_00000000), agreed(8 * 10**18)],
    [
        replace(BITCOIN_BLOCK, height=817_990, time=datetime(2023, 11, 23, 8, 1, tzinfo=UTC)),
        replace(ETHEREUM_BLOCK, height=18_605_000, time=datetime(2023, 11, 23, 9, 1, 11, tzinfo=UTC)),
    ],
    at=MOMENT,
)
"""BTC is COVERED; ETH, of which there is less than was owed, is UNKNOWN and never SHORT."""
