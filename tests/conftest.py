"""How hard property tests try: twenty examples each while one works, a hundred in `make test`."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.imported_files import import_in_turn
from tests.support.order import in_order
from tests.support.strength import FULL

gc.disable()  # until all tests are collected: nothing of what is made till then is garbage

pytest.register_assert_rewrite("tests.support.bitcoin_behaviour", "tests.support.history_behaviour")

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("full", max_examples=100, deadline=None)
settings.load_profile("full" if FULL else "quick")


def pytest_collection(session: pytest.Session) -> None:
    """On a worker, what is to be collected is imported first, in its own order (`tests.support.imported_files`)."""
    told: dict[str, object] | None = getattr(session.config, "workerinput", None)
    if told is not None:
        number, workers = int(str(told["workerid"]).removeprefix("gw")), int(str(told["workercount"]))
        for folder in map(Path, session.config.args):
            if folder.is_dir():
                import_in_turn(number, workers, folder.resolve())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which files are begun (`tests.support.order`)."""
    items.sort(key=in_order(item.path for item in items))


def pytest_collection_finish() -> None:
    """What stands when all tests are collected stays to the end: the collector of cycles looks at it no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 50)  # most that a test makes is gone by itself before
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a scan keeps in its user's state folder is kept in the session's own, by processes of tests too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
        yield
