"""`scanner init`: a nodes.yaml that loads, for the claim's chains; on a terminal it asks; it never overwrites."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.chains.names import parse_chain
from scanner.cli import questions
from scanner.cli.chosen_nodes import ANYTHING
from scanner.errors import InputError
from scanner.sources.nodes import load_instrument, unreachable_quorums
from scanner.sources.presets import presets

ONE = f"0x{1:040x}"
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
CLAIM = f"""\
version: 1
exchange: Example
as_of: 2023-11-22T16:00:00Z
assets:
  BTC: {{id: "{BITCOIN}/slip44:0", backs: BTC, decimals: 8}}
  ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}
  ETH-OP: {{id: "eip155:10/slip44:60", backs: ETH, decimals: 18}}
  STRK: {{id: "starknet:SN_MAIN/slip44:9004", backs: STRK, decimals: 18}}
liabilities: {{BTC: "1", ETH: "1", STRK: "1"}}
holdings:
  - {{asset: BTC, account: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca}}
  - {{asset: [ETH, ETH-OP], account: "{ONE}"}}
  - {{asset: STRK, account: "0x5"}}
"""
ROWS = f"chain,address,asset,amount\nETH,{ONE},ETH,1.5\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claim.yaml").write_text(CLAIM)
    (tmp_path / "rows.csv").write_text(ROWS)
    return tmp_path


@pytest.fixture
def run(folder: Path, command: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """With Infura's key set, and Alchemy's."""
    monkeypatch.setenv("INFURA_KEY", "k1")
    monkeypatch.setenv("ALCHEMY_KEY", "k2")
    return command


@pytest.fixture
def without_keys(monkeypatch: pytest.MonkeyPatch, run: Run) -> Run:
    monkeypatch.delenv("INFURA_KEY")
    monkeypatch.delenv("ALCHEMY_KEY")
    return run


def test_where_keys_are_not_set_others_are_chosen_and_the_file_loads_as_things_are(
    folder: Path, without_keys: Run
) -> None:
    code, told, _ = without_keys("init", "claim.yaml")
    assert (code, "next: set" in told) == (0, False)
    instrument = load_instrument(folder / "nodes.yaml", {})
    assert unreachable_quorums(instrument, [node.chain for node in instrument.nodes]) == {}
    assert "needs a key in INFURA_KEY" in (folder / "nodes.yaml").read_text()  # ready to be uncommented


def test_an_operator_that_waits_for_its_key_stands_in_a_comment_and_is_named(folder: Path, without_keys: Run) -> None:
    code, told, _ = without_keys("init", "claim.yaml", "--operators", "drpc.org,alchemy.com")
    assert code == 0
    assert "alchemy.com waits for its key: set ALCHEMY_KEY, and take the # away in the file" in told
    assert "next: set ALCHEMY_KEY in the environment" in told
    text = (folder / "nodes.yaml").read_text()
    assert "# Waits for its key: set ALCHEMY_KEY in the environment, and take the # away." in text
    assert {node.operator for node in load_instrument(folder / "nodes.yaml", {}).nodes} == {"drpc.org"}


def test_of_a_chain_that_is_read_only_as_it_is_now_a_past_claim_gets_gaps_whatever_is_named(
    folder: Path, run: Run
) -> None:
    trx = 'TRX: {id: "tron:728126428/slip44:195", backs: TRX, decimals: 6}'
    row = "  - {asset: TRX, account: TNPeeaaFB7K9cmo4uQpcU32zGK8G1NYqeL}\n"
    claim = CLAIM.replace("liabilities: {", f'  {trx}\nliabilities: {{TRX: "1", ')
    (folder / "claim.yaml").write_text(claim + row)
    code, told, error = run("init", "claim.yaml")
    assert (code, error) == (0, "")
    tron = told[told.index("Tron: ") : told.index("starknet")]
    assert "NO_PAST, such a chain can be read only as it is now" in tron
    assert "too few" not in tron
    text = (folder / "nodes.yaml").read_text()
    tron = text[text.index("--- Tron") :]
    assert "# NO_PAST, such a chain can be read only as it is now" in tron
    assert "past states unknown" not in tron
    assert "operators, and nothing could be believed" not in tron
    told = run("check", "claim.yaml", "--offline", "--nodes", "nodes.yaml", "--plan")[1]
    tron = told[told.index("tron:728126428\n") :]
    assert tron.index("NO_PAST") < tron.index("what a scan will ask")
    assert " stop " not in tron
    assert "Tron (" not in tron  # nothing is asked there


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Terminal]:
    """Somebody at a terminal, who answers so; gives what is asked."""

    def answering(*lines: str) -> Terminal:
        asked = Terminal()
        monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr("sys.stderr", asked)
        return asked

    return answering


def operators(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in load_instrument(path, ANYTHING).nodes:
        found.setdefault(str(node.chain), []).append(f"{node.operator}{' (own)' if node.own else ''}")
    return found


def test_what_is_written_loads_and_has_a_quorum_for_each_chain_that_can_be_asked_about(folder: Path, run: Run) -> None:
    code, told, _ = run("init", "claim.yaml")
    assert code == 0
    assert operators(folder / "nodes.yaml") == {
        BITCOIN: ["blockstream.info", "mempool.space"],
        "eip155:1": ["drpc.org", "infura.io"],
        "eip155:10": ["drpc.org", "infura.io"],
    }
    instrument = load_instrument(folder / "nodes.yaml", ANYTHING)
    assert (instrument.policy.quorum, instrument.prove) == (2, 300)
    assert unreachable_quorums(instrument, [node.chain for node in instrument.nodes]) == {}
    assert "starknet:SN_MAIN: no kind of node can be asked; its holdings (1) will be gaps" in told
    assert "not verified" in told
    assert told.splitlines()[-1] == "next: scanner check claim.yaml --plan"


def test_it_says_what_nobody_verified_and_of_which_day_and_which_variables_are_needed(folder: Path, run: Run) -> None:
    run("init", "claim.yaml")
    text = (folder / "nodes.yaml").read_text()
    assert f"NOT VERIFIED: they are what was known of them on {presets().facts_of}" in text
    assert "# To be set in the environment: INFURA_KEY.\n" in text
    assert max(map(len, text.splitlines())) <= 120


def test_every_block_that_is_commented_out_can_be_taken_in(folder: Path, run: Run) -> None:
    run("init", "claim.yaml")
    lines = (folder / "nodes.yaml").read_text().splitlines()
    start = lines.index("nodes:")
    block = ("- url:", "  chain:", "  operator:", "  own:", "  timeout:", "  max_in_flight:")
    taken = [
        line.replace("# ", "", 1) if line.startswith(tuple(f"  # {key}" for key in block)) else line for line in lines
    ]
    # The usual place of a node of one's own is one place for all EVM chains; two of them listen at two.
    text = "\n".join(taken[start:]).replace(
        "evm+http://127.0.0.1:8545\n    chain: eip155:10\n", "evm+http://127.0.0.1:8546\n    chain: eip155:10\n"
    )
    (folder / "all.yaml").write_text(text)
    found = operators(folder / "all.yaml")
    assert found["eip155:10"][-1] == "self (own)"
    assert len(found["eip155:1"]) >= 8
    assert found[BITCOIN][-1] == "self (own)"


def test_a_file_that_is_there_is_never_overwritten(folder: Path, run: Run) -> None:
    (folder / "nodes.yaml").write_text("mine")
    code, _, error = run("init", "claim.yaml")
    assert (code, error) == (
        2,
        "scanner: nodes.yaml: is there already, and is never overwritten; remove it, or name another with --out\n",
    )
    assert "folder; name the file" in run("init", "claim.yaml", "--out", str(folder))[2]
    (folder / "link.yaml").symlink_to(folder / "nowhere")
    assert run("init", "claim.yaml", "--out", "link.yaml")[0] == 2
    assert (folder / "nodes.yaml").read_text() == "mine"
    assert run("init", "claim.yaml", "--out", "new/others.yaml")[0] == 0
    assert sorted(path.name for path in (folder / "new").iterdir()) == ["others.yaml"]


def test_own_nodes_alone_may_stand_where_the_environment_says(folder: Path, run: Run) -> None:
    own = ("--own", "eip155:1=evm+http://${ONE}", "--own", "eip155:10=evm+http://${TWO}")
    code, told, _ = run("init", "claim.yaml", "--operators", "none", *own)
    assert (code, "next: set ONE, TWO in the environment" in told) == (0, True), told
    assert operators(folder / "nodes.yaml") == {"eip155:1": ["self (own)"], "eip155:10": ["self (own)"]}


def test_options_say_whom_to_ask_and_what_to_demand(folder: Path, run: Run) -> None:
    argv = (
        "--operators",
        "publicnode.com, alchemy.com",
        "--own",
        BITCOIN,
        "--own",
        "eip155:10=evm+http://127.0.0.1:9545",
    )
    assert run("init", "claim.yaml", *argv, "--quorum", "1", "--prove", "all")[0] == 0
    assert operators(folder / "nodes.yaml") == {
        BITCOIN: ["self (own)"],
        "eip155:1": ["alchemy.com", "publicnode.com"],
        "eip155:10": ["alchemy.com", "publicnode.com", "self (own)"],
    }
    instrument = load_instrument(folder / "nodes.yaml", ANYTHING)
    assert (instrument.policy.quorum, instrument.prove) == (1, None)
    (bitcoin,) = instrument.for_chain(parse_chain(BITCOIN))
    assert (bitcoin.kind, bitcoin.timeout) == ("bitcoind", 600)


def test_a_chain_that_lacks_operators_is_named_and_its_place_in_the_file_too(folder: Path, run: Run) -> None:
    code, told, _ = run("init", "claim.yaml", "--operators", "drpc.org", "--json")
    found = {each["chain"]: (each["operators"], each["tooFew"]) for each in json.loads(told)["chains"]}
    assert (code, found[BITCOIN], found["eip155:1"]) == (0, ([], True), (["drpc.org"], True))
    assert "# 1 of 2 operators, and nothing could be believed" in (folder / "nodes.yaml").read_text()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--operators", "nope"), "--operators: 'nope' not in the table of public endpoints, which has 1rpc.io"),
        (("--quorum", "0"), "--quorum: expected a number from 1 to"),
        (("--prove", "-1"), "--prove: expected all, none or a number"),
        (("--own", "x"), "--own: expected CHAIN or CHAIN=URL, such as eip155:1, not 'x'"),
        (("--own", "eip155:1="), "--own: expected a URL after the = of 'eip155:1=', or eip155:1 alone"),
        (("--own", "eip155:7"), "--own: eip155:7 is none of the claim's chains, which are bip122"),
        (("--own", "eip155:1=http://a"), "--own: the URL for eip155:1 does not start with a known kind of node"),
        (("--own", "eip155:1", "--own", "eip155:10"), "--own: eip155:1 and eip155:10 have one URL"),
        (("--own", "eip155:1=bitcoind+http://127.0.0.1:1"), "is of a bitcoind node, which serves bip122 chains"),
        (
            ("--own", "eip155:1=evm+https://eth.drpc.org/mine", "--operators", "drpc.org,infura.io"),
            "is on the same server as the node at line",
        ),
        (("--layout", "okx", "--out", "claim.yaml"), "claim.yaml: is there already"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(folder: Path, run: Run, argv: tuple[str, ...], told: str) -> None:
    code, _, error = run("init", "claim.yaml", *argv)
    assert (code, told in error) == (2, True), error
    assert sorted(path.name for path in folder.iterdir()) == ["claim.yaml", "rows.csv"]


def test_all_wrong_options_are_told_at_once(run: Run) -> None:
    _, _, error = run("init", "claim.yaml", "--operators", "nope", "--quorum", "99", "--prove", "x")
    assert [line.split(":")[1] for line in error.splitlines()] == [" --operators", " --quorum", " --prove"]


def test_a_published_file_says_its_chains_too_and_its_claim_comes_next(folder: Path, run: Run) -> None:
    code, told, _ = run("init", "rows.csv")
    assert (code, operators(folder / "nodes.yaml")) == (0, {"eip155:1": ["drpc.org", "infura.io"]})
    assert told.splitlines()[-1] == "next: scanner import rows.csv --out claim.yaml"


def test_where_no_chain_can_be_asked_about_there_is_nothing_to_write(folder: Path, run: Run) -> None:
    (folder / "rows.csv").write_text("chain,address,asset,amount\nADA,x,ADA,1\n")
    code, _, error = run("init", "rows.csv")
    assert (code, "names no chain that any kind of node can be asked about: " in error) == (2, True), error
    assert not (folder / "nodes.yaml").exists()


@pytest.mark.parametrize("name", ["missing.yaml", ".", "empty"])
def test_what_is_no_claim_and_no_published_file_is_one_error(folder: Path, run: Run, name: str) -> None:
    (folder / "empty").write_text("")
    code, _, error = run("init", name, "--out", "nodes.yaml")
    assert (code, error.count("\n")) == (2, 1)
    assert not (folder / "nodes.yaml").exists()


def test_on_a_terminal_it_is_asked_and_an_empty_answer_takes_what_is_usual(
    folder: Path, run: Run, answers: Callable[..., Terminal]
) -> None:
    asked = answers("x", "1", "own", "", "nope", "publicnode.com, drpc.org", "", "none")
    assert run("init", "claim.yaml")[0] == 0
    assert operators(folder / "nodes.yaml") == {
        BITCOIN: ["self (own)"],
        "eip155:1": ["drpc.org", "publicnode.com"],
        "eip155:10": ["drpc.org"],
    }
    instrument = load_instrument(folder / "nodes.yaml", ANYTHING)
    assert (instrument.policy.quorum, instrument.prove) == (1, 0)
    shown = asked.getvalue()
    assert "How many operators must agree on a balance [2]:   expected a number from 1 to" in shown
    assert "Ethereum, 1 holding: which operators to ask, of drpc.org, " in shown
    assert "expected one or several of drpc.org, " in shown


def test_what_options_say_is_not_asked_and_nothing_is_with_yes(
    folder: Path, run: Run, answers: Callable[..., Terminal]
) -> None:
    asked = answers()
    argv = ("--quorum", "1", "--operators", "drpc.org,mempool.space", "--prove", "none")
    assert run("init", "claim.yaml", *argv)[0] == 0
    assert run("init", "claim.yaml", "--yes", "--out", "other.yaml")[0] == 0
    assert asked.getvalue() == ""


def test_a_terminal_that_hangs_up_ends_it_and_nothing_is_written(
    folder: Path, run: Run, answers: Callable[..., Terminal]
) -> None:
    answers("1")
    assert run("init", "claim.yaml")[0] == 2
    assert not (folder / "nodes.yaml").exists()


def test_a_question_is_asked_a_few_times_and_not_for_ever(answers: Callable[..., Terminal]) -> None:
    asked = answers(*["x"] * 50)
    with pytest.raises(InputError, match="no answer to: A number"):
        questions.ask("A number", int)
    assert asked.getvalue().count("A number: ") == 5
