"""The URL of an HTTP proxy, taken apart and put together again. No message here quotes any part of it.

A proxy is what an auditor's network may demand between this machine and all others. It is named in the instrument's
file and nowhere else: what the environment says (`HTTPS_PROXY` and its like) is not heeded, since it would change on
which way, and through whose hands, a scan asks, without a word of that standing anywhere.

Sources: RFC 9110, 7.6.3 and 9.3.6 (CONNECT); RFC 7617 (a user has no colon).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from scanner.sources.node_url import UrlError, filled

DIRECT: Final = "none"
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]", re.ASCII)
_USUAL_PORT: Final = 3128  # Squid's, which others have taken over


def parse_proxy(template: str, environ: Mapping[str, str]) -> str:
    """`http://user:password@host:port`, once the environment is filled in; "" for `none`. Raises UrlError."""
    if template == DIRECT:
        return ""
    text = filled(template, environ)
    expected = f"expected none, or a proxy such as http://proxy.example:{_USUAL_PORT}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UrlError(f"has a host or a port that is not one; {expected}") from None
    if parts.scheme.lower() != "http" or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UrlError(expected)
    userinfo, _, place = parts.netloc.rpartition("@")
    host = place.rpartition(":")[0] if port is not None else place.rstrip(":")
    if not _HOST.fullmatch(host) or port == 0:
        raise UrlError(f"names no host; {expected}")
    user, separator, password = (unquote(part) for part in userinfo.partition(":"))
    if not (user + password).isprintable():
        raise UrlError("has a user or a password with characters that cannot be sent")
    credentials = f"{quote(user, safe='')}{separator}{quote(password, safe='')}@" if userinfo else ""
    return f"http://{credentials}{host.lower()}:{port or _USUAL_PORT}"
