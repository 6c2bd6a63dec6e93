"""Time stamps of a real authority, `openssl ts` behind a server on this machine: fetched, kept, checked, refused.

What is kept is checked by `openssl ts -verify` too, so that it is anybody's stamp and not ours alone.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scanner.attesting.dated import digest
from scanner.attesting.dated_by_blocks import proof_of
from scanner.cli import commands
from scanner.proofs.stamps.tst_info import request
from tests.support.attestations import small as small_attestation
from tests.support.attestations.small import Folder
from tests.support.calendar_proofs import pending
from tests.support.tables import try_each
from tests.support.time_stamps import Answer, certified

Captured = pytest.CaptureFixture[str]
Reply = Callable[[bytes], tuple[int, dict[str, str], bytes]]
CONFIG = """\
[tsa]
serial = serial
signer_cert = signer.pem
certs = chain.pem
signer_key = signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:2
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """`openssl ts` with a certificate of its own."""

    folder: Path
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)  # as its numbers stand in a file

    def stamp(self, query: bytes) -> bytes:
        arguments = ["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query"]
        with self.one_at_a_time:
            (self.folder / "query").write_bytes(query)
            return subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    late = datetime(9000, 1, 1, tzinfo=UTC)
    root = certified("Root", authority=True, purposes=(), until=late)
    signer = certified("Real", root, usage=True, until=late)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "chain.pem").write_bytes(root.pem)
    (folder / "signer.pem").write_bytes(signer.pem)
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "signer.key").write_bytes(key)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG)
    return Authority(folder)


@contextmanager
def serving(answer: Reply, kind: str = "timestamp-reply") -> Iterator[str]:
    """A server on this machine that answers so where an answer of that kind is asked for; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Accept"] == f"application/{kind}"
            status, headers, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # a client that has had enough
            return

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/path-that-must-not-leak"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return small_attestation.write(tmp_path)


def verify(folder: Folder, *more: str) -> int:
    claim, key = str(folder.claim), str(folder.key)
    return commands.main(["verify", str(folder.attestation), "--claim", claim, "--key", key, "--brief", *more])


def test_a_stamp_is_fetched_kept_and_checked_here_and_by_openssl(
    authority: Authority, folder: Folder, capsys: Captured
) -> None:
    roots = str(authority.folder / "root.pem")
    with serving(lambda query: (200, {}, authority.stamp(query))) as url:
        asked = ["stamp", str(folder.attestation), "--tsa", url]
        assert commands.main([*asked, "--tsa-roots", roots]) == 0
        assert "attestation.dsse.json.tsr  existed before 20" in (out := capsys.readouterr().out)
        assert "by the authority CN=Real,O=Tests, under the root CN=Root,O=Tests" in out
        assert commands.main([*asked, "--tsa", url, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
    assert [each["file"] for each in said["stamps"]] == ["attestation.dsse.json.2.tsr", "attestation.dsse.json.3.tsr"]
    assert {each["before"] for each in said["stamps"]} == {None}
    assert said["lacking"] == []
    assert verify(folder, "--tsa-roots", roots, "--json") == 0
    shown = json.loads(capsys.readouterr().out)["dated"]
    assert [each["accuracy"] for each in shown] == ["2.000000"] * 3
    for name in (each["file"] for each in shown):
        check = ["openssl", "ts", "-verify", "-data", folder.attestation, "-in", folder.path / name, "-CAfile", roots]
        assert b"Verification: OK" in subprocess.run(check, capture_output=True, check=True).stdout


def test_what_is_no_stamp_of_the_file_is_not_kept_and_the_reason_is_given(
    authority: Authority, folder: Folder, capsys: Captured
) -> None:
    def answered(status: int = 200, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})) -> Reply:
        return lambda _: (status, {**headers}, body)

    def of_another_file(query: bytes) -> tuple[int, dict[str, str], bytes]:
        other = query.replace(query[24:56], bytes(32))
        return 200, {}, authority.stamp(other)

    replayed = authority.stamp(request(digest(folder.attestation.read_bytes()), 2**62))
    cases = [
        ("missing", answered(404), "REFUSED, HTTP 404"),
        ("elsewhere", answered(302, headers={"Location": "http://127.0.0.1:9/"}), "REFUSED, HTTP 302"),
        ("failing", answered(500), "REFUSED, HTTP 500"),
        ("a page", answered(body=b"<html>"), "FORGED, a time stamp is of another kind"),
        ("huge", answered(body=bytes(10**6)), "MALFORMED, the answer is longer than 65536 bytes"),
        (
            "packed",
            answered(body=b"x", headers={"Content-Encoding": "gzip"}),
            "MALFORMED, the answer is in an encoding",
        ),
        ("cut short", answered(headers={"Content-Length": "9"}), "UNREACHABLE, the server could not"),
        ("rejected", answered(body=Answer(bytes(32), status=2).encoded), "FORGED, the authority answers: rejected"),
        ("replayed", answered(body=replayed), "FORGED, the answer is to another question"),
        ("another file", of_another_file, "FORGED, it stamps another file"),
    ]

    def check(case: tuple[Reply, str]) -> None:
        answer, why = case
        with serving(answer) as url:
            assert commands.main(["stamp", str(folder.attestation), "--tsa", url]) == 3
        out = capsys.readouterr().out
        assert f"no stamp of --tsa number 1: {why}" in out
        assert "leak" not in out
        assert list(folder.path.glob("*.tsr")) == []

    try_each([(name, (answer, why)) for name, answer, why in cases], check)


def test_a_server_that_is_not_there_is_said_not_to_be_and_others_are_kept(
    authority: Authority, folder: Folder, capsys: Captured
) -> None:
    gone = "http://127.0.0.1:9"
    with serving(lambda query: (200, {}, authority.stamp(query))) as url:
        assert commands.main(["stamp", str(folder.attestation), "--tsa", gone, "--tsa", url, "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert [(each["place"], each["why"]) for each in said["lacking"]] == [(1, "UNREACHABLE")]
    assert [each["file"] for each in said["stamps"]] == ["attestation.dsse.json.tsr"]


def test_a_stamp_under_another_root_than_the_one_named_is_not_kept(
    authority: Authority, folder: Folder, capsys: Captured, tmp_path: Path
) -> None:
    (tmp_path / "other.pem").write_bytes(certified("Root", authority=True, purposes=()).pem)
    with serving(lambda query: (200, {}, authority.stamp(query))) as url:
        asked = ["stamp", str(folder.attestation), "--tsa", url, "--tsa-roots", str(tmp_path / "other.pem")]
        assert commands.main(asked) == 3
    assert "FORGED, its signer's certificate leads to none of the roots" in capsys.readouterr().out


def test_what_is_no_promise_of_a_calendar_is_not_kept_and_the_reason_is_given(folder: Folder, capsys: Captured) -> None:
    cases: list[tuple[str, tuple[int, bytes, str]]] = [
        ("missing", (404, b"", "REFUSED, HTTP 404")),
        ("nothing", (200, b"", "MALFORMED, a proof that ends within its operations")),
        ("a page", (200, b"<html>", "MALFORMED, the operation 0x3c is not taken here")),
        ("huge", (200, bytes(10**5), "MALFORMED, the answer is longer than 10000 bytes")),
        ("another calendar's form", (200, pending("https://a.example?b"), "MALFORMED, a calendar whose URI is none")),
        ("too much", (200, pending("https://a.example") * 2, "MALFORMED, a proof that goes on after its end")),
        ("unsafe", (200, b"\x02" + pending("https://a.example"), "MALFORMED, the operation SHA-1 is not taken here")),
    ]

    def check(case: tuple[int, bytes, str]) -> None:
        status, body, why = case
        with serving(lambda _: (status, {}, body), "vnd.opentimestamps.v1") as url:
            assert commands.main(["stamp", str(folder.attestation), "--calendar", url]) == 3
        assert f"no stamp of --calendar number 1: {why}" in (out := capsys.readouterr().out)
        assert "leak" not in out
        assert list(folder.path.glob("*.ots")) == []

    try_each(cases, check)


def test_calendars_learn_a_digest_that_says_nothing_of_the_file(folder: Folder, capsys: Captured) -> None:
    sent: list[bytes] = []

    def promise(body: bytes) -> tuple[int, dict[str, str], bytes]:
        sent.append(body)
        return 200, {}, pending("https://a.example")

    with serving(promise, "vnd.opentimestamps.v1") as url:
        for _ in range(2):
            assert commands.main(["stamp", str(folder.attestation), "--calendar", url, "--calendar", url]) == 0
    capsys.readouterr()
    assert [len(body) for body in sent] == [32] * 4
    assert len({*sent}) == 2
    assert digest(folder.attestation.read_bytes()) not in sent
    for name in ("attestation.dsse.json.ots", "attestation.dsse.json.2.ots"):
        proof = proof_of(folder.attestation.read_bytes(), (folder.path / name).read_bytes())
        assert [each.calendar for each in proof.pending] == ["https://a.example"]
