"""`scanner verify --tsa-roots`, on stamps beside an attestation; and what `scanner stamp` refuses."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from scanner.attesting.anchor_file import anchor_bytes
from scanner.attesting.dated import digest
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.bitcoin.runs import record_of
from scanner.chains.names import parse_chain
from scanner.cli import commands, stamp_files
from scanner.cli.calendars import is_public
from scanner.errors import InputError
from scanner.proofs.witness import Witness
from tests.support.attestations import small as small_attestation
from tests.support.attestations.attested import AUDITOR, public_pem
from tests.support.attestations.small import Folder
from tests.support.calendar_proofs import SHA256, append, in_block, pending, proof
from tests.support.golden_series import SERIES_FOLDER, TOGETHER_FOLDER
from tests.support.simulated.ancestors import mined
from tests.support.time_stamps import Answer, certified, root

Captured = pytest.CaptureFixture[str]
BITCOIN = "bip122:000000000019d6689c085ae165831e93"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A stamped attestation, and the authority's root."""
    folder = small_attestation.write(tmp_path)
    stamped(folder)
    (tmp_path / "roots.pem").write_bytes(root().pem)
    monkeypatch.chdir(tmp_path)
    return folder


def stamped(folder: Folder, name: str = "attestation.dsse.json.tsr", **changes: object) -> None:
    answer = Answer(digest(folder.attestation.read_bytes())).with_(**changes)
    (folder.path / name).write_bytes(answer.encoded)


def verify(folder: Folder, *more: str) -> int:
    claim, key = str(folder.claim), str(folder.key)
    return commands.main(["verify", str(folder.attestation), "--claim", claim, "--key", key, "--brief", *more])


def test_a_stamp_that_holds_says_before_which_time_the_attestation_existed(folder: Folder, capsys: Captured) -> None:
    assert verify(folder, "--tsa-roots", "roots.pem") == 0
    line = "dated         existed before 2026-01-02 03:04:07 UTC: by the authority CN=Stamps,O=Tests, under the root"
    assert f"{line} CN=Root,O=Tests (attestation.dsse.json.tsr)\n" in capsys.readouterr().out
    assert verify(folder, "--tsa-roots", "roots.pem", "--json") == 0
    (shown,) = json.loads(capsys.readouterr().out)["dated"]
    assert shown["root"].pop("sha256") == hashlib.sha256(root().encoded).hexdigest()
    assert shown == {
        "file": "attestation.dsse.json.tsr",
        "kind": "rfc3161",
        "before": "2026-01-02T03:04:07Z",
        "time": "2026-01-02T03:04:05Z",
        "accuracy": "1.500000",
        "policy": "1.2.3.4.1",
        "serial": "99",
        "authority": "CN=Stamps,O=Tests",
        "root": {"name": "CN=Root,O=Tests"},
        "reason": None,
    }


def test_stamps_are_not_checked_where_no_root_is_named_and_that_is_said(folder: Folder, capsys: Captured) -> None:
    stamped(folder, status=2)
    assert verify(folder) == 0
    assert "unchecked  attestation.dsse.json.tsr: a time stamp; --tsa-roots FILE checks it" in capsys.readouterr().out
    assert verify(folder, "--json") == 0
    assert "dated" not in json.loads(capsys.readouterr().out)


def test_one_stamp_of_several_that_does_not_hold_is_exit_code_4_and_the_others_are_shown(
    folder: Folder, capsys: Captured
) -> None:
    stamped(folder, "attestation.dsse.json.2.tsr", signer=(other := certified("Other")), brings=(other,))
    assert verify(folder, "--tsa-roots", "roots.pem") == 4
    out = capsys.readouterr().out
    assert "The attestation holds" in out
    assert "dated         existed before" in out
    assert "not dated     its signer's certificate leads to none of the roots that you named" in out
    assert verify(folder, "--tsa-roots", "roots.pem", "--stamp", "attestation.dsse.json.tsr") == 0
    assert verify(folder, "--tsa-roots", "roots.pem", "--stamp", "attestation.dsse.json.2.tsr", "--json") == 4
    (shown,) = json.loads(capsys.readouterr().out.partition("json.tsr)\n")[2])["dated"]
    assert {shown[name] for name in ("before", "time", "authority", "root")} == {None}
    assert "leads to none of the roots" in shown["reason"]


def test_an_attestation_without_a_stamp_is_exit_code_3_where_one_was_to_be_checked(
    folder: Folder, capsys: Captured
) -> None:
    (folder.path / "attestation.dsse.json.tsr").unlink()
    assert verify(folder, "--tsa-roots", "roots.pem") == 3
    assert "not dated     no time stamp lies beside it" in capsys.readouterr().out


def test_a_stamp_that_was_taken_for_an_earlier_file_shows_nothing(folder: Folder, capsys: Captured) -> None:
    document = folder.attestation.read_bytes()
    stamped(folder, digest=digest(document.replace(b'"sig"', b'"sig" ')))
    assert verify(folder, "--tsa-roots", "roots.pem") == 4
    assert "it stamps another file, or the file was changed since" in capsys.readouterr().out


def test_a_stamp_from_before_the_scan_is_said_to_be_one(folder: Folder, capsys: Captured) -> None:
    since = datetime(2023, 1, 1, tzinfo=UTC)
    above = certified("Root", authority=True, purposes=(), since=since)
    (folder.path / "roots.pem").write_bytes(above.pem)
    for time, wrong in ((b"20231123092959Z", True), (b"20231123093000Z", False)):
        stamped(folder, time=time, accuracy=b"", signer=certified("Early", above, since=since))
        assert verify(folder, "--tsa-roots", "roots.pem") == 0
        out = capsys.readouterr().out
        assert (
            "before the scan, which it dates 2023-11-23 09:30:01 UTC: one of the two clocks is wrong" in out
        ) is wrong


def test_an_authority_that_does_not_say_how_exact_it_is_is_said_not_to(folder: Folder, capsys: Captured) -> None:
    stamped(folder, accuracy=b"")
    assert verify(folder, "--tsa-roots", "roots.pem") == 0
    assert "before 2026-01-02 03:04:06 UTC" in (out := capsys.readouterr().out)
    assert "how exact its clock is, it does not say" in out


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("none.pem", b"", "expected certificates in PEM"),
        ("long.pem", bytes(2 * 1024**2 + 1), "no file of roots is"),
        ("missing.pem", None, "cannot be read"),
    ],
)
def test_roots_that_cannot_be_used_are_named(
    folder: Folder, capsys: Captured, name: str, content: bytes | None, why: str
) -> None:
    if content is not None:
        (folder.path / name).write_bytes(content)
    assert verify(folder, "--tsa-roots", name) == 2
    assert f"{name}: " in (err := capsys.readouterr().err)
    assert why in err


def test_a_stamp_is_named_with_roots_or_not_at_all(folder: Folder, capsys: Captured) -> None:
    assert verify(folder, "--stamp", "attestation.dsse.json.tsr") == 2
    assert "name them with --tsa-roots" in capsys.readouterr().err


def test_a_file_that_is_too_long_for_a_stamp_is_not_read(folder: Folder, capsys: Captured) -> None:
    (folder.path / "attestation.dsse.json.tsr").write_bytes(bytes(64 * 1024 + 1))
    assert verify(folder, "--tsa-roots", "roots.pem") == 2
    assert "attestation.dsse.json.tsr: longer than 65536 bytes; no time stamp is" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ([], "expected an authority to ask, a --calendar, or --upgrade"),
        (["--tsa", "ftp://stamps.example"], "is no URL"),
        (["--tsa", "http://user:secret@stamps.example"], "has a user"),
        (["--tsa", "http://stamps.example", "--tsa-roots", "claim.yaml"], "expected certificates in PEM"),
    ],
)
def test_nothing_is_asked_for_where_the_command_line_is_wrong(
    folder: Folder, capsys: Captured, more: list[str], why: str
) -> None:
    assert commands.main(["stamp", str(folder.attestation), *more]) == 2
    assert why in (err := capsys.readouterr().err)
    assert "secret" not in err


def test_what_is_no_attestation_is_not_stamped(folder: Folder, capsys: Captured) -> None:
    for name, why in (("roots.pem", "is no attestation"), (folder.claim.name, "is a claim")):
        assert commands.main(["stamp", name, "--tsa", "http://stamps.example"]) == 2
        assert why in capsys.readouterr().err


def test_stamps_are_numbered_and_none_is_written_over(tmp_path: Path) -> None:
    stamped = tmp_path / "a.json"
    names = []
    for _ in range(stamp_files.MOST):
        path = stamp_files.next_name(stamped, ".tsr")
        path.touch()
        names.append(path.name)
    assert names == ["a.json.tsr", *(f"a.json.{number}.tsr" for number in range(2, 10))]
    assert [path.name for path in stamp_files.beside(stamped, ".tsr")] == names
    with pytest.raises(InputError, match="more are not kept"):
        stamp_files.next_name(stamped, ".tsr")


@pytest.mark.parametrize("folder", [SERIES_FOLDER / "v1" / "lent", TOGETHER_FOLDER / "v1" / "lending"])
def test_series_and_statements_of_several_claims_are_dated_too(tmp_path: Path, capsys: Captured, folder: Path) -> None:
    name = next(folder.glob("*.dsse.json"))
    (tmp_path / "roots.pem").write_bytes(root().pem)
    (tmp_path / "pub.pem").write_text(public_pem(AUDITOR))
    (tmp_path / "stamp.tsr").write_bytes(Answer(digest(name.read_bytes())).encoded)
    claims = [part for claim in sorted(folder.glob("claim*.yaml")) for part in ("--claim", str(claim))]
    argv = ["verify", str(name), *claims, "--key", str(tmp_path / "pub.pem"), "--brief"]
    dated = [*argv, "--tsa-roots", str(tmp_path / "roots.pem")]
    assert commands.main([*dated, "--stamp", str(tmp_path / "stamp.tsr")]) == 0
    assert "dated         existed before 2026-01-02 03:04:07 UTC" in capsys.readouterr().out
    assert commands.main([*dated, "--stamp", str(tmp_path / "stamp.tsr"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dated"][0]["before"] == "2026-01-02T03:04:07Z"
    assert commands.main(dated) == 3
    assert "not dated     no time stamp lies beside it" in capsys.readouterr().out


def test_where_the_library_for_certificates_is_missing_that_is_said(
    folder: Folder, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert verify(folder, "--tsa-roots", "roots.pem") == 2
    assert "--tsa-roots: needs the extra stamp: pip install 'reserve-scanner[stamp]'" in capsys.readouterr().err
    assert verify(folder) == 0


def test_proofs_are_unchecked_where_no_block_is_trusted_and_nothing_is_asked_of_a_broken_one(
    folder: Folder, capsys: Captured
) -> None:
    (folder.path / "attestation.dsse.json.ots").write_bytes(b"nonsense")
    assert verify(folder) == 0
    assert "unchecked  attestation.dsse.json.ots: an OpenTimestamps proof" in capsys.readouterr().out
    assert verify(folder, "--trust", f"{BITCOIN}={'00' * 8}{'5a' * 24}") == 4
    assert "not dated     a proof that ends within the beginning" in capsys.readouterr().out
    assert commands.main(["stamp", str(folder.attestation), "--upgrade"]) == 2
    assert "attestation.dsse.json.ots: is no proof that can be upgraded" in capsys.readouterr().err
    (folder.path / "nodes.yaml").write_text(
        'nodes: [{url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}]\n'
    )
    assert commands.main(["anchor", str(folder.attestation)]) == 2
    assert "attestation.dsse.json.ots: is no OpenTimestamps proof that can be used" in capsys.readouterr().err


def test_a_promise_is_no_reason_to_fail_where_no_block_of_its_chain_is_trusted(
    folder: Folder, capsys: Captured
) -> None:
    promise = proof(digest(folder.attestation.read_bytes()), append(b"a") + SHA256 + pending("https://a.example"))
    (folder.path / "attestation.dsse.json.ots").write_bytes(promise)
    for chain, block, code in (("eip155:1", "0x" + "1f" * 32, 0), (BITCOIN, "00" * 8 + "5a" * 24, 3)):
        assert verify(folder, "--trust", f"{chain}={block}") == code
        assert "pending       it is in no block yet, as far as this proof shows; https://a.example may" in (
            capsys.readouterr().out
        )


def test_an_attestation_of_other_chains_is_dated_by_a_block_of_bitcoin(folder: Folder, capsys: Captured) -> None:
    regtest = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
    assert verify(folder, "--trust", f"{regtest}={'ab' * 32}") == 2
    assert f"a block of {regtest} is of no use to this attestation" in capsys.readouterr().err
    digested = digest(folder.attestation.read_bytes())
    (header,) = mined(1, roots={0: sha256(digested + b"a").digest()})
    (folder.path / "attestation.dsse.json.ots").write_bytes(proof(digested, append(b"a") + SHA256 + in_block(7)))
    chain = parse_chain(regtest)
    anchor = Anchor({chain: (PathBlock(7, header.hash),)}, witness=Witness([record_of([header.raw])]))
    (folder.path / "anchor.bin").write_bytes(b"".join(anchor_bytes(anchor)))
    assert verify(folder, "--trust", f"{regtest}={header.hash}") == 0
    dated = (
        f"existed before {regtest} block 7, which is dated 2020-09-13 12:26:40 UTC: it is the block, which you named"
    )
    assert f"dated         {dated} (attestation.dsse.json.ots)" in capsys.readouterr().out


def test_work_on_another_chain_than_the_one_that_is_trusted_dates_nothing(folder: Folder, capsys: Captured) -> None:
    """Who makes the anchor chooses the chain, and on a test chain a block of any time is mined in no time."""
    digested = digest(folder.attestation.read_bytes())
    headers = mined(3, roots={0: sha256(digested + b"a").digest()})
    (folder.path / "attestation.dsse.json.ots").write_bytes(proof(digested, append(b"a") + SHA256 + in_block(7)))
    path = tuple(PathBlock(7 + place, headers[place].hash) for place in (2, 1, 0))
    regtest = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
    anchor = Anchor({regtest: path}, witness=Witness(record_of([header.raw]) for header in headers))
    (folder.path / "anchor.bin").write_bytes(b"".join(anchor_bytes(anchor)))
    for trust, code in (
        (("--trust", f"{BITCOIN}={'00' * 8 + '5a' * 24}"), 3),
        (("--checkpoint", BITCOIN), 3),
        (("--anchor", str(folder.path / "anchor.bin")), 0),  # where nothing is trusted the work is told
    ):
        assert verify(folder, *trust) == code
        assert f"work          existed before {regtest} block 7" in capsys.readouterr().out


def test_a_series_is_dated_by_a_block_too(tmp_path: Path, capsys: Captured) -> None:
    folder, regtest = SERIES_FOLDER / "v1" / "lent", "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
    digested = digest((folder / "series.dsse.json").read_bytes())
    (header,) = mined(1, roots={0: sha256(digested + b"a").digest()})
    (tmp_path / "series.ots").write_bytes(proof(digested, append(b"a") + SHA256 + in_block(7)))
    anchor = Anchor({parse_chain(regtest): (PathBlock(7, header.hash),)}, witness=Witness([record_of([header.raw])]))
    (tmp_path / "anchor.bin").write_bytes(b"".join(anchor_bytes(anchor)))
    (tmp_path / "pub.pem").write_text(public_pem(AUDITOR))
    argv = ["verify", str(folder / "series.dsse.json"), "--claim", str(folder / "claim.yaml"), "--brief"]
    argv += ["--key", str(tmp_path / "pub.pem"), "--stamp", str(tmp_path / "series.ots")]
    assert commands.main([*argv, "--anchor", str(tmp_path / "anchor.bin"), "--trust", f"{regtest}={header.hash}"]) == 0
    assert f"dated         existed before {regtest} block 7" in capsys.readouterr().out


def test_public_calendars_are_asked_without_being_named_and_no_address_of_another_kind() -> None:
    for known in ("alice.btc.calendar.opentimestamps.org", "finney.calendar.eternitywall.com"):
        assert is_public(f"https://{known}")
        assert is_public(f"https://{known}/")
        assert not is_public(f"http://{known}")
        assert not is_public(f"https://{known}:8443")
        assert not is_public(f"https://{known}.example")
        assert not is_public(f"https://{known}/path")
    for other in ("https://calendar.example", "https://evilcalendar.opentimestamps.org", "https://127.0.0.1"):
        assert not is_public(other)


def test_the_page_says_before_when_the_attestation_existed_and_by_which_root(folder: Folder, capsys: Captured) -> None:
    show = ["show", str(folder.attestation), "--html", "page.html"]
    assert commands.main([*show, "--tsa-roots", "roots.pem"]) == 0
    assert "dated      existed before 2026-01-02 03:04:07 UTC: by the authority" in capsys.readouterr().out
    page = (folder.path / "page.html").read_text()
    assert "<strong>It existed before 2026-01-02 03:04:07 UTC</strong>: by the authority CN=Stamps,O=Tests," in page
    assert hashlib.sha256(root().encoded).hexdigest() in page
    assert "are not checked in your browser" in page
    assert commands.main(show) == 0
    assert "When it existed" not in (folder.path / "page.html").read_text()


def test_no_page_is_written_with_a_stamp_that_does_not_hold_or_without_one(folder: Folder, capsys: Captured) -> None:
    show = ["show", str(folder.attestation), "--tsa-roots", "roots.pem"]
    assert commands.main(show) == 2
    assert "--tsa-roots: is put into a page; give --html FILE too" in capsys.readouterr().err
    stamped(folder, signature=bytes(64))
    assert commands.main([*show, "--html", "page.html"]) == 4
    assert "attestation.dsse.json.tsr: the signature does not hold; no page was written" in capsys.readouterr().err
    (folder.path / "attestation.dsse.json.tsr").unlink()
    assert commands.main([*show, "--html", "page.html"]) == 2
    assert "no time stamp lies beside the attestation; no page was written" in capsys.readouterr().err
    assert not (folder.path / "page.html").exists()


def test_names_of_authorities_are_text_on_the_page(folder: Folder) -> None:
    stamped(folder, signer=certified("<script>alert(1)</script>", root()))
    show = ["show", str(folder.attestation), "--html", "page.html", "--tsa-roots", "roots.pem"]
    assert commands.main(show) == 0
    page = (folder.path / "page.html").read_text()
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page


@pytest.mark.parametrize("name", ["roots.pem", "attestation.dsse.json.tsr", "named.tsr"])
def test_neither_page_nor_history_takes_the_place_of_a_stamp_or_of_roots(
    folder: Folder, capsys: Captured, name: str
) -> None:
    stamped(folder, "named.tsr")
    before = (folder.path / name).read_bytes()
    stamps = ["--tsa-roots", "roots.pem", "--stamp", "named.tsr"]
    assert commands.main(["show", str(folder.attestation), "--html", name, *stamps]) == 2
    assert f"--html: {name} is the same file as" in capsys.readouterr().err
    added = ["log", "add", str(folder.attestation), "--claim", str(folder.claim), "--key", str(folder.key)]
    assert commands.main([*added, *stamps, "--history", name]) == 2
    assert f"{name} is the same file as" in capsys.readouterr().err
    assert (folder.path / name).read_bytes() == before
