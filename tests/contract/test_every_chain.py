"""One scan over all chains that the tests can simulate, as `make demo ALL=1` runs it beside real nodes.

All of these nodes are simulated; what was tried against a real one of each kind says that kind's own suite.
"""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from pathlib import Path

import scanner
from demo import every_chain, simulated


def test_a_scan_over_all_simulated_chains_reads_what_was_put_there_and_knows_on_which_basis(tmp_path: Path) -> None:
    until = int(time.time())
    moment = until - 1_800
    with simulated.running(moment, until) as chains:
        world = every_chain.World.of(moment, chains, {})
        every_chain.write_claim(tmp_path / "claim.yaml", world)
        every_chain.write_instrument(tmp_path / "nodes.yaml", world)
        claim = scanner.load_claim(tmp_path / "claim.yaml")
        finding = asyncio.run(scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))).finding
    held: dict[str, Fraction] = {}
    for each in world.held:
        held[each.unit] = held.get(each.unit, Fraction(0)) + Fraction(each.atoms, 10**each.decimals)
    assert {reserve.unit for reserve in finding.reserves} == set(held)
    for reserve in finding.reserves:
        assert reserve.verdict == "COVERED", reserve.unit
        assert reserve.held == held[reserve.unit], reserve.unit
    proven = {
        reserve.unit for reserve in finding.reserves if reserve.by_basis.get(scanner.Basis.PROVEN) == reserve.held
    }
    assert proven == {"DOT", "FIL", "TON"}


def test_every_coin_of_okxs_report_is_in_the_demo_on_real_nodes_or_on_simulated_ones() -> None:
    reported = "BTC ETH USDT USDC XRP DOGE SOL OKB APT DASH DOT ELF EOS ETC FIL LINK LTC OKT PEOPLE TON TRX UNI"
    until = int(time.time())
    with simulated.running(until - 1_800, until) as chains:
        found = {held.unit for chain in chains for held in chain.held}
    assert {"BTC", *(row[0] for row in every_chain.EVM), *found} == set(reported.split())
