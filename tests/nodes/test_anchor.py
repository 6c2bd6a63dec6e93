"""Anchors made from real nodes, and attestations verified against a later block that the reader names.

anvil keeps the hashes of its blocks as Prague has it; bitcoind mines a regtest chain. Both are asked by the command.
"""

from __future__ import annotations

import asyncio
import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from Crypto.PublicKey import ECC

from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from scanner.attesting.anchor_file import NoAnchor, anchor_bytes, read_anchor
from scanner.attesting.anchored import anchored
from scanner.attesting.envelope import read_envelope
from scanner.attesting.statement import read_statement
from scanner.chains.anchor import Anchor
from scanner.chains.names import parse_chain
from scanner.cli.anchoring import as_json
from tests.support.real.interrupted_runs import SeeingProxy
from tests.support.real.scanner_runs import run_scanner
from tests.support.simulated.beacon import BeaconChain, SimBeacon
from tests.support.simulated.light_client import GENESIS_ROOT, Beacon, hexed

ETHEREUM = "eip155:1"
REGTEST = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
ACCOUNT = "0x" + "a1" * 20
SIGNED = "out/attestation.dsse.json"


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with a signed attestation in it, and the nodes that it was read from."""

    folder: Path
    anvil: Anvil
    bitcoind: Bitcoind

    def run(self, *argv: str, code: int = 0) -> str:
        """What a command printed, which exits with `code`."""
        done = run_scanner(self.folder, argv)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def verify(self, *argv: str, code: int = 0) -> str:
        """What `verify` said of the attestation."""
        return self.run("verify", SIGNED, "--claim", "claim.yaml", "--key", "key.pub", "--brief", *argv, code=code)

    def hash_at(self, height: int) -> str:
        """The hash of anvil's block."""
        return str(self.anvil.block(height).hash)


@pytest.fixture(scope="module")
def desk(node_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Anvil.start(args=["--hardfork", "prague"]) as anvil, Bitcoind.start() as bitcoind:
        anvil.set_balances({ACCOUNT: 2 * 10**18})
        anvil.mine(40)
        bitcoind.mine(130)
        folder = tmp_path_factory.mktemp("desk")
        write(folder, anvil, bitcoind)
        made = Desk(folder, anvil, bitcoind)
        made.run("scan", "claim.yaml", "--nodes", "nodes.yaml", "--out", "out", "--key", "key.pem")
        anvil.mine(300)
        bitcoind.mine(60)
        yield made


def write(folder: Path, anvil: Anvil, bitcoind: Bitcoind) -> None:
    """The claim, the nodes and the keys."""
    key = ECC.generate(curve="ed25519")
    (folder / "key.pem").write_text(key.export_key(format="PEM"))
    (folder / "key.pem").chmod(0o600)
    (folder / "key.pub").write_text(key.public_key().export_key(format="PEM"))
    (folder / "claim.yaml").write_text(
        f"""\
version: 1
exchange: Example Exchange
as_of: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}
snapshots: {{"{ETHEREUM}": 10, "{REGTEST}": 100}}
assets:
  ETH: {{id: "{ETHEREUM}/slip44:60", backs: ETH, decimals: 18}}
  BTC: {{id: "{REGTEST}/slip44:1", backs: BTC, decimals: 8}}
liabilities: {{ETH: "1", BTC: "0"}}
holdings:
  - {{asset: ETH, account: "{ACCOUNT}"}}
  - {{asset: BTC, account: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"}}
"""
    )
    nodes = [
        {"url": f"evm+{anvil.url}", "chain": ETHEREUM, "operator": "us", "own": True},
        {
            "url": f"bitcoind+http://{bitcoind.user}:{bitcoind.password}@127.0.0.1:{bitcoind.port}",
            "chain": REGTEST,
            "operator": "us",
            "own": True,
        },
    ]
    (folder / "nodes.yaml").write_text(json.dumps({"policy": {"quorum": 1, "threshold": "1"}, "nodes": nodes}))


def test_an_anchor_is_made_longer_and_serves_every_block_on_its_way(desk: Desk) -> None:
    """Hops as short as one likes, to begin with: anvil has no need of a month."""
    for height in (60, 61, 200):
        told = desk.run("anchor", SIGNED, "--nodes", "nodes.yaml", "--at", f"{ETHEREUM}={height}")
        assert f"--trust {ETHEREUM}={desk.hash_at(height)}" in told
    told = desk.run("anchor", SIGNED, "--nodes", "nodes.yaml", "--at", f"{ETHEREUM}={desk.hash_at(320)}")
    assert f"{ETHEREUM}  down from block 320, 4 links" in told
    assert "\n  https://etherscan.io/block/320\n" in told
    whole = (desk.folder / "out" / "anchor.bin").read_bytes()
    for height, links in ((60, 1), (61, 2), (200, 3), (320, 4)):
        _, ethereum = anchored_of(desk, whole, (f"{ETHEREUM}={desk.hash_at(height)}",))
        assert (ethereum["standing"], ethereum["links"]) == ("ANCHORED", links)
    told = desk.verify("--trust", f"{ETHEREUM}={desk.hash_at(61)}")
    assert f"{ETHEREUM} block 10: an ancestor of block 61, which you named, through 2 links" in told
    assert f"work          {REGTEST} block 100: 84 blocks stand on top of it" in told
    shown = json.loads(desk.verify("--json", "--trust", f"{ETHEREUM}={desk.hash_at(61)}"))["anchored"]
    assert [(each["standing"], each["ways"]) for each in shown] == [
        ("WORK", ["parents"]),
        ("ANCHORED", ["parents", "history"]),
    ]


def test_bitcoin_is_anchored_by_its_headers(desk: Desk) -> None:
    desk.run("anchor", SIGNED, "--nodes", "nodes.yaml")
    told = desk.verify("--trust", f"{REGTEST}={desk.bitcoind.rpc('getblockhash', 184)}")
    assert f"anchored      {REGTEST} block 100: an ancestor of block 184, which you named, through 1 link" in told
    assert f"not anchored  {ETHEREUM} block 10: no block of this chain was named" in told


def test_bitcoin_stands_on_a_block_that_this_release_knows_without_a_hash_from_the_reader(desk: Desk) -> None:
    argv = "--nodes", "nodes.yaml", "--anchor", "known.bin"
    desk.run("anchor", SIGNED, *argv)
    ask = "--anchor", "known.bin", "--checkpoint", REGTEST
    told = desk.verify(*ask, code=3)
    assert f"work          {REGTEST} block 100: " in told
    assert "the anchor does not lead down to block 0, the newest that this release knows" in told
    desk.run("anchor", SIGNED, *argv, "--checkpoint", REGTEST)
    told = desk.verify(*ask)
    first = desk.bitcoind.rpc("getblockhash", 0)
    newest = desk.bitcoind.rpc("getblockcount") - 6
    work = int(desk.bitcoind.rpc("getblockheader", desk.bitcoind.rpc("getblockhash", newest))["chainwork"], 16)
    assert f"it stands on block 0, {first}, which this release knows (the chain's name)" in told
    assert f"by {newest} headers up to the newest that follow the chain's rules" in told
    assert f"the whole chain took {work:#x} hashes" in told
    told = desk.verify("--checkpoint", ETHEREUM, "--checkpoint", "beacon:1", "--checkpoint", "x", code=2)
    assert f"this release knows no block of {ETHEREUM}: name one, {ETHEREUM}=ROOT" in told
    assert "this release knows no block of beacon:1: name one, beacon:1=ROOT" in told
    told = desk.verify("--checkpoint", "bip122:000000000019d6689c085ae165831e93", code=2)
    assert f"is of no use to this attestation, but of {REGTEST}" in told


def test_one_hash_anchors_a_whole_history(desk: Desk) -> None:
    for height in (10, 20, 25):
        claim = (desk.folder / "claim.yaml").read_text().replace(f'"{ETHEREUM}": 10', f'"{ETHEREUM}": {height}')
        (desk.folder / "month.yaml").write_text(claim)
        argv = "scan", "month.yaml", "--nodes", "nodes.yaml", "--key", "key.pem", "--again"
        desk.run(*argv, "--out", f"months/{height}", "--history", "history.sqlite")
    whole = "--anchor", "months/anchor.bin"
    desk.run("anchor", "--history", "history.sqlite", *whole, "--nodes", "nodes.yaml", "--at", f"{ETHEREUM}=300")
    check = "log", "check", "--history", "history.sqlite", *whole
    told = desk.run(*check, "--trust", f"{ETHEREUM}={desk.hash_at(300)}")
    assert "Everything derived is as the envelopes say." in told
    for height, links in ((10, 3), (20, 2), (25, 1)):
        named = (
            f"anchored      {ETHEREUM} block {height}: an ancestor of block 300, which you named, through {links} link"
        )
        assert named in told
    assert told.count(f"work          {REGTEST} block 100") == 1
    told = desk.run(*check, "--trust", f"{ETHEREUM}={desk.hash_at(20)}", code=3)
    assert f"not anchored  {ETHEREUM} block 25" in told
    assert f"anchored      {ETHEREUM} block 20: it is the block, which you named" in told


def test_the_block_that_draws_a_sample_is_anchored_as_those_that_were_read(desk: Desk) -> None:
    """A later block than was read: operators could make one up that draws what suits them."""
    claim = (desk.folder / "claim.yaml").read_text()
    more = "".join(f'  - {{asset: ETH, account: "0x{number:040x}"}}\n' for number in range(40, 44))
    (desk.folder / "drawn.yaml").write_text(claim + more)
    argv = "--nodes", "nodes.yaml", "--out", "drawn", "--key", "key.pem", "--prove", "1"
    desk.run("scan", "drawn.yaml", *argv)
    attestation = "drawn/attestation.dsse.json"
    verify = "verify", attestation, "--claim", "drawn.yaml", "--key", "key.pub", "--json"
    predicate = json.loads(desk.run(*verify))
    (seed,) = predicate["finding"]["proving"]["sample"]["blocks"]
    for top, code in ((seed["height"], 0), (seed["height"] - 1, 3)):
        anchor = f"{top}.bin"
        argv = "anchor", attestation, "--nodes", "nodes.yaml", "--at", f"{ETHEREUM}={top}", "--anchor", anchor
        desk.run(*argv, code=code)
        trust = "--anchor", anchor, "--trust", f"{ETHEREUM}={desk.hash_at(top)}"
        shown = json.loads(desk.run(*verify, *trust, code=code))["anchored"]
        found = {each["height"]: (each["standing"], each["read"], each["drawing"]) for each in shown}
        assert found[seed["height"]] == ("NOT ANCHORED" if code else "ANCHORED", False, True)
        assert found[10][1:] == (True, False)
    named = f"{ETHEREUM} block {seed['height']} (which draws what is looked at): it is the block, which you named"
    trust = "--anchor", f"{seed['height']}.bin", "--trust", f"{ETHEREUM}={desk.hash_at(seed['height'])}"
    assert named in desk.run(*verify[:-1], *trust)


def test_ethereum_is_anchored_to_a_checkpoint_of_its_consensus(desk: Desk) -> None:
    """The chain is anvil's; its consensus is made up, with real signatures: no real beacon node was asked."""
    start = Beacon(364_032 * 32 + 64)
    final = Beacon(start.slot + 100, bytes.fromhex(desk.hash_at(150)[2:]))
    last = Beacon(start.slot + 164, finalized=final).finality_update(absent=3)

    async def ask() -> str:
        async with SimBeacon(BeaconChain()) as beacon:
            beacon.chain.add(0, [])
            beacon.chain_id, beacon.genesis = 1, (1606824023, GENESIS_ROOT)
            beacon.light_client = {
                f"bootstrap/{hexed(start.root)}": {"data": start.bootstrap},
                "updates": [{"data": Beacon(start.slot + 90, finalized=start).update()}],
                "finality_update": {"data": last},
            }
            nodes = json.loads((desk.folder / "nodes.yaml").read_text())
            nodes["nodes"].append({"url": f"beacon+{beacon.url}", "chain": "beacon:1", "operator": "us", "own": True})
            (desk.folder / "with_beacon.yaml").write_text(json.dumps(nodes))
            argv = "anchor", SIGNED, "--nodes", "with_beacon.yaml", "--anchor", "final.bin"
            other = f"beacon:1={hexed(final.root)}"
            told = await asyncio.to_thread(desk.run, *argv, "--checkpoint", other, code=3)
            assert f"{ETHEREUM}  not as far as was asked for: NO_STATE" in told
            return await asyncio.to_thread(desk.run, *argv, "--checkpoint", f"beacon:1={hexed(start.root)}")

    told = asyncio.run(ask())
    assert f"{ETHEREUM}  down from block 150, 1 link" in told
    told = desk.verify("--anchor", "final.bin", "--checkpoint", f"beacon:1={hexed(start.root)}")
    final_by = "which is final, as 509 of 512, or more, signed in each of 2 headers since your checkpoint"
    assert f"anchored      {ETHEREUM} block 10: an ancestor of block 150, {final_by}, through 1 link" in told
    told = desk.verify("--anchor", "final.bin", "--checkpoint", f"beacon:1={hexed(final.root)}", code=3)
    assert "it begins at the beacon block" in told
    told = desk.verify("--checkpoint", f"beacon:1={hexed(start.root)}", code=3)
    assert f"not anchored  {ETHEREUM} block 10: the anchor has nothing of what beacon:1 decided" in told


def test_what_does_not_lead_there_is_told_and_the_attestation_holds_all_the_same(desk: Desk) -> None:
    desk.run("anchor", SIGNED, "--nodes", "nodes.yaml")
    told = desk.verify("--trust", f"{ETHEREUM}={desk.hash_at(211)}", code=3)
    assert "The attestation holds: Example Exchange, verdict COVERED" in told
    assert f"not anchored  {ETHEREUM} block 10: the anchor does not lead through the block that you named" in told
    whole = (desk.folder / "out" / "anchor.bin").read_bytes()
    for block in ("0x" + "ab" * 32, desk.hash_at(5)):
        assert anchored_of(desk, whole, (f"{ETHEREUM}={block}",))[1]["standing"] == "NOT ANCHORED"
    told = desk.verify("--trust", f"{ETHEREUM}={desk.hash_at(200)}", "--anchor", "nodes.yaml", code=2)
    assert "nodes.yaml: is no anchor" in told
    told = desk.verify("--trust", "eip155:10=0x" + "ab" * 32, "--trust", f"{ETHEREUM}=12", code=2)
    assert "a block of eip155:10 is of no use to this attestation, but of" in told
    assert "'12' is not the hash of a block of eip155:1" in told


def test_no_edited_anchor_anchors(desk: Desk) -> None:
    desk.run("anchor", SIGNED, "--nodes", "nodes.yaml")
    whole = (desk.folder / "out" / "anchor.bin").read_bytes()
    newest = json.loads(whole[20 : 20 + int.from_bytes(whole[16:20])])["paths"][ETHEREUM][0]
    trust = f"{ETHEREUM}={newest['hash']}", f"{REGTEST}={desk.bitcoind.rpc('getblockhash', 184)}"
    finding = anchored_of(desk, whole, trust)
    assert [each["standing"] for each in finding] == ["ANCHORED", "ANCHORED"]
    for at in range(16, len(whole), len(whole) // 40):
        edited = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        standings = [each["standing"] for each in anchored_of(desk, edited, trust)]
        assert standings != ["ANCHORED", "ANCHORED"], at


def anchored_of(desk: Desk, anchor: bytes, trust: tuple[str, ...]) -> list[dict[str, object]]:
    """What is shown of the attestation's blocks by an anchor; nothing by what is none."""
    statement = read_statement(read_envelope((desk.folder / SIGNED).read_bytes()).payload)
    trusted = {parse_chain(chain): [block] for chain, block in (each.split("=") for each in trust)}
    try:
        found = read_anchor(io.BytesIO(anchor))
    except NoAnchor:
        return []
    return as_json(anchored(statement.stated.snapshots.values(), found, trusted))


@pytest.mark.parametrize("lost", ["records", "height"])
def test_an_anchor_that_does_not_hold_is_made_anew(desk: Desk, lost: str) -> None:
    file = desk.folder / "out" / "anchor.bin"
    argv = "anchor", SIGNED, "--nodes", "nodes.yaml", "--at", f"{ETHEREUM}=320"
    desk.run(*argv)
    with file.open("rb") as whole:
        sound = read_anchor(whole)
    if lost == "records":
        broken = Anchor(sound.paths, sound.finality)
    else:
        paths = {
            chain: (*path[:-1], replace(path[-1], height=path[-1].height - 1)) for chain, path in sound.paths.items()
        }
        broken = replace(sound, paths=paths)
    file.write_bytes(b"".join(anchor_bytes(broken)))
    trust = "--trust", f"{ETHEREUM}={desk.hash_at(320)}"
    assert "not anchored" in desk.verify(*trust, code=3)
    desk.run(*argv)
    assert f"anchored      {ETHEREUM} block 10: an ancestor of block 320, which you named" in desk.verify(*trust)


def test_nodes_that_cannot_serve_are_told_of_and_what_there_is_stays(desk: Desk, tmp_path: Path) -> None:
    desk.run("anchor", SIGNED, "--nodes", "nodes.yaml")
    before = (desk.folder / "out" / "anchor.bin").read_bytes()
    (tmp_path / "nodes.yaml").write_text(
        json.dumps(
            {
                "policy": {"quorum": 1, "threshold": "1"},
                "nodes": [{"url": "evm+http://127.0.0.1:9", "chain": ETHEREUM, "operator": "us", "own": True}],
            }
        )
    )
    told = desk.run("anchor", SIGNED, "--nodes", str(tmp_path / "nodes.yaml"), code=3)
    assert f"{ETHEREUM}  not as far as was asked for: UNREACHABLE" in told
    assert f"{REGTEST}  not as far as was asked for: UNSUPPORTED, no node of this chain is configured" in told
    assert (desk.folder / "out" / "anchor.bin").read_bytes() == before


def test_a_chain_without_past_hashes_is_followed_by_headers_and_a_killed_run_is_taken_up(
    node_programs: None, tmp_path: Path
) -> None:
    with Anvil.start(args=["--hardfork", "cancun"]) as anvil, Bitcoind.start() as bitcoind:
        anvil.set_balances({ACCOUNT: 2 * 10**18})
        anvil.mine(12)
        bitcoind.mine(110)
        write(tmp_path, anvil, bitcoind)
        desk = Desk(tmp_path, anvil, bitcoind)
        desk.run("scan", "claim.yaml", "--nodes", "nodes.yaml", "--out", "out", "--key", "key.pem")
        anvil.mine(60)
        argv = "anchor", SIGNED, "--nodes", "nodes.yaml", "--at", f"{ETHEREUM}=60", "--at", f"{REGTEST}=105"
        asked = until_killed(desk, argv, 60)
        part = tmp_path / "out" / "anchor.bin.part"
        assert part.exists()
        assert not (tmp_path / "out" / "anchor.bin").exists()
        with SeeingProxy(anvil.port, method="eth_getBlockBy") as proxy:
            through(desk, proxy)
            told = desk.run(*argv)
            again = proxy.requests
            assert f"{ETHEREUM}  down from block 60, 50 links" in told
            assert not part.exists()
            desk.run(*argv, "--anchor", "whole.bin")
            whole = proxy.requests - again
        assert again <= whole - asked + 20  # which open the node, and walk the link that was under way
        told = desk.verify("--trust", f"{ETHEREUM}={desk.hash_at(33)}")
        assert "an ancestor of block 33, which you named, through 23 links" in told


def until_killed(desk: Desk, argv: Sequence[str], number: int) -> int:
    """How many blocks were asked for by a run that is killed when it asks for one more, as `kill -9` does."""
    running: list[subprocess.Popen[bytes]] = []

    def kill(at: int) -> None:
        if at == number:
            running[0].kill()

    with SeeingProxy(desk.anvil.port, kill, "eth_getBlockBy") as proxy:
        through(desk, proxy)
        command = [sys.executable, "-m", "scanner", *argv]
        running.append(subprocess.Popen(command, cwd=desk.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        said = running[0].communicate(timeout=120)
        assert running[0].returncode == -signal.SIGKILL, said
    return number


def through(desk: Desk, proxy: SeeingProxy) -> None:
    """Have the nodes' file ask the proxy for anvil's chain."""
    nodes = json.loads((desk.folder / "nodes.yaml").read_text())
    nodes["nodes"][0]["url"] = f"evm+{proxy.url}"
    (desk.folder / "nodes.yaml").write_text(json.dumps(nodes))
