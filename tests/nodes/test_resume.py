"""Scans of a real node that are killed, interrupted, and started again. bench/kill.py kills fifty."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from localnet.anvil import Anvil
from tests.support.real.interrupted_runs import AT_ONCE, BATCH, CHAIN, Scans, SeeingProxy

COUNT = 4_000
TOKEN = "0x" + "c0" * 20


@pytest.fixture(scope="module")
def planted(node_programs: None) -> Iterator[tuple[Anvil, list[str], int]]:
    rng = random.Random(5)
    accounts = [f"0x{rng.randbytes(20).hex()}" for _ in range(COUNT)]
    with Anvil.start(chain_id=int(CHAIN.partition(":")[2])) as anvil:
        anvil.set_balances({account: 10**18 * (number % 7) for number, account in enumerate(accounts)})
        anvil.deploy_token(TOKEN, 0, "TOKEN")
        anvil.mint(TOKEN, {account: number for number, account in enumerate(accounts[:500])})
        block = anvil.seal()
        yield anvil, accounts, block.height


@pytest.fixture
def scans(planted: tuple[Anvil, list[str], int], tmp_path: Path) -> Scans:
    anvil, accounts, height = planted
    return Scans(tmp_path, anvil, accounts, height, TOKEN)


OWED = {"ETH": sum(number % 7 for number in range(COUNT)), "TOKEN": sum(range(500))}


def test_killed_scans_ask_for_nothing_twice_but_what_was_in_flight_and_come_to_the_same_bytes(scans: Scans) -> None:
    with SeeingProxy(scans.anvil.port) as proxy:
        scans.write(proxy.url, OWED)
        finding = scans.finish("whole")
        assert finding["verdict"] == "COVERED"
        assert sum(proxy.asked.values()) == len(proxy.asked) == 2 * COUNT
        proxy.asked.clear()
        kills = [4, 1, 6, 3]  # at which of its requests for balances each scan dies: in all fewer than there are
        for last in kills:
            proxy.requests = 0
            proxy.before = lambda number, last=last: scans.kill() if number == last else None  # type: ignore[misc]
            assert scans.ended("killed") == -signal.SIGKILL
        proxy.before = lambda _: None
        assert scans.finish("killed") == finding
        assert scans.evidence("killed") == scans.evidence("whole")
        assert len(proxy.asked) == 2 * COUNT
        assert sum(proxy.asked.values()) <= 2 * COUNT + len(kills) * AT_ONCE * BATCH
    assert not list((scans.folder / "killed").glob("*.journal"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_scan_says_how_to_go_on_and_does(scans: Scans, number: signal.Signals) -> None:
    with SeeingProxy(scans.anvil.port) as proxy:
        scans.write(proxy.url, OWED)
        proxy.before = lambda at: scans.process.send_signal(number) if at == 8 and scans.process else None
        process = scans.start("out")
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert b"the same command goes on from here" in told
        assert sorted(path.name for path in (scans.folder / "out").iterdir()) == ["scan.journal"]
        proxy.before = lambda _: None
        before = proxy.asked.copy()
        assert scans.finish("out")["verdict"] == "COVERED"
        assert sum((proxy.asked - before).values()) < 2 * COUNT


def test_a_second_scan_into_one_folder_is_refused_while_the_first_goes_on(scans: Scans) -> None:
    with SeeingProxy(scans.anvil.port) as proxy:
        scans.write(proxy.url, OWED)
        refused: list[tuple[int, bytes]] = []

        def second(number: int) -> None:
            if number == 3:
                first = scans.process
                intruder = scans.start("out")
                _, told = intruder.communicate(timeout=60)
                refused.append((intruder.returncode, told))
                scans.process = first

        proxy.before = second
        assert scans.finish("out")["verdict"] == "COVERED"
    ((code, told),) = refused
    assert code == 2
    assert b"another scan is writing here" in told


def test_a_journal_that_does_not_hold_is_told_and_not_believed(scans: Scans) -> None:
    with SeeingProxy(scans.anvil.port) as proxy:
        scans.write(proxy.url, OWED)
        finding = scans.finish("whole")
        proxy.requests = 0
        proxy.before = lambda number: scans.kill() if number == 12 else None
        assert scans.ended("out") == -signal.SIGKILL
        proxy.before = lambda _: None
        journal = scans.folder / "out" / "scan.journal"
        spoiled = bytearray(journal.read_bytes())
        spoiled[len(spoiled) // 2] ^= 1
        journal.write_bytes(spoiled)
        assert scans.finish("out") == finding
        assert scans.evidence("out") == scans.evidence("whole")
    assert "does not hold" in scans.errors[-1]


def test_a_folder_that_cannot_be_written_to_ends_the_scan_before_anything_is_asked(scans: Scans) -> None:
    with SeeingProxy(scans.anvil.port) as proxy:
        scans.write(proxy.url, OWED)
        process = scans.start("claim.yaml/out")  # within a file, where not even root may write
        _, told = process.communicate(timeout=60)
        assert process.returncode == 2
        assert b"claim.yaml: is no folder, and claim.yaml/out would lie in it" in told
        assert not proxy.asked
