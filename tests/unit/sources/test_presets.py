"""The table of public endpoints: every row is one that a nodes.yaml takes, and says nothing that nobody has said."""

from __future__ import annotations

import re
from datetime import date

from scanner.chains.names import parse_chain
from scanner.chains.registry import BACKENDS
from scanner.cli.chosen_nodes import ANYTHING, usual
from scanner.core.ids import Chain
from scanner.sources.node_url import parse_url
from scanner.sources.presets import Limits, Preset, presets
from tests.support.tables import each_of

EVERY = [preset for of_chain in presets().by_chain.values() for preset in of_chain]
OWN = [(name, node) for name, node in presets()._own.items()]


@each_of("preset", EVERY, ids=lambda preset: f"{preset.operator}-{preset.chain}")
def test_an_endpoint_is_a_url_of_a_kind_that_serves_its_chain_encrypted_and_with_its_key_from_the_environment(
    preset: Preset,
) -> None:
    url = parse_url(preset.url, ANYTHING)
    assert BACKENDS[url.kind][0].namespace == preset.chain.namespace
    assert url.url.startswith(("https://", "ssl://"))
    assert not url.loopback
    assert re.findall(r"\$\{(.*?)\}", preset.url) == ([preset.key] if preset.key else [])
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", preset.key or "KEY")
    assert preset.source
    assert preset.requests_at_once >= 1


@each_of(("where", "node"), OWN, ids=[where for where, _ in OWN])
def test_a_node_of_ones_own_is_asked_on_this_machine(where: str, node: object) -> None:
    url = parse_url(getattr(node, "url"), ANYTHING)  # noqa: B009
    assert url.loopback
    assert BACKENDS[url.kind][0].namespace == where.partition(":")[0]


def test_an_operator_has_one_endpoint_a_chain_and_no_two_share_a_server() -> None:
    for of_chain in presets().by_chain.values():
        hosts = [parse_url(preset.url, ANYTHING).server[0] for preset in of_chain]
        assert len({*hosts}) == len(hosts)
        assert len({preset.operator for preset in of_chain}) == len(of_chain)


def test_the_table_says_of_which_day_it_is() -> None:
    assert date(2026, 11, 1) <= presets().facts_of


def test_every_kind_of_chain_that_can_be_asked_about_has_a_block_for_a_node_of_ones_own() -> None:
    for family, kind in BACKENDS.values():
        assert presets().own(kind.chain or Chain(family.namespace, "1")) is not None


def test_each_operator_states_a_limit_or_it_is_said_why_none_is_known() -> None:
    for preset in EVERY:
        stated = preset.limits.requests is not None or preset.limits.units is not None
        assert not (stated and preset.limits.unstated)
        assert stated or preset.limits.unstated


def test_units_are_counted_by_method_where_an_operator_counts_them_and_are_unknown_elsewhere() -> None:
    counted = Limits(units_of={"default": 20, "eth_call": 26, "eth_chainId": 0})
    assert counted.units_for({"eth_call": 3, "eth_chainId": 5, "eth_getProof": 2}) == 3 * 26 + 2 * 20
    assert counted.units_for({}) == 0
    assert Limits(units_of={"eth_call": 26}).units_for({"eth_getProof": 1}) is None
    assert Limits().units_for({"eth_call": 1}) is None


def test_those_that_keep_past_states_are_asked_first_then_those_without_a_key_and_one_that_keeps_none_never() -> None:
    chain = parse_chain("eip155:1")

    def preset(operator: str, archive: bool | None, key: str | None = None) -> Preset:
        return Preset(operator, chain, f"evm+https://{operator}", key, archive, None, 1, Limits(), "nowhere")

    table = [preset("a", None), preset("b", False), preset("c", True, "KEY"), preset("d", True), preset("e", None)]
    assert [each.operator for each in usual(table, 9, {"KEY"})] == ["d", "c", "a", "e"]
    assert [each.operator for each in usual(table, 2, {"KEY"})] == ["d", "c"]
    assert [each.operator for each in usual(table, 2, ())] == ["d", "a"]  # whose key is not set comes last
    assert [each.operator for each in usual(table, 4, ())] == ["d", "a", "e", "c"]
