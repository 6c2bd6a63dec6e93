"""`scanner check --plan`: what a scan will ask, told before anything is, with the limits that are known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_chain
from scanner.chains.rehearsal import AskedOfNode
from scanner.cli.learnt_limits import Earlier, learnt
from scanner.cli.plan import seconds
from scanner.errors import InputError
from scanner.sources.presets import Limits
from tests.support.strength import examples

ONE, TWO = (f"0x{number:040x}" for number in (1, 2))
ETHEREUM = parse_chain("eip155:1")
CLAIM = f"""\
version: 1
exchange: Example
as_of: 2023-11-22T16:00:00Z
snapshots: {{"eip155:1": 18600000}}
assets:
  ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}
  USDT: {{id: "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", backs: USDT, decimals: 6}}
  X: {{id: "eip155:1/erc20:0x{"a1" * 20}", backs: X, decimals: 6}}
  NEAR: {{id: "near:mainnet/slip44:397", backs: NEAR, decimals: 24}}
liabilities: {{ETH: "1", USDT: "1", X: "1", NEAR: "1"}}
holdings:
  - {{asset: [ETH, USDT], accounts: ["{ONE}", "{TWO}"]}}
  - {{asset: X, account: "{ONE}"}}
  - {{asset: NEAR, account: exchangeacct.near}}
"""
NODES = """\
prove: 300
nodes:
  - {url: "evm+https://eth.drpc.org", chain: "eip155:1", operator: drpc.org}
  - {url: "evm+https://eth.other.example", chain: "eip155:1", operator: other.example}
"""
LOG = """\
not json
{"event": "node_opened", "chain": "eip155:1", "operator": "other.example", "ways": ["batch"]}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 1, "rate": 99.0}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 1, "rate": 12.5}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 2, "rate": 7.5}
{"event": "node_learnt", "chain": "eip155:1", "operator": "free.example", "node": 1, "rate": null}
{"event": "node_learnt", "chain": "nonsense", "operator": "other.example", "node": 1, "rate": 1.0}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 3, "rate": -1}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 4, "rate": "NaN"}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": Infinity, "rate": 1.0}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 5, "rate": NaN}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 6, "rate": 1e999}
{"event": "node_learnt", "chain": "eip155:1", "operator": "other.example", "node": 7, "rate": 1@}
["node_learnt"]
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claim.yaml").write_text(CLAIM)
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "log").write_text(LOG.replace("@", 400 * "0"))
    return command


def plan_of(run: Run, *argv: str) -> dict[str, Any]:
    code, told, error = run("check", "claim.yaml", "--offline", "--plan", "--json", *argv)
    assert (code, error) == (5, "")  # no kind of node reads NEAR
    found: dict[str, Any] = json.loads(told)["plan"]
    return found


def test_each_operator_has_its_requests_calls_bytes_and_units_step_by_step(run: Run) -> None:
    found = plan_of(run)
    (chain,) = found["chains"]
    assert (chain["chain"], chain["balances"], found["prove"], found["sample"]) == ("eip155:1", 5, 300, 300)
    assert chain["proofsNotIncluded"] == []
    drpc, other = chain["operators"]
    assert {*drpc["steps"]} == {"opening", "reading", "second", "prove_all", "prove_sample"}
    for step in (*drpc["steps"].values(), drpc["total"], drpc["totalOneByOne"]):
        assert step["units"] == 20 * sum(step["calls"].values())
        assert step["seconds"] == round(step["units"] / 2000, 1)
    parts = [drpc["steps"][name] for name in ("opening", "reading", "second", "prove_sample")]
    for figure in ("requests", "bytesSent", "bytesReceived", "units"):
        assert drpc["total"][figure] == sum(part[figure] for part in parts)
    assert drpc["totalOneByOne"]["requests"] > drpc["total"]["requests"] - 10
    assert (other["total"]["units"], other["total"]["seconds"]) == (None, None)


def test_what_is_told_to_people_says_where_it_is_from_and_what_is_not_in_it(run: Run) -> None:
    code, told, _ = run("check", "claim.yaml", "--offline", "--plan")
    assert code == 5
    assert "Ethereum (eip155:1)\n  5 balances" in told
    assert "drpc.org: evm, one node, if it runs code of ours" in told
    assert "proofs of a sample of 300" in told
    assert "in all, proving a sample of 300" in told
    assert "at 2,000 units a second" in told
    assert "time: no limit is known; 4 requests at once, as fast as it answers" in told
    assert "what a token's code reads beside one word" in " ".join(told.split())
    assert "not verified" in told
    assert "A sample of 300 has every balance that is 1/300 of its asset or more" in " ".join(told.split())


def test_where_a_public_operator_states_no_limit_the_plan_says_what_was_found_of_it(run: Run) -> None:
    Path("nodes.yaml").write_text(NODES.replace("other.example", "publicnode.com"))
    told = " ".join(run("check", "claim.yaml", "--offline", "--plan")[1].split())
    assert "time: no limit is known (no figure was found); 4 requests at once, as fast as it answers" in told


def test_an_earlier_scans_log_says_how_nodes_can_be_asked_and_at_which_pace(run: Run) -> None:
    drpc, other = plan_of(run, "--learnt", "log")["chains"][0]["operators"]
    assert (other["ways"], other["totalOneByOne"], drpc["ways"]) == (["batch"], None, [])
    assert other["total"]["seconds"] == round(sum(other["total"]["calls"].values()) / 20, 1)
    assert "at the 20.0 calls a second that it took before" in run(
        "check", "claim.yaml", "--offline", "--plan", "--learnt", "log"
    )[1].replace("\n  ", " ")


def test_of_a_log_the_last_line_of_each_node_counts_and_what_is_none_of_ours_is_passed_over(run: Run) -> None:
    assert learnt(Path("log")) == Earlier(
        {(ETHEREUM, "other.example"): ("batch",)}, {(ETHEREUM, "other.example"): 20.0}
    )
    with pytest.raises(InputError, match="cannot be read"):
        learnt(Path("nowhere"))
    assert run("check", "claim.yaml", "--offline", "--plan", "--learnt", "nowhere")[0] == 2


words = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just("eip155:1"))


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.dictionaries(st.sampled_from(["event", "chain", "operator", "node", "rate", "ways"]), words).map(
                lambda fields: json.dumps({"event": "node_learnt"} | fields)
            ),
        )
    )
)
def test_any_text_is_a_log_and_a_rate_is_a_positive_number(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.log"
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    assert all(rate > 0 for rate in learnt(path).rates.values())


def test_a_way_that_a_log_makes_up_is_passed_over(run: Run, tmp_path: Path) -> None:
    line = {"event": "node_opened", "chain": "eip155:1", "operator": "other.example", "ways": ["magic"]}
    (tmp_path / "log").write_text(json.dumps(line))
    assert plan_of(run, "--learnt", "log")["chains"][0]["operators"][1]["ways"] == []


def test_without_nodes_there_is_nothing_to_plan_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").unlink()
    code, _, error = run("check", "claim.yaml", "--offline", "--plan")
    assert (code, "scanner init claim.yaml writes one" in error) == (2, True)


@pytest.mark.parametrize(
    ("limits", "rate", "expected"),
    [
        (Limits(), None, None),
        (Limits(requests=5), None, 2.0),
        (Limits(requests=5), 10.0, 4.0),
        (Limits(units=100, units_of={"a": 10}), None, 4.0),
        (Limits(units=100, units_of={"b": 10}), None, None),
        (Limits(requests=1, units=100, units_of={"a": 10}), 1.0, 40.0),
    ],
)
def test_the_tightest_of_the_limits_that_are_known_counts(
    limits: Limits, rate: float | None, expected: float | None
) -> None:
    assert seconds(AskedOfNode(10, Counter(a=40)), limits, rate) == expected


def test_a_series_is_planned_as_so_many_scans_that_open_their_nodes_once(run: Run) -> None:
    """41 moments: forty that are drawn, each by a block that is searched for, and the claim's own."""
    (alone,), (found,) = (
        [each["operators"][0] for each in plan_of(run, *argv)["chains"]]
        for argv in ((), ("--around", "20h", "--every", "1h"))
    )
    assert alone["series"] is None
    scans = found["total"]["requests"]
    opening, moment = (found["steps"][step]["requests"] for step in ("opening", "moment"))
    assert found["series"]["requests"] == opening + 41 * (scans - opening) + (40 + 40) * moment
    code, said, _ = run("check", "claim.yaml", "--offline", "--plan", "--around", "20h", "--every", "1h")
    assert code == 5
    assert "a series of 41 moments" in said


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--around", "7d"], "with --plan, without --at"),
        (["--plan", "--every", "1h"], "give it, or --from, --to and --every together"),
        (["--plan", "--around", "7d", "--every", "5d"], "7 d are not whole stretches of 5 d"),
        (["--plan", "--around", "7d", "--from", "2023-11-01T00:00:00Z"], "give it, or --from, --to and --every"),
    ],
)
def test_a_series_that_is_none_is_refused_before_anything_is_asked(run: Run, argv: list[str], why: str) -> None:
    code, _, error = run("check", "claim.yaml", "--offline", *argv)
    assert code == 2
    assert why in error
