"""How hard property tests try: twenty examples each while one works, a hundred in `make test`."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.strength import FULL

pytest.register_assert_rewrite("tests.history_behaviour")

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("full", max_examples=100, deadline=None)
settings.load_profile("full" if FULL else "quick")
