"""What an HTTP status means; of a 403 whether it asks for fewer requests or for other credentials is in its text.

The texts are TronGrid's own, as quoted in developers.tron.network (rate limits), iexbase/tron-api issue 171 and
andelf/tronpy issue 148, and Tronscan's, tronscan/tronscan-frontend issue 1569.
"""

from __future__ import annotations

import pytest

from scanner.clients.http_client import Again, status_error
from scanner.errors import NodeError, Why


@pytest.mark.parametrize(
    ("body", "pause"),
    [
        (b'{"Error":"The key exceeds the frequency limit(30), and the query server is suspended for 30s"}', 30.0),
        (
            b'{"success":false,"error":"The key exceeds the frequency limit(15), and the query server is suspended '
            b'for 30s","statusCode":403}',
            30.0,
        ),
        (b'{"Error":"request rate exceeded the allowed_rps(10), and the query server is suspended for 5 s"}', 5.0),
        (b'"Exceed the user daily usage (100000), the maximum query frequency is 1 time per second"', None),
        (b'{"code":403,"message":"request too quickly, please retry later."}', None),
    ],
)
def test_a_403_whose_text_asks_for_fewer_requests_is_waited_for(body: bytes, pause: float | None) -> None:
    error = status_error(403, {}, body)
    assert isinstance(error, Again)
    assert (error.error.why, error.fewer, error.after) == (Why.RATE_LIMITED, True, pause)


@pytest.mark.parametrize(
    "body", [b"", b"<html><h1>403 Forbidden</h1></html>", b'{"Error":"ApiKey not exists"}', b"\xff"]
)
def test_any_other_403_is_one_of_credentials(body: bytes) -> None:
    error = status_error(403, {}, body)
    assert isinstance(error, NodeError)
    assert error.why is Why.UNAUTHORIZED


def test_a_401_is_one_of_credentials_whatever_its_text() -> None:
    error = status_error(401, {}, b"request rate exceeded")
    assert isinstance(error, NodeError)
    assert error.why is Why.UNAUTHORIZED


def test_a_pause_in_a_header_goes_before_one_in_a_text() -> None:
    error = status_error(403, {"Retry-After": "2"}, b"frequency limit, suspended for 30s")
    assert isinstance(error, Again)
    assert error.after == 2.0
