"""Where things stand that tests read: this repository, its vectors, and the reference data that may lie beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
VECTORS: Final = ROOT / "tests" / "vectors"
SHARED: Final = ROOT.parent / "shared"  # not in the repository: tests that read it skip where it is missing
