"""OpenTimestamps from end to end: an attestation's digest, put into a block of a regtest chain by a small calendar.

No real calendar was asked: this one answers as theirs do, by the documents named in `proofs/stamps/opentimestamps.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from Crypto.PublicKey import ECC

from localnet.bitcoind import Bitcoind
from scanner.attesting.dated import digest
from tests.support.calendar_proofs import SHA256, Calendar, append, calendar, in_block, proof
from tests.support.real.scanner_runs import run_scanner

REGTEST = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
SIGNED = "out/attestation.dsse.json"


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with a signed attestation in it, the node that it was read from, and a calendar."""

    folder: Path
    bitcoind: Bitcoind
    calendar: Calendar

    def run(self, *argv: str, code: int = 0) -> str:
        """What a command printed, which exits with `code`."""
        done = run_scanner(self.folder, argv)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def verify(self, *argv: str, code: int = 0) -> str:
        """What `verify` said of the attestation."""
        return self.run("verify", SIGNED, "--claim", "claim.yaml", "--key", "key.pub", "--brief", *argv, code=code)


@pytest.fixture(scope="module")
def desk(node_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("dated")
    with Bitcoind.start() as bitcoind, calendar(bitcoind) as asked:
        bitcoind.mine(110)
        key = ECC.generate(curve="ed25519")
        (folder / "key.pem").write_text(key.export_key(format="PEM"))
        (folder / "key.pem").chmod(0o600)
        (folder / "key.pub").write_text(key.public_key().export_key(format="PEM"))
        (folder / "claim.yaml").write_text(
            f"""\
version: 1
exchange: Example Exchange
as_of: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}
snapshots: {{"{REGTEST}": 100}}
assets: {{BTC: {{id: "{REGTEST}/slip44:1", backs: BTC, decimals: 8}}}}
liabilities: {{BTC: "0"}}
holdings:
  - {{asset: BTC, account: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"}}
"""
        )
        url = f"bitcoind+http://{bitcoind.user}:{bitcoind.password}@127.0.0.1:{bitcoind.port}"
        node = {"url": url, "chain": REGTEST, "operator": "us", "own": True}
        nodes = {"policy": {"quorum": 1, "threshold": "1"}, "nodes": [node]}
        (folder / "nodes.yaml").write_text(json.dumps(nodes))
        made = Desk(folder, bitcoind, asked)
        made.run("scan", "claim.yaml", "--nodes", "nodes.yaml", "--out", "out", "--key", "key.pem")
        yield made


def test_an_attestation_is_promised_a_block_put_into_one_and_shown_to_have_existed_before_it(desk: Desk) -> None:
    url = desk.calendar.url
    said = desk.run("stamp", SIGNED, "--calendar", url)
    assert f"out/attestation.dsse.json.ots  promised by {url}; scanner stamp --upgrade asks for the rest" in said
    assert desk.calendar.got[-1] == ("/digest", "application/vnd.opentimestamps.v1")
    genesis = f"{REGTEST}={desk.bitcoind.rpc('getblockhash', 0)}"

    said = desk.verify()
    assert "unchecked  attestation.dsse.json.ots: an OpenTimestamps proof; --trust CHAIN=HASH checks it" in said
    said = desk.verify("--trust", genesis, code=3)
    assert f"pending       it is in no block yet, as far as this proof shows; {url} may know more" in said
    said = desk.run("stamp", SIGNED, "--upgrade", "--calendar", url, code=3)
    assert f"{url} has no more yet: HTTP 404" in said
    said = desk.run("stamp", SIGNED, "--upgrade", code=3)
    assert "no public calendar: --calendar URL has it asked" in said

    height = desk.calendar.settle()
    said = desk.run("stamp", SIGNED, "--upgrade", "--calendar", url)
    assert f"leads to block {height}; scanner anchor puts it on the way" in said
    assert desk.run("stamp", SIGNED, "--upgrade", "--calendar", url) == said
    desk.bitcoind.mine(20)
    said = desk.verify("--trust", genesis, code=3)
    assert f"not dated     it leads to block {height}, which the anchor does not have" in said

    desk.run("anchor", SIGNED, "--nodes", "nodes.yaml", "--at", f"{REGTEST}={height + 12}")
    top = f"{REGTEST}={desk.bitcoind.rpc('getblockhash', height + 12)}"
    block = desk.bitcoind.rpc("getblockheader", desk.bitcoind.rpc("getblockhash", height))
    time = datetime.fromtimestamp(block["time"], UTC)
    said = desk.verify("--trust", top)
    dated = f"dated         existed before {REGTEST} block {height}, which is dated {time:%Y-%m-%d %H:%M:%S} UTC: "
    assert f"{dated}an ancestor of block {height + 12}, which you named, through 1 link" in said
    assert f"anchored      {REGTEST} block 100: an ancestor of block {height + 12}" in said
    (shown,) = json.loads(desk.verify("--trust", top, "--json"))["dated"]
    assert (shown["file"], shown["kind"]) == ("attestation.dsse.json.ots", "opentimestamps")
    assert (shown["block"]["standing"], shown["block"]["hash"]) == ("ANCHORED", block["hash"])
    assert shown["blockTime"] == f"{time:%Y-%m-%dT%H:%M:%SZ}"

    said = desk.verify("--anchor", "out/anchor.bin")
    assert f"work          existed before {REGTEST} block {height}" in said
    assert "12 blocks stand on top of it, which took some 2^" in said

    whole = (desk.folder / f"{SIGNED}.ots").read_bytes()
    (desk.folder / "broken.ots").write_bytes(whole[:80] + bytes([whole[80] ^ 1]) + whole[81:])
    said = desk.verify("--trust", top, "--stamp", "broken.ots", code=4)
    assert "The attestation holds" in said
    assert "not dated     it does not lead to the Merkle root of" in said
    assert "--stamp: is checked by a block that you trust" in desk.verify("--stamp", "broken.ots", code=2)


def test_a_block_that_is_not_final_or_commits_to_something_else_is_not_on_the_way(desk: Desk) -> None:
    made = json.loads(desk.run("stamp", SIGNED, "--calendar", desk.calendar.url, "--json"))["proofs"][0]["file"]
    height = desk.calendar.settle()
    desk.run("stamp", SIGNED, "--upgrade", "--calendar", desk.calendar.url)
    anchor = "anchor", SIGNED, "--nodes", "nodes.yaml", "--anchor", "other.bin"
    said = desk.run(*anchor, code=3)
    assert (
        f"a block to which a stamp leads is not on the way: NOT_FINAL, block {height} of {REGTEST}: it may still"
        in said
    )
    assert f"{REGTEST}  down from block" in said
    (desk.folder / "out" / made).write_bytes(
        proof(digest((desk.folder / SIGNED).read_bytes()), append(b"x") + SHA256 + in_block(1))
    )
    said = desk.run(*anchor, code=3)
    assert f"not on the way: WRONG_BLOCK, block 1 of {REGTEST} has another Merkle root" in said
    (desk.folder / "out" / made).unlink()


def test_a_calendar_that_does_not_answer_is_said_not_to_and_the_others_are_kept(desk: Desk) -> None:
    gone = "http://127.0.0.1:9"
    said = json.loads(desk.run("stamp", SIGNED, "--calendar", gone, "--calendar", desk.calendar.url, "--json", code=3))
    assert [(each["option"], each["place"], each["why"]) for each in said["lacking"]] == [
        ("--calendar", 1, "UNREACHABLE")
    ]
    (made,) = said["proofs"]
    assert (made["pending"], made["blocks"]) == ([desk.calendar.url], [])
    (desk.folder / "out" / made["file"]).unlink()
