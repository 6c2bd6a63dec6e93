"""deploy/webhooks/relay.py, as a module: it lies beside the package, as an example that is copied."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType
from typing import Any, Final

from tests.support.deployed import DEPLOY

FOLDER: Final = DEPLOY / "webhooks"
ENVIRONMENT: Final = {"PAGERDUTY_ROUTING_KEY": "r" * 32}
TEMPLATES: Final = ("slack.json", "teams.json", "pagerduty.json")


def relay() -> ModuleType:
    specification = importlib.util.spec_from_file_location("relay", FOLDER / "relay.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def template(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())
