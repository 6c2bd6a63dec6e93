"""Pythons that a machine may lack, from Debian's own packages, each in a folder of its own beside its C library.

What the scanner is for has to be tried on all of it, and the system's packages know one Python. The program that stands
in `usr/bin` is a line of shell that starts the real one through the folder's own dynamic loader, under the name that it
was called by: so it may be linked to, as environments do, and finds there what belongs to it (PEP 405).

Not in here: which Pythons there are already (`tests/support/interpreters.py`), and environments.
"""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localnet.debian import Architecture, architecture, unpack
from localnet.shell import run

_STARTS = """\
#!/bin/sh
at=$(PATH=/usr/bin:/bin readlink -f "$0")
usr=${{at%/bin/*}}
exec "$usr/lib/{libraries}/{loader}" --library-path "$usr/lib/{libraries}" --argv0 "$0" "$usr/libexec/{name}" "$@"
"""
_ITS_LIBRARIES = "import bz2, ctypes, hashlib, lzma, sqlite3, ssl, zlib"  # each is linked to a library beside it


@dataclass(frozen=True, slots=True)
class Python:
    """One version, "3.14", and the suite of Debian that has it."""

    version: str
    suite: str

    @property
    def name(self) -> str:
        return f"python{self.version}"

    @property
    def release(self) -> str:
        return f"{self.name}-{platform.machine()}"

    def command(self, folder: Path) -> list[str]:
        """The argv prefix, of one word, of what `fetch` put into `folder`."""
        return [str(folder / "usr" / "bin" / self.name)]

    def fetch(self, folder: Path) -> None:
        """Put it, its standard library and what it is linked to into the empty `folder`. Raises LocalnetError."""
        scratch = folder / "scratch"
        unpacked = unpack([f"{self.name}-minimal", f"lib{self.name}-stdlib"], self.suite, 15, scratch)
        usr = folder / "usr"
        (usr / "libexec").mkdir(parents=True)
        (unpacked / "usr" / "lib").rename(usr / "lib")
        (unpacked / "usr" / "bin" / self.name).rename(usr / "libexec" / self.name)
        shutil.rmtree(scratch)
        run([write_starter(usr, self.name, architecture()), "-c", _ITS_LIBRARIES])


def write_starter(usr: Path, name: str, machine: Architecture) -> Path:
    """The program in `usr/bin` that starts `usr/libexec/NAME` beside the libraries in `usr/lib`."""
    program = usr / "bin" / name
    program.parent.mkdir()
    program.write_text(_STARTS.format(libraries=machine.library_folder, loader=machine.loader, name=name))
    program.chmod(0o755)
    return program


PYTHONS: Final = (Python("3.13", "trixie"), Python("3.14", "forky"))
"""3.11 is in Debian 12; no suite has 3.12."""
