"""`scanner check` before real nodes: a set-up that is fit, and ones that are not, each told with what to do."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localnet.anvil import Anvil

ACCOUNT = "0x" + "a1" * 20


@pytest.fixture(scope="module")
def node(node_programs: None) -> Iterator[Anvil]:
    with Anvil.start() as anvil:
        anvil.mine(5)
        yield anvil


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """The URL of a port on which nobody answers, held so that nobody will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def check(folder: Path, urls: Sequence[str], height: int = 3, *, quorum: int = 2) -> tuple[int, str]:
    """The exit code, and what was printed as one line of words."""
    (folder / "claim.yaml").write_text(
        f"""\
version: 1
exchange: Example Exchange
as_of: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}
snapshots: {{"eip155:1": {height}}}
assets: {{ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}}}
liabilities: {{ETH: "1"}}
holdings: [{{asset: ETH, account: "{ACCOUNT}"}}]
"""
    )
    nodes = [
        {"url": f"evm+{url}/?n={number}", "chain": "eip155:1", "operator": name}
        for number, (name, url) in enumerate(zip(("alpha", "beta", "gamma"), urls, strict=False))
    ]
    (folder / "nodes.yaml").write_text(json.dumps({"policy": {"quorum": quorum, "threshold": "1"}, "nodes": nodes}))
    argv = [sys.executable, "-m", "scanner", "check", "claim.yaml"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_a_fit_set_up_is_ready(node: Anvil, tmp_path: Path) -> None:
    code, told = check(tmp_path, [node.url, node.url])
    assert code == 0
    assert told.endswith("Ready: every chain has its block, and enough operators to agree on what it holds.")
    assert "ok block 3 0x" in told
    assert "as alpha, beta say" in told
    assert re.search(r"of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, (at|\d[^,]* (before|after)) as_of, as alpha, beta say", told)


def test_a_block_that_is_not_final_yet_is_told_with_when_to_come_again(node: Anvil, tmp_path: Path) -> None:
    head = node.head().height
    code, told = check(tmp_path, [node.url, node.url], height=head)
    assert code == 3
    assert (
        f"NOT_FINAL, block {head} may still be replaced, since the newest final one is {head - 2}; come again in"
        in told
    )
    assert check(tmp_path, [node.url, node.url], height=head - 2)[0] == 0


def test_a_node_that_does_not_answer_is_named_and_the_others_suffice(node: Anvil, silent: str, tmp_path: Path) -> None:
    code, told = check(tmp_path, [node.url, node.url, silent])
    assert code == 3
    assert "gap a node of gamma cannot be used: UNREACHABLE" in told
    assert "The others suffice for the quorum. -> See that the node runs and that its url is right" in told


def test_too_few_that_answer_make_no_quorum(node: Anvil, silent: str, tmp_path: Path) -> None:
    code, told = check(tmp_path, [node.url, silent])
    assert code == 3
    assert "gap no block to read at:" in told
    assert "Without one, its one holding would be a gap." in told


def test_a_height_that_no_node_has_yet_is_told_with_its_remedy(node: Anvil, tmp_path: Path) -> None:
    code, told = check(tmp_path, [node.url, node.url], height=1_000_000)
    assert code == 3
    assert "no block to read at: NOT_FINAL, 0 of 2 operators answered" in told
    assert "-> Wait until that block is there and final, or correct as_of, or the height under snapshots." in told


def test_too_few_operators_stop_it_before_any_is_asked(node: Anvil, tmp_path: Path) -> None:
    code, told = check(tmp_path, [node.url, node.url], quorum=3)
    assert code == 2
    assert "stop 2 of the 3 operators that the quorum demands (alpha, beta), and no node of your own" in told
    assert "mend what is marked stop" in told
