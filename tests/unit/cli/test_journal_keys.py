"""The secrets a journal is authenticated with: the user's own, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.cli.journal_keys import NAME, journal_keys
from scanner.errors import InputError
from tests.support.attestations.attested import AUDITOR, EXCHANGE


def test_a_scan_that_nobody_signs_has_a_secret_of_its_user_that_stays_the_same(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path / "state")}
    (first,) = journal_keys([], environment)
    assert journal_keys([], environment) == [first]
    path = tmp_path / "state" / NAME
    assert path.read_bytes() == first
    assert len(first) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert journal_keys([], {"HOME": str(tmp_path)}) != [first]
    assert (tmp_path / ".local" / "state" / NAME).exists()


def test_a_scan_that_is_signed_has_a_secret_of_each_key_first_and_makes_no_file(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    signed = journal_keys([EXCHANGE, AUDITOR], environment)
    assert len(set(signed)) == 2
    assert journal_keys([EXCHANGE], environment) == signed[:1]
    assert list(tmp_path.iterdir()) == []
    unsigned = journal_keys([], environment)
    assert journal_keys([EXCHANGE], environment) == signed[:1] + unsigned  # so that it goes on from one unsigned


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "relative", "XDG_STATE_HOME": "relative"}])
def test_where_there_is_no_place_for_a_secret_there_is_none(environment: dict[str, str]) -> None:
    assert journal_keys([], environment) == []


def test_a_place_that_cannot_be_written_to_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert journal_keys([], {"XDG_STATE_HOME": str(tmp_path / "file")}) == []


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o640, 0o604, 0o666])
def test_a_secret_that_others_could_have_written_or_read_is_refused(tmp_path: Path, mode: int) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    journal_keys([], environment)
    (tmp_path / NAME).chmod(mode)
    for signers in ([], [EXCHANGE]):
        with pytest.raises(InputError, match=str(tmp_path / NAME)):
            journal_keys(signers, environment)


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    journal_keys([], environment)
    (tmp_path / NAME).parent.chmod(mode)
    with pytest.raises(InputError, match="others could have written it"):
        journal_keys([], environment)


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_what_is_no_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    journal_keys([], environment)
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(InputError, match="is no key of 32 bytes"):
        journal_keys([], environment)


def test_a_link_in_the_secrets_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / NAME).parent.mkdir(mode=0o700)
    (tmp_path / "elsewhere").write_bytes(b"x" * 32)
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    assert journal_keys([], {"XDG_STATE_HOME": str(tmp_path)}) == []
