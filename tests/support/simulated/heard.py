"""What a node was asked, counted as it goes through a client. How a client is listened to is its test's matter."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Heard:
    requests: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    received: int = 0  # blocks left out, which are as large as they like; not counted at real nodes

    def add(self, body: bytes | None) -> None:
        """One request, of one call or several."""
        asked = json.loads(body or b"")
        self.requests += 1
        self.sent += len(body or b"")
        self.calls.update(call["method"] for call in (asked if isinstance(asked, list) else [asked]))
