"""Two exchanges on one real node, of which each is covered on its own day by coins that lie with the other on the
other's: what a single report shows, what a series around it shows, and what both show together.

Nothing here judges: every file is written by the scanner, run as a user would.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from localnet.anvil import Anvil

NAMES: Final = ("Pier (demo)", "Quay (demo)")
CLAIMS: Final = ("pier.yaml", "quay.yaml")
SCANS: Final = ("pier", "quay")  # the folders of their attestations
AROUND: Final = "around"  # the folder of the series of the first
TOGETHER: Final = "together"

_BLOCK: Final = 60  # seconds
_DAYS: Final = (60, 120)  # the heights of the two claims' blocks
_HEIGHT: Final = 200
_OWED: Final = 1_000  # ETH, by each
_OWN: Final = 930
_LENT: Final = 100  # lies with the one whose day it is
_LENT_FOR: Final = 20  # blocks before that block, and after it
_ACCOUNTS: Final = ("0x" + "a1" * 20, "0x" + "b2" * 20)
_BOTH: Final = "0x" + "c3" * 20  # both declare it
_SHARED: Final = 5
_NODES: Final = 'policy: {{quorum: 1}}\nnodes:\n  - {{url: "evm+{url}", chain: "eip155:1", operator: alpha}}\n'


def write(folder: Path, before: datetime, key: Path) -> None:
    """Claims, attestations, a series and what both hold together, all signed with a key. The chain ends an hour before
    a moment. Raises CalledProcessError where the scanner does."""
    folder.mkdir(parents=True, exist_ok=True)
    genesis = before - timedelta(hours=1, seconds=_HEIGHT * _BLOCK)
    with Anvil.start(args=["--timestamp", str(int(genesis.timestamp()))]) as anvil:
        moments = _planted(anvil)
        for name, claim, account, moment in zip(NAMES, CLAIMS, _ACCOUNTS, moments, strict=True):
            (folder / claim).write_text(_claim(name, moment, account))
        (folder / "nodes.yaml").write_text(_NODES.format(url=anvil.url))
        signed = ("--nodes", "nodes.yaml", "--key", str(key.absolute()), "--prove", "none")
        for claim, out in zip(CLAIMS, SCANS, strict=True):
            _scanner(folder, "scan", claim, "--out", out, *signed)
        _scanner(folder, "series", CLAIMS[0], "--around", "50m", "--every", "5m", "--out", AROUND, *signed)
        _scanner(folder, "scan", *CLAIMS, "--together", "--out", TOGETHER, *signed, expected=(0, 1))


def _planted(anvil: Anvil) -> list[datetime]:
    """The chain, block by block; the moments of both days."""
    moments = []
    own = [_OWN - _SHARED] * 2
    anvil.set_balances({**dict(zip(_ACCOUNTS, _wei(own), strict=True)), _BOTH: _SHARED * 10**18})
    height = 0
    for which, day in enumerate(_DAYS):
        height = _mined(anvil, height, day - _LENT_FOR)
        held = [amount + (_LENT if number == which else 0) for number, amount in enumerate(own)]
        anvil.set_balances(dict(zip(_ACCOUNTS, _wei(held), strict=True)))
        height = _mined(anvil, height, day)
        latest = anvil.rpc("eth_getBlockByNumber", "latest", False)
        moments.append(datetime.fromtimestamp(int(latest["timestamp"], 16), UTC))
        height = _mined(anvil, height, day + _LENT_FOR)
        anvil.set_balances(dict(zip(_ACCOUNTS, _wei(own), strict=True)))
    _mined(anvil, height, _HEIGHT)
    return moments


def _mined(anvil: Anvil, height: int, to: int) -> int:
    anvil.rpc("anvil_mine", hex(to - height), hex(_BLOCK))
    return to


def _wei(amounts: Sequence[int]) -> list[int]:
    return [amount * 10**18 for amount in amounts]


def _claim(name: str, moment: datetime, account: str) -> str:
    return (
        f'version: 1\nexchange: "{name}"\nas_of: {moment:%Y-%m-%dT%H:%M:%SZ}\nassets:\n'
        '  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}\n'
        f'liabilities: {{ETH: "{_OWED}"}}\n'
        f'holdings:\n  - {{asset: ETH, accounts: ["{account}", "{_BOTH}"]}}\n'
    )


def _scanner(folder: Path, *arguments: str, expected: Sequence[int] = (0,)) -> None:
    print(f"\n$ scanner {' '.join(each for each in arguments)}", flush=True)
    argv = [sys.executable, "-m", "scanner", *arguments]
    done = subprocess.run(argv, cwd=folder, env=dict(os.environ), check=False)
    if done.returncode not in expected:
        raise subprocess.CalledProcessError(done.returncode, argv)
