"""deploy/webhooks/relay.py, as a module: it lies beside the package, as an example that is copied."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any, Final

from tests.support.deployed import DEPLOY

FOLDER: Final = DEPLOY / "webhooks"
ENVIRONMENT: Final = {"PAGERDUTY_ROUTING_KEY": "r" * 32}
TEMPLATES: Final = ("slack.json", "teams.json", "pagerduty.json")


def relay() -> ModuleType:
    """Read as it is run, so that no bytecode is left beside it."""
    path, module = FOLDER / "relay.py", ModuleType("relay")
    exec(compile(path.read_text(), path, "exec"), module.__dict__)  # noqa: S102 - a file of this repository
    return module


def template(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())
