"""`scanner check` before real nodes: a set-up that is fit, and ones that are not, each told with what to do."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from localnet.anvil import Anvil
from tests.support.real.scanner_runs import run_scanner
from tests.support.simulated.evm_worlds import behind
from tests.support.simulated.served import served
from tests.support.simulated.server import SimError

ACCOUNT = "0x" + "a1" * 20


@pytest.fixture(scope="module")
def node(node_programs: None) -> Iterator[Anvil]:
    with Anvil.start() as anvil:
        anvil.set_balances({ACCOUNT: 2 * 10**18})
        anvil.mine(30)
        yield anvil


@pytest.fixture(scope="module")
def full(node: Anvil) -> Iterator[str]:
    """The same chain as a full node has it: of old blocks it knows the header, and no state."""
    answer = behind(node)

    def newest_alone(method: str, params: list[Any]) -> Any:
        asked = [each["blockHash"] for each in params if isinstance(each, dict) and "blockHash" in each]
        block = answer("eth_getBlockByHash", [asked[0], False]) if asked else None
        if block is not None and int(block["number"], 16) < 10:
            raise SimError(-32000, "missing trie node 5a1b (path ) state 0x5a1b is not available, not found")
        return answer(method, params)

    with served(newest_alone) as url:
        yield url


@pytest.fixture(scope="module")
def without_proofs(node: Anvil) -> Iterator[str]:
    """The same node behind a gateway that does not let proofs through."""
    answer = behind(node)

    def refusing(method: str, params: list[Any]) -> Any:
        if method == "eth_getProof":
            raise SimError(-32601, "rpc method is not whitelisted")
        return answer(method, params)

    with served(refusing) as url:
        yield url


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """The URL of a port on which nobody answers, held so that nobody will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def urls(node: Anvil, full: str, silent: str, without_proofs: str) -> Mapping[str, str]:
    """Nodes by what they are."""
    return {"archive": node.url, "full": full, "silent": silent, "bare": without_proofs}


def check(
    folder: Path, urls: Sequence[str], height: int = 3, *, quorum: int = 2, command: str = "check"
) -> tuple[int, str]:
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
    done = run_scanner(folder, [command, "claim.yaml"])
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
    assert code == 0
    assert "note a node of gamma (line 1 of the nodes' file) cannot be used: UNREACHABLE" in told
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
    scanned, said = check(tmp_path, [node.url, node.url], quorum=3, command="scan")
    assert (code, scanned) == (3, 3), said
    assert "stop 2 of the 3 operators that the quorum demands (alpha, beta), and no node of your own" in told
    assert "fix what is marked stop" in told


def test_a_full_node_where_an_archive_is_needed_is_named_with_its_own_words(
    node: Anvil, full: str, tmp_path: Path
) -> None:
    named = "the node of beta (line 1 of the nodes' file) gives no balance at that block: NO_STATE, missing trie node"
    code, told = check(tmp_path, [full, full])
    assert code == 3
    assert f"gap {named}" in told
    assert "Too few are left: 1 holding would be a gap." in told
    assert "an archive node" in told
    code, told = check(tmp_path, [node.url, full])
    assert code == 0
    assert f"note {named}" in told
    assert "Proofs settle it: what is proven needs no quorum." in told


def test_a_node_without_proofs_is_named_and_leaves_no_gap(node: Anvil, without_proofs: str, tmp_path: Path) -> None:
    code, told = check(tmp_path, [without_proofs, without_proofs])
    assert code == 0
    assert "gives no proof at that block: UNSUPPORTED, rpc method is not whitelisted" in told
    assert "the finding says why" in " ".join(told.split())
    _, scanned = check(tmp_path, [without_proofs, without_proofs], command="scan")
    assert "UNSUPPORTED, a node does not serve proofs" in " ".join(scanned.split())


def at_block(params: list[Any]) -> str | None:
    """The hash of the block that a call names."""
    return next((each["blockHash"] for each in params if isinstance(each, dict) and "blockHash" in each), None)


def test_a_node_that_ignores_the_block_is_named(node: Anvil, tmp_path: Path) -> None:
    answer = behind(node)

    def newest(method: str, params: list[Any]) -> Any:
        return answer(method, ["latest" if at_block([each]) else each for each in params])

    with served(newest) as url:
        code, told = check(tmp_path, [node.url, node.url, url])
    assert code == 0
    assert (
        "note a node of gamma (line 1 of the nodes' file) cannot be used: UNSUPPORTED, eth_getBalance answers" in told
    )
    assert "hashes are ignored" in told


def test_a_plan_that_excludes_the_past_is_named_in_the_provider_s_own_words(node: Anvil, tmp_path: Path) -> None:
    answer, old = behind(node), node.block(3).hash
    text = "Access to archival, debug, or trace data is not included in your current plan"

    def on_a_plan(method: str, params: list[Any]) -> Any:
        if at_block(params) == old:
            raise SimError(-32002, text)
        return answer(method, params)

    with served(on_a_plan) as url:
        code, told = check(tmp_path, [url, url])
    assert code == 3
    for place in ("alpha (line 1", "beta (line 1"):
        assert f"gap the node of {place} of the nodes' file) gives no balance at that block: NO_STATE, {text}" in told
    assert "or its plan excludes the past" in told
    assert "password" not in told


@pytest.mark.parametrize(
    "operators",
    [
        "archive archive silent",
        "archive silent",
        "archive full",
        "archive archive full",
        "full full",
        "bare bare",
        "bare full",
    ],
)
def test_check_exits_as_the_scan_does(operators: str, urls: Mapping[str, str], tmp_path: Path) -> None:
    named = [urls[operator] for operator in operators.split()]
    checked, told = check(tmp_path, named)
    scanned, _ = check(tmp_path, named, command="scan")
    assert checked == scanned, told
