"""Programs from Debian's own packages (Bitcoin Knots is in sid), each unpacked into a folder beside its libraries.

apt runs with lists, cache and package status of its own, so the system is neither asked nor changed; it checks the
archive's signature against the keyring the system came with. The newer C library stays in the folder: the program is
started through that folder's own dynamic loader.

Not in here: when to fetch (`fetch.py`); Pythons, which are more than a program and its libraries (`pythons.py`); the
address of any mirror, which is read from the system's own sources.
"""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from localnet.errors import LocalnetError
from localnet.shell import run, say

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

_ONE_LINE = re.compile(r"\s*deb\s+(\[(?P<options>[^\]]*)\]\s*)?(?P<words>[^\s\[]\S*\s+\S.*)")
_STANDING_SUITES = frozenset({"stable", "oldstable", "testing", "unstable", "sid"})


@dataclass(frozen=True, slots=True)
class Package:
    """A program in a package of one of Debian's suites; `path` is where it lies there, without the leading slash."""

    name: str
    suite: str
    path: str
    megabytes: int  # with all it depends on

    @property
    def release(self) -> str:
        return f"{self.name}-{platform.machine()}"

    @property
    def program(self) -> str:
        return self.path.rpartition("/")[2]

    def command(self, folder: Path) -> list[str]:
        """The argv prefix of what `fetch` put into `folder`."""
        libraries = folder / "lib"
        loader = libraries / architecture().loader
        return [str(loader), "--library-path", str(libraries), "--argv0", self.program, str(folder / self.program)]

    def fetch(self, folder: Path) -> None:
        """Put the program and every library it needs into the empty `folder`. Raises LocalnetError."""
        scratch = folder / "scratch"
        unpacked = unpack([self.name], self.suite, self.megabytes, scratch)
        (unpacked / self.path).rename(folder / self.program)
        for place in ("usr/lib", "lib"):  # two places before Debian 13
            libraries = unpacked / place / architecture().library_folder
            if libraries.is_dir():
                shutil.copytree(libraries, folder / "lib", symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(scratch)
        run([*self.command(folder), "-version"])


BITCOIND = Package("bitcoin-knots", "sid", "usr/bin/bitcoind", 38)
LITECOIND = Package("litecoind", "bookworm", "usr/lib/litecoin/litecoind", 12)  # newer suites lack what it is linked to


@dataclass(frozen=True, slots=True)
class Architecture:
    """What Debian calls a machine, its library folder, and its dynamic loader."""

    name: str
    library_folder: str
    loader: str


_ARCHITECTURES = {
    "x86_64": Architecture("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": Architecture("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}

# What the system's settings must not do here: run hooks, pin releases, add architectures, skip signatures.
_APT_CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
#clear APT::Architectures;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Get::AllowUnauthenticated "false";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::Cache "{folder}/cache";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::State::extended_states "{folder}/extended_states";
"""


def unpack(names: Sequence[str], suite: str, megabytes: int, scratch: Path) -> Path:
    """The root of a file system that holds these packages and all they depend on, below the new folder `scratch`.

    `megabytes` is what the person who waits is told. Raises LocalnetError.
    """
    machine = architecture()
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            raise LocalnetError(f"{tool} is not installed, so Debian's packages cannot be had")
    if not KEYRING.is_file():
        raise LocalnetError("the Debian archive keyring is not installed, so its packages cannot be checked")
    candidates = list(mirrors(Path("/etc/apt"), _codename(Path("/etc/os-release"))))
    if not candidates:
        raise LocalnetError("the apt sources of this machine name no Debian mirror")
    scratch.mkdir()
    say(f"fetching {names[0]} and its libraries from Debian {suite} ({megabytes} MB; the system is not changed)")
    unpacked = scratch / "unpacked"
    for archive in _download(names, suite, scratch, machine.name, candidates):
        run(["dpkg", "-x", archive, unpacked])
    return unpacked


def mirrors(apt: Path, codename: str | None) -> Iterator[str]:
    """The base URIs of the Debian archive in the sources below `apt` (normally /etc/apt), each once, in their order.

    Read are sources.list and sources.list.d, in the one-line and the deb822 style (sources.list(5)). An entry counts as
    Debian's own when it is enabled, is of a release itself (`codename`, or a standing name as `stable`) and not of its
    security or updates branch, has the component main, and is signed by no key but Debian's.
    """
    seen: set[str] = set()
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for path in files:
        if not path.is_file() or path.suffix not in {".list", ".sources"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for entry in _one_line_entries(text) if path.suffix == ".list" else _deb822_entries(text):
            suites = _STANDING_SUITES | ({codename} if codename else set())
            own = "main" in entry.components and suites.intersection(entry.suites)
            if not own or (entry.signed_by and "debian-archive" not in entry.signed_by):
                continue
            for uri in entry.uris:
                if uri not in seen and not uri.startswith("cdrom:"):
                    seen.add(uri)
                    yield uri


@dataclass(frozen=True, slots=True)
class _Entry:
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str


def _one_line_entries(text: str) -> Iterator[_Entry]:
    """`deb [option=value ...] uri suite component ...`, one a line."""
    for line in text.splitlines():
        statement = _ONE_LINE.match(line.partition("#")[0])
        if statement is None:
            continue
        options = dict(option.partition("=")[::2] for option in (statement["options"] or "").split())
        uri, suite, *components = statement["words"].split()
        yield _Entry((uri,), (suite,), tuple(components), options.get("signed-by", ""))


def _deb822_entries(text: str) -> Iterator[_Entry]:
    """Paragraphs of `Field: value`, a value going on in lines that begin with a blank."""
    lines = (line.rstrip() for line in text.splitlines() if not line.startswith("#"))
    for paragraph in "\n".join(lines).split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line[:1].isspace():
                if name:
                    fields[name] += f" {line.strip()}"
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in {"no", "false", "0"}:
            continue
        yield _Entry(
            tuple(fields.get("uris", "").split()),
            tuple(fields.get("suites", "").split()),
            tuple(fields.get("components", "").split()),
            fields.get("signed-by", ""),
        )


def _download(names: Sequence[str], suite: str, scratch: Path, machine: str, candidates: list[str]) -> list[Path]:
    """Download the packages with all they depend on from the first mirror that has them; the .deb files."""
    archives = scratch / "cache" / "archives"
    (archives / "partial").mkdir(parents=True)
    (scratch / "lists" / "partial").mkdir(parents=True)
    (scratch / "status").touch()  # an empty status: nothing counts as installed, so every dependency is downloaded
    configuration = scratch / "apt.conf"
    configuration.write_text(_APT_CONFIGURATION.format(folder=scratch, architecture=machine))
    failure = LocalnetError("no mirror was asked")
    for mirror in candidates:
        (scratch / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
        try:
            run(["apt-get", "-c", configuration, "-q", "update", "--error-on=any"])
            run(["apt-get", "-c", configuration, "-q", "-y", "--download-only", "install", *names])
        except LocalnetError as reason:
            failure = reason
            continue
        return sorted(archives.glob("*.deb"))
    raise failure


def architecture() -> Architecture:
    """This machine's. Raises LocalnetError where none of Debian's packages is known for it."""
    found = _ARCHITECTURES.get(platform.machine())
    if platform.system() != "Linux" or found is None:
        raise LocalnetError(f"no package of it is known for {platform.system()} on {platform.machine()}")
    return found


def _codename(os_release: Path) -> str | None:
    """`VERSION_CODENAME` of os-release(5), where there is one."""
    if not os_release.is_file():
        return None
    for line in os_release.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip().strip('"')
    return None
