"""Compiles the Solidity sources beside it into `runtime.json`; see README.md for when and how.

Not in here: anything that runs at run time. `runtime.json` is committed, so nobody needs a compiler to use it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from localnet.contracts import FOLDER, RUNTIME, sources, sources_digest

SETTINGS: dict[str, Any] = {
    "evmVersion": "paris",  # runs on every EVM chain, also those without PUSH0
    "optimizer": {"enabled": True, "runs": 200},
    "metadata": {"appendCBOR": False, "bytecodeHash": "none"},  # the same sources give the same bytes
    "outputSelection": {"*": {"*": ["evm.deployedBytecode.object"]}},
}


def compile_all(solcjs: str) -> dict[str, str]:
    """Contract name -> runtime bytecode in hex with 0x, by the solcjs program at that path. Exits on any message."""
    request = {
        "language": "Solidity",
        "sources": {name: {"content": content} for name, content in sources().items()},
        "settings": SETTINGS,
    }
    done = subprocess.run(
        [solcjs, "--standard-json"],
        input=json.dumps(request),
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    if "errors" in answer:
        sys.exit("\n".join(error["formattedMessage"] for error in answer["errors"]))
    codes = {
        contract: compiled["evm"]["deployedBytecode"]["object"]
        for contracts in answer["contracts"].values()
        for contract, compiled in contracts.items()
    }
    return {contract: f"0x{code}" for contract, code in sorted(codes.items()) if code}


if __name__ == "__main__":
    built = {"sources_sha256": sources_digest(), "runtime": compile_all(str(Path(sys.argv[1]).absolute()))}
    RUNTIME.write_text(json.dumps(built, indent=1) + "\n")
