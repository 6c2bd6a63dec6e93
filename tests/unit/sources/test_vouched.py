"""What a policy says of contracts, as the file has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.chains.names import parse_asset
from scanner.errors import InputError
from scanner.sources.nodes import load_instrument
from scanner.sources.policy import load_policy

DAI = "eip155:1/erc20:0x6B175474E89094C44Da98b954EedeAC495271d0F"
NODE = 'nodes: [{url: "evm+http://127.0.0.1", operator: one, chain: "eip155:1"}]\n'


def mistakes(path: Path, contracts: str) -> list[str]:
    path.write_text(f"policy: {{contracts: {contracts}}}\n{NODE}")
    with pytest.raises(InputError) as caught:
        load_instrument(path, {})
    return [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]


def test_contracts_that_are_vouched_for_are_read_in_any_spelling(tmp_path: Path) -> None:
    path = tmp_path / "nodes.yaml"
    for text in (DAI, DAI.lower()):
        path.write_text(f'policy: {{contracts: ["{text}"]}}\n{NODE}')
        assert load_instrument(path, {}).policy.contracts == {parse_asset(DAI)}
    path.write_text(f'policy: {{quorum: 2, threshold: "1", contracts: ["{DAI}"]}}\n')
    assert load_policy(path).contracts == {parse_asset(DAI)}
    path.write_text(NODE)
    assert load_instrument(path, {}).policy.contracts == frozenset()


@pytest.mark.parametrize(
    ("contracts", "told"),
    [
        ('["eip155:1/slip44:60"]', "is a chain's own coin"),
        ('["0x6b175474e89094c44da98b954eedeac495271d0f"]', "expected a token as CAIP-19 names it"),
        ('["eip155:1/erc20:0x12"]', "expected a token as CAIP-19 names it"),
        (f'["{DAI.replace("6B17", "6b17")}"]', "EIP-55"),
        ('["eip155:10/erc20:0xdeaddeaddeaddeaddeaddeaddeaddeaddead0000"]', "a second time, though it is vouched for"),
        ("[12]", "is a whole number"),
        (f'"{DAI}"', "list"),
    ],
)
def test_a_mistake_names_its_line_and_what_was_expected(tmp_path: Path, contracts: str, told: str) -> None:
    (mistake,) = mistakes(tmp_path / "nodes.yaml", contracts)
    assert mistake.startswith("1: contracts")
    assert told in mistake


def test_all_mistakes_are_told_at_once_and_nothing_of_the_file_is_quoted(tmp_path: Path) -> None:
    told = mistakes(tmp_path / "nodes.yaml", f'["hunter2", "{DAI}", "{DAI.lower()}"]')
    assert len(told) == 2
    assert "stands already at line 1" in told[1]
    assert "hunter2" not in "".join(told)
