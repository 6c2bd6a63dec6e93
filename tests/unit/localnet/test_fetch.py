"""Which node program is run, how a fetched one comes to stand in the cache, and where Debian's mirror is read from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localnet import contracts
from localnet.debian import mirrors
from localnet.errors import LocalnetError, NodeMissing
from localnet.fetch import Program, command_of
from localnet.shell import run, without_addresses


def fetch_a_script(folder: Path) -> None:
    make_script(folder / "nodeprogram")


def make_script(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    return path


def program(fetch: Callable[[Path], None] = fetch_a_script) -> Program:
    return Program(
        name="nodeprogram",
        variable="NODEPROGRAM_VARIABLE",
        release="nodeprogram-1.0",
        advice="install nodeprogram 1.0 or newer",
        fetch=fetch,
        command=lambda folder: [str(folder / "nodeprogram"), "--flag"],
    )


def never(folder: Path) -> None:
    raise AssertionError("nothing was to be fetched")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, no variable set, nothing on PATH."""
    monkeypatch.setenv("RESERVE_SCANNER_NODES", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("NODEPROGRAM_VARIABLE", raising=False)
    return tmp_path / "cache"


# The order of choice


def test_a_program_named_by_the_variable_comes_before_one_on_path(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_script(tmp_path / "bin" / "nodeprogram")
    named = make_script(tmp_path / "elsewhere" / "mynode")
    monkeypatch.setenv("NODEPROGRAM_VARIABLE", str(named))
    assert command_of(program(never)) == [str(named)]


def test_a_variable_that_names_nothing_to_run_is_an_error_and_not_passed_over(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_script(tmp_path / "bin" / "nodeprogram")
    monkeypatch.setenv("NODEPROGRAM_VARIABLE", str(tmp_path / "absent"))
    with pytest.raises(NodeMissing, match="NODEPROGRAM_VARIABLE names no program"):
        command_of(program(never))


def test_a_program_on_path_comes_before_a_fetched_one(cache: Path, tmp_path: Path) -> None:
    make_script(cache / "nodeprogram-1.0" / "nodeprogram")
    on_path = make_script(tmp_path / "bin" / "nodeprogram")
    assert command_of(program(never)) == [str(on_path)]


def test_an_empty_variable_counts_as_unset(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = make_script(tmp_path / "bin" / "nodeprogram")
    monkeypatch.setenv("NODEPROGRAM_VARIABLE", "")
    assert command_of(program(never)) == [str(on_path)]


def test_a_fetched_program_is_not_fetched_again(cache: Path) -> None:
    fetched = [str(cache / "nodeprogram-1.0" / "nodeprogram"), "--flag"]
    assert command_of(program()) == fetched
    assert command_of(program(never)) == fetched


# The cache


def test_an_interrupted_fetch_leaves_nothing_that_looks_fetched(cache: Path) -> None:
    def interrupted(folder: Path) -> None:
        fetch_a_script(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        command_of(program(interrupted))
    assert [path.name for path in cache.iterdir()] == ["nodeprogram.lock"]
    assert Path(command_of(program())[0]).is_file()


def test_what_a_killed_fetch_left_behind_is_removed_by_the_next_one(cache: Path) -> None:
    make_script(cache / "unfinished-nodeprogram-abc" / "nodeprogram")
    make_script(cache / "unfinished-other-abc" / "other")
    command_of(program())
    assert sorted(path.name for path in cache.iterdir()) == [
        "nodeprogram-1.0",
        "nodeprogram.lock",
        "unfinished-other-abc",
    ]


def test_two_that_fetch_at_the_same_time_fetch_once(cache: Path) -> None:
    fetches: list[Path] = []
    second_is_in = threading.Event()

    def fetch(folder: Path) -> None:
        fetches.append(folder)
        if len(fetches) == 2:
            second_is_in.set()
        second_is_in.wait(0.2)  # a lock that does not lock lets the second one in meanwhile
        fetch_a_script(folder)

    commands: list[list[str]] = []
    threads = [threading.Thread(target=lambda: commands.append(command_of(program(fetch)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fetches) == 1
    assert commands[0] == commands[1]


def test_when_fetching_fails_the_error_says_what_to_install_and_which_variable_names_it(cache: Path) -> None:
    def failing(folder: Path) -> None:
        raise LocalnetError("the moon is in the way")

    with pytest.raises(NodeMissing) as missing:
        command_of(program(failing))
    text = str(missing.value)
    for part in ("install nodeprogram 1.0 or newer", "PATH", "NODEPROGRAM_VARIABLE", "the moon is in the way"):
        assert part in text
    assert not (cache / "nodeprogram-1.0").exists()


# The tools


def test_a_failing_tool_is_quoted_without_any_url() -> None:
    with pytest.raises(LocalnetError) as failed:
        run(["/bin/sh", "-c", "echo cannot reach https://user:secret@mirror.example/debian; exit 7"])
    assert str(failed.value) == "sh failed (7): cannot reach <url>"


def test_an_absent_tool_is_named() -> None:
    with pytest.raises(LocalnetError, match="no-such-tool is not installed"):
        run(["no-such-tool"])


def test_a_folder_can_be_put_before_path(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho ours\n")
    tool.chmod(0o755)
    assert run(["/bin/sh", "-c", "tool"], path_first=tmp_path) == "ours\n"


def test_urls_of_every_scheme_are_left_out_of_quoted_text() -> None:
    assert without_addresses("Err:1 http://a.example sid, 'git+ssh://b@c/d' done") == "Err:1 <url> sid, '<url>' done"


# The mirror


def sources(tmp_path: Path, **files: str) -> list[str]:
    """The mirrors found for the codename bookworm, given the contents of `NAME_list` and `NAME_sources` files."""
    folder = tmp_path / "sources.list.d"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text)
    return list(mirrors(tmp_path, "bookworm"))


DEB822 = """\
# Debian's own
Types: deb deb-src
URIs: http://one.example/debian
  https://two.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://one.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def test_the_mirrors_are_read_from_deb822_sources(tmp_path: Path) -> None:
    assert sources(tmp_path, debian_sources=DEB822) == ["http://one.example/debian", "https://two.example/debian"]


def test_the_mirror_is_read_from_one_line_sources_and_the_main_list_comes_first(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "# deb http://commented.example/debian bookworm main\n"
        "deb-src http://src.example/debian bookworm main\n"
        "deb [ arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg ] http://a.example/debian/ bookworm "
        "main non-free # the near one\n"
        "deb http://a.example/debian-security bookworm-security main\n"
    )
    found = sources(
        tmp_path, extra_list="deb\thttp://tab.example/debian sid main\n deb http://b.example/debian sid main\n"
    )
    assert found == ["http://a.example/debian/", "http://tab.example/debian", "http://b.example/debian"]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("Types: deb deb-src", "Types: deb-src"),
        ("Types: deb deb-src", "Enabled: no\nTypes: deb"),
        ("Suites: bookworm bookworm-updates", "Suites: bookworm-pgdg"),
        ("Components: main contrib", "Components: stable"),
        ("Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg", "Signed-By: /etc/apt/keyrings/vendor.gpg"),
        (
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
            "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----",
        ),
        ("URIs: http://one.example/debian\n  https://two.example/debian", "URIs: cdrom:[Debian]/"),
    ],
)
def test_an_entry_that_is_disabled_or_not_debians_own_is_no_mirror(tmp_path: Path, was: str, becomes: str) -> None:
    first, security = DEB822.split("\n\n")
    assert was in first
    assert sources(tmp_path, debian_sources=f"{first.replace(was, becomes)}\n\n{security}") == []


def test_a_vendors_one_line_entry_of_the_same_codename_is_no_mirror(tmp_path: Path) -> None:
    line = "deb [signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.example/apt bookworm main\n"
    assert sources(tmp_path, vendor_list=line) == []


def test_a_mirror_named_twice_is_given_once_and_files_with_other_endings_are_not_read(tmp_path: Path) -> None:
    line = "deb http://a.example/debian bookworm main\n"
    assert sources(tmp_path, a_list=line + line, b_list=line, c_disabled=line.replace("a.", "c.")) == [
        "http://a.example/debian"
    ]


def test_without_any_sources_there_is_no_mirror(tmp_path: Path) -> None:
    assert list(mirrors(tmp_path, None)) == []


@given(st.lists(st.sampled_from(["deb", "[", "]", "Types:", "URIs:", " ", "\n", "\t", "#", "=", "main", "sid", "x"])))
def test_no_text_makes_the_reading_of_sources_fail(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    apt = tmp_path_factory.mktemp("apt")
    sources(apt, a_list="".join(words), b_sources="".join(words))


# The contracts


def test_the_committed_bytecode_was_made_from_the_committed_sources() -> None:
    assert contracts.recorded_sources_digest() == contracts.sources_digest()
