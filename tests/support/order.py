"""The order in which test files are begun: where several workers share them, what is begun last has to be short.

Otherwise one worker is left alone with a long file while the others have nothing to do. So the files stand first that
take longest in full strength, then those that wait for other programs, then unit tests, of many cases before few. No
test may depend on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

from tests.support.places import ROOT

LONGEST: Final = (
    "nodes/test_hostile_workers.py",
    "nodes/test_jobs.py",
    "processes/test_streams.py",
    "nodes/test_cluster.py",
    "contract/test_hostile_nodes.py",
    "nodes/test_readme.py",
    "nodes/test_big_files.py",
    "nodes/test_scan_command.py",
    "nodes/test_check_command.py",
    "contract/test_electrum_contract.py",
    "contract/test_bitcoin_contract.py",
    "browser/test_recomputed.py",
    "unit/scanning/test_lying_panels.py",
    "unit/scanning/test_paced_scan.py",
    "unit/attesting/test_second_verifier.py",
    "unit/weighing/test_ratio.py",
    "unit/weighing/test_coins_over_time.py",
    "unit/chains/evm/execution/test_against_revm.py",
    "unit/proofs/liabilities/test_zkmerkle.py",
    "unit/docs/test_schemas.py",
)
"""Below tests/, as `pytest -n 0 --durations=100` shows them."""

_WAITING: Final = ("nodes", "browser", "processes", "contract")
TESTS: Final = ROOT / "tests"


class _Item(Protocol):
    @property
    def path(self) -> Path: ...


def in_order(paths: Iterable[Path]) -> Callable[[_Item], tuple[int, int, int, str]]:
    """The key to sort tests by that lie in `paths`, one for each test: tests of one file stay together and in order."""
    ranks = {path: (*_place(path), -count, str(path)) for path, count in Counter(paths).items()}
    return lambda item: ranks[item.path]


def _place(path: Path) -> tuple[int, int]:
    name = path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else ""
    folder = name.partition("/")[0]
    longest = LONGEST.index(name) if name in LONGEST else len(LONGEST)
    return longest, _WAITING.index(folder) if folder in _WAITING else len(_WAITING)
