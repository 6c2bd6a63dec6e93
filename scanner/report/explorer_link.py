"""A link to a block in a public explorer, for readers to follow: the page or site that has it loads nothing.

Not in here: who shows a chain's blocks (each family says it, `chains.explorers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.chains.explorers import explorer_url
from scanner.core.ids import Chain
from scanner.report.element import Content, el


def explorer_link(snapshot: Mapping[str, Any]) -> Iterator[Content]:
    """What stands behind a block's hash; nothing for a chain whose explorer is not known."""
    url = explorer_url(Chain(*snapshot["chain"].split(":", 1)), snapshot["height"], snapshot["hash"])
    if url is not None:
        yield " "
        yield el("a", "Look it up", href=url, rel="noopener noreferrer", target="_blank")
