"""A node's URL taken apart: which backend, where to, who is asking. No message here quotes any part of a URL.

A URL such as `bitcoind+http://${USER}:${PASSWORD}@127.0.0.1:8332` names the backend before the plus. `${NAME}` comes
from the environment. In the user and password a value is taken as it is; elsewhere it is put in as text, so that a
variable may also hold a whole URL. Not here: the other keys of a node, and connecting.

Sources: RFC 3986 (URLs), RFC 6761 (localhost), RFC 7617 (a user has no colon).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit

from scanner.chains.registry import BACKENDS

_PORTS: Final = {t: p for _, each in reversed(BACKENDS.values()) for t, p in each.ports.items()} | {
    "http": 80,
    "https": 443,
}
_ENCRYPTED: Final = frozenset({"https", "ssl", "adnl"})
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_CREDENTIALS = re.compile(r"([^/?#]*://)([^/?#]*)@(.*)", re.DOTALL)
_URL = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)  # RFC 3986, section 2
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?", re.ASCII)
_OLD_ADDRESS = re.compile(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){0,3}", re.ASCII)  # inet_aton(3)
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: IPv4 addresses
_KEY_LIKE = re.compile(r"[A-Za-z0-9_-]{16,}", re.ASCII)  # a part of a path as long as this may be an API key


class UrlError(ValueError):
    """A URL that cannot be used. The message quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class NodeUrl:
    kind: str
    url: str = field(repr=False)  # without the kind and the credentials
    user: str = field(repr=False)
    password: str = field(repr=False)
    server: tuple[str, int] = field(repr=False)  # host, in the one spelling that `one_host` gives it, and port
    path: str = field(repr=False)
    query: str = field(repr=False)
    loopback: bool


def unfillable(template: str, environ: Mapping[str, str]) -> list[str]:
    """What keeps the template's variables from being filled in, one text for each; no value is quoted."""
    problems = []
    for name in dict.fromkeys(_VARIABLE.findall(template)):
        if not _VARIABLE_NAME.fullmatch(name):
            problems.append("a ${...} does not hold the name of an environment variable")
        elif name not in environ:
            problems.append(f"the environment variable {name} is not set")
        elif not environ[name]:
            problems.append(f"the environment variable {name} is empty")
    if "${" in _VARIABLE.sub("", template):
        problems.append("a ${ is not closed")
    return problems


def parse_url(template: str, environ: Mapping[str, str]) -> NodeUrl:
    """The node that the template names, once the environment is filled in. Raises UrlError.

    Credentials and keys are not sent in the clear to another machine: such a URL is refused.
    """
    text = filled(template, environ)
    if not _URL.fullmatch(text):
        raise UrlError("holds characters that no URL may have; look at the environment's values as well")
    kind, transport, rest = _scheme(text)
    try:
        parts = urlsplit(f"{transport}://{rest}")
        port = parts.port
    except ValueError:
        raise UrlError("has a host or a port that is not one") from None
    host = (parts.hostname or "").lower().rstrip(".")
    if not (_HOST.fullmatch(host) or _is_address(host)):
        raise UrlError("names no host")
    if port == 0:
        raise UrlError("names port 0, where nothing listens")
    if parts.fragment:
        raise UrlError("has a fragment (#), which is never sent; write %23 if the character is meant")
    user, password = _decoded(parts.username), _decoded(parts.password)
    if ":" in user:
        raise UrlError("has a colon in the user, which no server could tell from the one before the password")
    loopback = is_loopback(host)
    secret = bool(parts.username or parts.password or parts.query) or _path_has_key(template, parts.path)
    if secret and not loopback and transport not in _ENCRYPTED:
        raise UrlError("would send a password or a key unencrypted to another machine; use https, or a tunnel to it")
    place = parts.netloc.rpartition("@")[2].lower()
    if port is None and transport in ("ssl", "tcp", "adnl"):  # which have no port of their own
        place = f"{place.rstrip(':')}:{_PORTS[transport]}"
    url = urlunsplit((transport, place, parts.path, parts.query, ""))
    return NodeUrl(
        kind=kind,
        url=url,
        user=user,
        password=password,
        server=(one_host(host), port or _PORTS[transport]),
        path=parts.path.rstrip("/"),
        query=parts.query,
        loopback=loopback,
    )


def filled(template: str, environ: Mapping[str, str]) -> str:
    """The template with its variables' values: in the user and password percent-encoded, elsewhere as they are."""

    def encoded(variable: re.Match[str]) -> str:
        return quote(environ[variable[1]], safe="", errors="surrogateescape")

    def as_it_is(variable: re.Match[str]) -> str:
        return environ[variable[1]]

    credentials = _CREDENTIALS.fullmatch(template)
    if credentials is None:
        return _VARIABLE.sub(as_it_is, template)
    scheme, userinfo, rest = credentials.groups()
    return _VARIABLE.sub(as_it_is, scheme) + _VARIABLE.sub(encoded, userinfo) + "@" + _VARIABLE.sub(as_it_is, rest)


def _scheme(text: str) -> tuple[str, str, str]:
    """Kind, transport, and what comes after them."""
    known = ", ".join(
        f"{kind}+{transport}" for kind, (_, backend) in BACKENDS.items() for transport in backend.transports
    )
    scheme, separator, rest = text.partition("://")
    kind, _, transport = scheme.lower().partition("+")
    if not separator or kind not in BACKENDS or transport not in BACKENDS[kind][1].transports:
        raise UrlError(f"does not start with a known kind of node; known are {known}, each followed by ://")
    return kind, transport, rest


def _decoded(text: str | None) -> str:
    """A percent-encoded user or password as it will be sent."""
    try:
        decoded = unquote_to_bytes(text or "").decode()
    except UnicodeDecodeError:
        raise UrlError("has a user or a password that is not percent-encoded UTF-8") from None
    if decoded and not decoded.isprintable():
        raise UrlError("has a user or a password with characters that cannot be sent")
    return decoded


def _path_has_key(template: str, path: str) -> bool:
    """Whether the path holds what may be an API key: a long part, or one that comes from the environment."""
    variable_in_path = re.search(r"://[^/?#]*/.*\$\{", template, re.DOTALL) is not None
    return variable_in_path or any(_KEY_LIKE.search(part) for part in path.split("/"))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def one_host(host: str) -> str:
    """One spelling for all that lead to one host, as far as names and addresses alone tell: nothing is looked up.

    `host` is in lower case. An IPv4 address within an IPv6 one (RFC 4291, 2.5.5.2; RFC 6052) is that IPv4 address, and
    so is one in the older spellings that systems still take (`127.1`, `0x7f000001`). This machine's addresses are
    `127.0.0.1`. Its name is `localhost`, which the system looks up as it likes: what listens there may be another.
    """
    address = _address(host.rstrip(".").partition("%")[0])
    if address is None:
        return "localhost" if _is_localhost(host) else host.rstrip(".")
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or (
            ipaddress.IPv4Address(address.packed[12:]) if address in _TRANSLATED else address
        )
    return "127.0.0.1" if address.is_unspecified or str(address) == "::1" else str(address)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if not _OLD_ADDRESS.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _is_localhost(host: str) -> bool:
    name = host.rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone: nothing is looked up."""
    if _is_address(host):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
