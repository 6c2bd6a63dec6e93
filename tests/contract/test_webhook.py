"""Deliveries to a real receiver on this machine: retried, bounded, signed, and sent nowhere else."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from scanner.report import delivery
from scanner.report.delivery import ATTEMPTS, Pauses, Target, deliver
from scanner.report.webhook import IDEMPOTENCY, SIGNATURE, Message, holds
from tests.support.real.webhook_receiver import PATH, receiving

KEY = b"0123456789abcdef"
NOW = 1_700_000_000
FIRST, SECOND = Message("aa" * 16, b'{"n":1}'), Message("bb" * 16, b'{"n":2}')


@dataclass
class Sent:
    why: str | None
    delivered: list[Message]
    pauses: list[float]


def send(url: str, *messages: Message) -> Sent:
    delivered: list[Message] = []
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    why = asyncio.run(
        deliver(
            Target(url, KEY),
            messages,
            delivered=delivered.append,
            clock=lambda: NOW + sum(pauses),
            patience=Pauses(sleep, lambda: 0.5),
        )
    )
    assert why is None or PATH not in why
    return Sent(why, delivered, pauses)


def test_messages_are_posted_in_order_signed_and_with_their_ids() -> None:
    with receiving([(204, {})]) as receiver:
        sent = send(receiver.url, FIRST, SECOND)
    assert (sent.why, sent.delivered, sent.pauses) == (None, [FIRST, SECOND], [])
    assert [(path, body) for path, _, body in receiver.got] == [(PATH, b'{"n":1}'), (PATH, b'{"n":2}')]
    for (_, headers, body), message in zip(receiver.got, (FIRST, SECOND), strict=True):
        assert headers[IDEMPOTENCY] == f'"{message.id}"'
        assert headers["Content-Type"] == "application/json"
        assert holds(body, headers[SIGNATURE], KEY, NOW)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_tried_again_with_the_same_id_and_signed_anew(status: int) -> None:
    with receiving([(status, {}), (status, {}), (200, {})]) as receiver:
        sent = send(receiver.url, FIRST)
    assert (sent.why, sent.delivered, sent.pauses) == (None, [FIRST], [1.5, 2.5])
    assert len({headers[IDEMPOTENCY] for _, headers, _ in receiver.got}) == 1
    assert len({headers[SIGNATURE] for _, headers, _ in receiver.got}) == 3
    assert {body for _, _, body in receiver.got} == {FIRST.body}


def test_a_retry_after_is_kept_within_bounds() -> None:
    with receiving([(429, {"Retry-After": "7"}), (503, {"Retry-After": "99999"}), (200, {})]) as receiver:
        sent = send(receiver.url, FIRST)
    assert sent.delivered == [FIRST]
    assert sent.pauses == [7, 30]


def test_a_receiver_that_never_takes_it_is_given_up_and_later_messages_wait() -> None:
    with receiving([(500, {})]) as receiver:
        sent = send(receiver.url, FIRST, SECOND)
    assert (sent.why, sent.delivered) == ("HTTP 500", [])
    assert len(receiver.got) == ATTEMPTS
    assert {body for _, _, body in receiver.got} == {FIRST.body}


@pytest.mark.parametrize("status", [400, 401, 404, 410, 413])
def test_what_would_be_refused_again_is_not_tried_again(status: int) -> None:
    with receiving([(status, {})]) as receiver:
        sent = send(receiver.url, FIRST)
    assert (sent.why, sent.delivered, len(receiver.got)) == (f"HTTP {status}", [], 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with receiving([(200, {})]) as other, receiving([(status, {"Location": other.url})]) as receiver:
        sent = send(receiver.url, FIRST)
    assert sent.why is not None
    assert "not followed" in sent.why
    assert (len(receiver.got), other.got) == (1, [])


def test_nobody_there_is_tried_again_and_told_without_the_url() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sent = send(f"http://127.0.0.1:{port}{PATH}", FIRST)
    assert (sent.why, len(sent.pauses)) == ("the receiver could not be reached", ATTEMPTS - 1)


def test_a_receiver_that_does_not_answer_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT", 0.05)
    monkeypatch.setattr(delivery, "ATTEMPTS", 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        sent = send(f"http://127.0.0.1:{silent.getsockname()[1]}{PATH}", FIRST)
    assert sent.why == "the receiver did not answer within 0.05 s"


def test_what_is_no_http_is_told() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-none\r\n\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        sent = send(f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}", FIRST)
        thread.join()
    assert sent.why == "the receiver's answer is no HTTP"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, *subject],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with receiving([(200, {})], context) as receiver:
        sent = send(receiver.url, FIRST)
    assert sent.why == "the receiver's TLS certificate could not be verified"
    assert (receiver.got, sent.pauses) == ([], [])


def test_a_target_shows_neither_url_nor_key() -> None:
    assert repr(Target(f"https:/{PATH}", KEY)) == "Target()"
