"""Where the tests find their Chromium, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from localnet.errors import NodeMissing
from tests.browser.chromium import VARIABLE, chromium
from tests.support.real.real_nodes import REQUIRED, or_skip


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with an empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv(REQUIRED, raising=False)
    return tmp_path


def executable(path: Path) -> Path:
    path.touch(mode=0o755)
    return path


def test_the_one_that_is_named_comes_before_the_one_on_path(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path, named = executable(bare / "chromium"), executable(bare / "mine")
    assert chromium() == on_path
    monkeypatch.setenv(VARIABLE, str(named))
    assert chromium() == named


def test_one_that_is_named_and_not_there_is_not_replaced_by_another(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(bare / "chromium")
    monkeypatch.setenv(VARIABLE, str(bare / "missing"))
    with pytest.raises(NodeMissing, match=f"{VARIABLE} names .*missing"):
        chromium()


def test_without_one_tests_are_skipped_or_fail_where_programs_are_required(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(pytest.skip.Exception, match=VARIABLE):
        or_skip(chromium)
    monkeypatch.setenv(REQUIRED, "1")
    with pytest.raises(NodeMissing, match="apt-get install chromium"):
        or_skip(chromium)
