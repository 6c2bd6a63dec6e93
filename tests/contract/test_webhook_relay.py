"""The relay of deploy/webhooks between a scanner and a receiver: signed messages pass, once, and no others."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scanner.report.delivery import Pauses, Target, deliver
from scanner.report.webhook import Message, change
from tests.support import jobs
from tests.support.real.webhook_receiver import Receiver, receiving
from tests.support.relay import ENVIRONMENT, TEMPLATES, relay, template

KEY = b"0123456789abcdef"


@contextmanager
def relaying(receiver: Receiver, name: str = "slack.json") -> Iterator[str]:
    server = relay().server(0, template(name), receiver.url, KEY, ENVIRONMENT)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sent(url: str, message: Message, key: bytes = KEY, later: float = 0) -> str | None:
    """Why the relay did not take it."""

    async def no_time(_: float) -> None:
        return

    target, patience = Target(url, key), Pauses(no_time, lambda: 0.0)
    return asyncio.run(
        deliver(target, [message], delivered=lambda _: None, clock=lambda: time.time() + later, patience=patience)
    )


@pytest.fixture
def message() -> Message:
    found = change("okx", None, jobs.SHORT)
    assert found is not None
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_message_arrives_in_the_templates_form_and_a_repetition_is_passed_over(name: str, message: Message) -> None:
    with receiving([(202, {})]) as receiver, relaying(receiver, name) as url:
        assert sent(url, message) is None
        assert sent(url, message) is None
    ((_, headers, body),) = receiver.got
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body).keys() == template(name).keys()
    assert b"Example Exchange" in body


def test_what_the_receiver_does_not_take_is_sent_again_by_the_scanner(message: Message) -> None:
    with receiving([(500, {}), (429, {}), (200, {})]) as receiver, relaying(receiver) as url:
        assert sent(url, message) is None
    assert len(receiver.got) == 3


def test_a_redirect_of_the_receiver_is_not_followed(message: Message) -> None:
    with receiving([(302, {"Location": "/elsewhere"})]) as receiver, relaying(receiver) as url:
        assert sent(url, message) == "HTTP 502"
    assert {path for path, _, _ in receiver.got} == {receiver.got[0][0]}


@pytest.mark.parametrize(("key", "later"), [(b"another key of 16", 0), (KEY, 400), (KEY, -400)])
def test_a_message_of_another_key_or_another_time_goes_nowhere(key: bytes, later: float, message: Message) -> None:
    with receiving([(200, {})]) as receiver, relaying(receiver) as url:
        assert sent(url, message, key, later) == "HTTP 403"
    assert receiver.got == []


def test_a_client_that_hangs_up_is_no_fault_and_anything_else_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    server = relay().server(0, template("slack.json"), "http://127.0.0.1:9/", KEY, ENVIRONMENT)

    def failing(error: Exception) -> str:
        try:
            raise error
        except type(error):
            server.handle_error(None, ("127.0.0.1", 9))
        return capsys.readouterr().err

    with server:
        assert [failing(each) for each in (ConnectionResetError(), BrokenPipeError(), TimeoutError())] == ["", "", ""]
        assert "KeyError: 'id'" in failing(KeyError("id"))
