"""The commands, a module each: its name, its help, what may be typed after it, and how it runs.

A further command is a module with a value `COMMAND`, and a line in `COMMANDS`. What takes more than a few lines is done
by a module beside this folder, imported when the command runs.
"""

from __future__ import annotations

from typing import Final

from scanner.cli.verbs import (
    anchor,
    check,
    completion,
    diff,
    flows,
    import_file,
    included,
    init,
    log,
    report,
    scan,
    schema,
    score,
    series,
    show,
    site,
    stamp,
    verify,
)

_MODULES: Final = (
    import_file,
    init,
    check,
    scan,
    series,
    flows,
    verify,
    anchor,
    stamp,
    show,
    diff,
    report,
    included,
    log,
    score,
    site,
    schema,
    completion,
)

COMMANDS: Final = tuple(module.COMMAND for module in _MODULES)
"""In the order of `scanner --help`."""
