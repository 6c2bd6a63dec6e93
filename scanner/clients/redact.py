"""What a node says in its own words, made fit to be quoted in evidence: short, printable, without its URL or key.

Evidence is published. A node's error text is written by a stranger and may hold anything, the caller's API key above
all ("project id ... is over its limit"). Not in here: deciding what an error means.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from scanner.core.node_settings import NodeSettings

LONGEST = 200  # characters of a node's own words that are quoted
_HIDDEN = "***"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
_SHORTEST_PART = 4  # a part of a path as short as "v3" or "rpc" is no key, and hiding it would only blur the text
_MARKS = "'\"`=:@"  # what stands beside a user or a password that is quoted, and seldom beside an article


class Redactor:
    """Makes one node's words quotable. What must not be quoted is taken from the node's settings."""

    def __init__(self, settings: NodeSettings) -> None:
        parts = urlsplit(settings.url)
        secrets = {settings.url, parts.netloc, parts.hostname or "", settings.user, settings.password}
        proxy = urlsplit(settings.proxy)
        secrets |= {proxy.netloc, proxy.hostname or "", proxy.username or "", proxy.password or ""}
        pieces = [*re.split("[/&=]", f"{parts.path}/{parts.query}"), parts.fragment]
        secrets.update(piece for piece in pieces if len(piece) >= _SHORTEST_PART)
        secrets.update([unquote(secret) for secret in secrets])
        longest_first = sorted(filter(None, secrets), key=len, reverse=True)  # a part must not hide before its whole
        self._secrets = re.compile("|".join(map(_pattern, longest_first)), re.IGNORECASE) if longest_first else None

    def __call__(self, words: object) -> str:
        """`words` as one line of at most 200 printable ASCII characters without URLs, hosts, users, passwords, keys."""
        text = words[: 16 * LONGEST] if isinstance(words, str) else "(no text)"
        if self._secrets is not None:  # before anything else, so that nothing can stand between a key's characters
            text = self._secrets.sub(_HIDDEN, text)
        text = _URL.sub(_HIDDEN, _UNPRINTABLE.sub(" ", text))
        if self._secrets is not None:
            text = self._secrets.sub(_HIDDEN, text)
        text = " ".join(text.split())
        return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _pattern(secret: str) -> str:
    """Where a secret is hidden: anywhere; but a user called "rpc" not in "jsonrpc", and a password "a" only where it is
    quoted or set off as a value: hidden in every word it would garble all texts, and hide nothing.
    """
    escaped = re.escape(secret)
    if len(secret) >= _SHORTEST_PART:
        return escaped
    word = rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"
    if len(secret) == _SHORTEST_PART - 1:
        return word
    return rf"(?:(?<=[{_MARKS}]){word}|{word}(?=[{_MARKS}]))"
