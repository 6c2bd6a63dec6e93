"""Which addresses of a scheduler are used, and what is told of those that are not."""

from __future__ import annotations

import pytest

from scanner.errors import InputError
from scanner.scanning.scheduler_address import WORKER, SchedulerAddress
from tests.support.tables import each_of


@pytest.mark.parametrize(
    ("text", "host", "encrypted"),
    [
        ("tls://scheduler:8786", "scheduler", True),
        ("tls://scheduler.example:8786/", "scheduler.example", True),
        ("tls://[2001:db8::7]:8786", "2001:db8::7", True),
        ("tcp://127.0.0.1:8786", "127.0.0.1", False),
        ("tcp://127.8.8.8:8786", "127.8.8.8", False),
        ("tcp://[::1]:8786", "::1", False),
        ("tcp://localhost:8786", "localhost", False),
    ],
)
def test_encrypted_ones_anywhere_and_unencrypted_ones_on_this_machine_are_used(
    text: str, host: str, encrypted: bool
) -> None:
    address = SchedulerAddress.parse(text, plaintext=False)
    assert (address.host, address.port, address.encrypted) == (host, 8786, encrypted)
    assert str(address) == text.rstrip("/")


@pytest.mark.parametrize("host", ["10.0.0.7", "scheduler", "localhost.example", "[2001:db8::7]", "8.8.8.8", "127.1"])
def test_an_unencrypted_one_on_another_machine_takes_the_auditors_word(host: str) -> None:
    with pytest.raises(InputError, match="unencrypted, on another machine"):
        SchedulerAddress.parse(f"tcp://{host}:8786", plaintext=False)
    assert not SchedulerAddress.parse(f"tcp://{host}:8786", plaintext=True).encrypted


@each_of(
    "text",
    [
        "",
        "scheduler:8786",
        "gopher://somewhere",
        "inproc://127.0.0.1/1",
        "ws://127.0.0.1:8786",
        "tls://scheduler",
        "tls://scheduler:0",
        "tls://scheduler:65536",
        "tls://scheduler:8786/x",
        "tls://me:the-word@scheduler:8786",
        "tcp://the-word@127.0.0.1:8786",
        "tls://scheduler:8786?password=the-word",
        "tls://sche\x1b[2Jduler:8786",
        "tls://scheduler:8786\n",
        "tls://sch\u00e9duler:8786",
    ],
)
def test_what_is_no_address_is_refused_and_none_of_it_is_told(text: str) -> None:
    with pytest.raises(InputError) as refused:
        SchedulerAddress.parse(text, plaintext=True)
    assert str(refused.value) == (
        "cluster: is no address of a scheduler that can be used; expected one such as tls://scheduler:8786"
    )


def test_a_workers_address_holds_nothing_that_a_terminal_obeys() -> None:
    assert WORKER.fullmatch("tcp://10.0.0.7:40123")
    assert WORKER.fullmatch("tls://[::1]:40123")
    for text in ("tcp://10.0.0.7:1\x1b[2J", "tcp://a b", "http://w", "tcp://w\n"):
        assert not WORKER.fullmatch(text)
