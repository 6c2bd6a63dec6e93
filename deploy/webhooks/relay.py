"""Takes the scanner's signed messages on this machine and posts each to a chat or a pager, in the form of a template.

    SCANNER_WEBHOOK_KEY=... RELAY_TO=https://hooks.slack.com/services/... python3 relay.py slack.json 9099
    scanner scan claim.yaml --out out --key auditor.pem --webhook http://127.0.0.1:9099/

A template is JSON; in its texts `$name` stands for a field of the message (NAMES, below) or a variable of the
environment, and `$$` for a dollar. The scanner hears 200 when the receiver took the message, and sends it again later
when it did not. Needs Python alone. Not in here: TLS for its own port, which is open to this machine only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections import ChainMap, OrderedDict
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

NAMES = ("id", "claim", "exchange", "asOf", "owedAsOf", "scannedAt", "digest", "threshold",
         "before", "after", "summary", "units", "severity", "action")  # fmt: skip
SEVERITIES = {"SHORT": "critical", "UNKNOWN": "warning", "COVERED": "info"}  # as PagerDuty calls them
LARGEST = 2**20  # bytes of a message
KEPT = 1000  # ids of messages that were taken
TOLERANCE = 300  # seconds that clocks may differ


def genuine(body: bytes, signature: str, key: bytes, now: float) -> bool:
    """Whether the scanner that has this key signed the body, lately (docs/operations.md)."""
    match = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", signature)
    if not match or abs(now - int(match[1])) > TOLERANCE:
        return False
    return hmac.compare_digest(hmac.new(key, match[1].encode() + b"." + body, hashlib.sha256).hexdigest(), match[2])


def fields(message: Mapping[str, Any]) -> dict[str, str]:
    """What a template may name: NAMES."""
    before, after = message["verdict"]["before"], message["verdict"]["after"]
    named = {name: str(message[name]) for name in NAMES if name in message}
    changed = f"stays {after}" if before == after else f"went from {before} to {after}" if before else f"is {after}"
    return named | {
        "before": before or "none",
        "after": after,
        "summary": clipped(f"{message['exchange']} {changed}, as of {message['asOf']}", 140),
        "units": clipped("\n".join(line(unit, message) for unit in message["units"]), 2800),
        "severity": SEVERITIES.get(after, "error"),
        "action": "resolve" if after == "COVERED" else "trigger",
    }


def line(unit: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """A unit's change; a figure that is null is said to be unknown, and is never a zero. Between reports both figures
    have their dates."""
    held = "not established" if unit["held"] is None else unit["held"]
    owed = "not published" if unit["owed"] is None else unit["owed"]
    verdicts = f"{unit['before'] or 'new'} -> {unit['after'] or 'no longer in the claim'}"
    if message["owedAsOf"] == message["asOf"]:
        return f"{unit['unit']}: {verdicts}; held {held}, owed {owed}"
    less = ", less than" if unit.get("belowOwed") else ","
    dates = message["asOf"], message["owedAsOf"]
    return f"{unit['unit']}: {verdicts}; held {held} as of {dates[0]}{less} owed {owed} as of {dates[1]}"


def clipped(text: str, length: int) -> str:
    """Receivers refuse longer texts."""
    return text if len(text) <= length else text[: length - 4] + " ..."


def rendered(template: Any, names: Mapping[str, str]) -> Any:
    """The template with its texts filled in. Raises KeyError for an unknown name, ValueError for a lone `$`."""
    if isinstance(template, str):
        return Template(template).substitute(names)
    if isinstance(template, dict):
        return {key.replace("$$", "$"): rendered(value, names) for key, value in template.items()}
    return [rendered(each, names) for each in template] if isinstance(template, list) else template


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no fault of the relay's; anything else is printed."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def post(url: str, body: bytes) -> bool:
    """Whether the receiver took it. Redirects are not followed, and the URL, mostly a secret, is never printed."""
    request = Request(url, data=body, headers={"Content-Type": "application/json"}, method="POST")
    try:
        with build_opener(NoRedirects).open(request, timeout=10) as answer:
            return bool(200 <= answer.status < 300)
    except HTTPError as error:
        print(f"relay: the receiver answers HTTP {error.code}", file=sys.stderr)
    except (URLError, OSError):
        print("relay: the receiver cannot be reached", file=sys.stderr)
    return False


def server(port: int, template: Any, url: str, key: bytes, environment: Mapping[str, str]) -> ThreadingHTTPServer:
    """Listens at `port` of this machine (0: any). Raises what `rendered` raises where the template cannot be filled."""
    rendered(template, ChainMap(dict.fromkeys(NAMES, "?"), dict(environment)))
    taken: OrderedDict[str, None] = OrderedDict()

    class Handler(BaseHTTPRequestHandler):
        timeout = 30  # seconds for a client that says nothing

        def do_POST(self) -> None:
            self.send_response(self.outcome())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def outcome(self) -> int:
            length = self.headers.get("Content-Length", "")
            if not re.fullmatch("[0-9]{1,8}", length) or int(length) > LARGEST:
                return 413
            body = self.rfile.read(int(length))
            if not genuine(body, self.headers.get("X-Scanner-Signature", ""), key, time.time()):
                return 403
            message = json.loads(body)
            if message["id"] in taken:
                return 200
            filled = rendered(template, ChainMap(fields(message), dict(environment)))
            if not post(url, json.dumps(filled).encode()):
                return 502
            taken[message["id"]] = None
            while len(taken) > KEPT:
                taken.popitem(last=False)
            return 200

        def log_message(self, *_: Any) -> None:
            return

    return Server(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    form = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    secret = os.environ["SCANNER_WEBHOOK_KEY"].encode()
    server(int(sys.argv[2]), form, os.environ["RELAY_TO"], secret, os.environ).serve_forever()
