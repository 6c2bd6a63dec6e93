"""The address that a job sends something to, from its option: `${NAME}` filled from the environment, and never quoted.

Most such addresses are secrets. Not in here: sending (`report/delivery.py`).
"""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import urlsplit

from scanner.errors import InputError

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_URL: Final = re.compile(r"[!-~]{1,4000}", re.ASCII)


def sendable(
    option: str, template: str, *, unencrypted: bool = False, example: str = "https://alerts.example/hook"
) -> str:
    """The URL. Raises InputError, which does not quote it, for one that is none or would give something away.

    `unencrypted`: whether http:// to another machine will do; to this machine it always does.
    """
    from scanner.sources.node_url import is_loopback, unfillable

    if problems := unfillable(template, os.environ):
        raise InputError.at(option, "; ".join(problems))
    url = _VARIABLE.sub(lambda variable: os.environ[variable[1]], template)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InputError.at(option, "has a host or a port that is not one") from None
    if not _URL.fullmatch(url) or not host or parts.scheme not in ("https", "http"):
        raise InputError.at(option, f"is no URL; expected one such as {example}")
    if parts.username or parts.password or parts.fragment:
        raise InputError.at(option, "has a user, a password or a fragment, which are not sent")
    if parts.scheme == "http" and not unencrypted and not is_loopback(host):
        raise InputError.at(option, "would be sent unencrypted to another machine; use https")
    return url
