"""How a fetched Python is started: by its own loader, with its own libraries, under the name that it was called by."""

from __future__ import annotations

import subprocess
from pathlib import Path

from localnet.debian import Architecture
from localnet.pythons import write_starter
from localnet.shell import run


def test_it_is_started_beside_its_libraries_as_the_link_it_was_called_by(tmp_path: Path) -> None:
    usr = tmp_path / "a folder" / "usr"
    libraries = usr / "lib" / "some-linux-gnu"
    libraries.mkdir(parents=True)
    loader = libraries / "ld.so"
    loader.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    loader.chmod(0o755)
    starter = write_starter(usr, "python3.99", Architecture("some", "some-linux-gnu", "ld.so"))
    link = tmp_path / "environment" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to(starter)
    begun = ["--library-path", str(libraries), "--argv0", str(link), str(usr / "libexec" / "python3.99")]
    told = [*begun, "-c", "print('two words')", "", ""]
    assert run([link, "-c", "print('two words')", ""]).split("\n") == told
    done = subprocess.run([link, *told[5:-1]], env={}, capture_output=True, text=True, check=False)
    assert (done.stdout.split("\n"), done.stderr) == (told, "")  # a program may be started without any PATH
