"""A golden attestation of chains that can be read only as they are: one in two passes, one not at all, and an account
that stands under both names of its ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from scanner.chains.names import parse_chain
from scanner.core.evidence import Balance, Gap, Snapshot
from scanner.core.two_passes import Between, BlockReading, TwoPasses
from scanner.errors import Why
from scanner.weighing.policy import Policy
from tests.support.attestations.golden_cases import Golden, agreed, claim

_TRON: Final = parse_chain("tron:728126428")
_TRON_AS_EVM: Final = parse_chain("eip155:728126428")
_SOLANA: Final = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
_ANNA, _BERT, _CARL = (f"0x{digit * 20}" for digit in ("0a", "0b", "0c"))
_FIRST: Final = datetime(2023, 11, 23, 9, 0, 0, tzinfo=UTC)
_HEIGHT: Final = 56_655_000  # of the first block that was read at


def _block(after: int) -> Snapshot:
    """A block of Tron, which has one every three seconds."""
    height = _HEIGHT + after
    return Snapshot(_TRON, height, _hash(height), _hash(height - 1), _FIRST + after * timedelta(seconds=3))


def _hash(height: int) -> str:
    return f"{height:016x}{'7d' * 24}"


def _read(after: int, balance: Balance) -> BlockReading:
    block = _block(after)
    return BlockReading(block.height, block.hash, balance)


_STILL: Final = TwoPasses(_read(0, agreed(5_000_000)), _read(12, agreed(5_000_000)))
_MOVED: Final = TwoPasses(_read(7, agreed(9_000_000)), _read(15, agreed(2_500_000, "beta", "gamma")))

TWO_PASSES: Final = Golden(
    claim(
        "",
        f"""\
liabilities: {{SOL: "1", TRX: "10"}}
holdings:
  - {{asset: TRX, accounts: ["{_ANNA}", "{_BERT}", "{_CARL}"]}}
  - {{asset: TRXEVM, account: "{_ANNA}"}}
  - {{asset: SOL, account: "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"}}
""",
        assets=f'  TRX: {{id: "{_TRON}/slip44:195", backs: TRX, decimals: 6}}\n'
        f'  TRXEVM: {{id: "{_TRON_AS_EVM}/slip44:195", backs: TRX, decimals: 6}}\n'
        f'  SOL: {{id: "{_SOLANA}/slip44:501", backs: SOL, decimals: 9}}\n',
        more=f'snapshots: {{"{_SOLANA}": 231600000}}\n',
    ),
    [
        agreed(4_000_000),
        Gap(Why.NO_PAST, "the claim names block 231600000, and such a chain can be read only as it is now"),
        Gap(Why.SAME_ACCOUNT, f"it stands as {_TRON_AS_EVM}:{_ANNA} too"),
        _STILL.balance,
        _MOVED.balance,
    ],
    [
        Snapshot(
            _TRON_AS_EVM, 56_634_597, "0x" + "6f" * 32, "0x" + "6e" * 32, datetime(2023, 11, 22, 15, 59, 57, tzinfo=UTC)
        ),
        _block(9),
    ],
    policy=Policy(max_skew=timedelta(days=1)),
    operators=("alpha", "beta", "gamma"),
    passes={3: _STILL, 4: _MOVED},
    between={_TRON: Between(_block(0), _block(15))},
)
"""Of three accounts of Tron one stood still, one moved between the passes, and one counts under the other name."""
