"""docs/api.md, from the docstrings of everything that `import scanner` offers, module by module. Writes no file."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import scanner


def api() -> str:
    """The page: the library's own docstring, then every name with its signature and what it says of itself."""
    named = {name: getattr(scanner, name) for name in scanner.__all__ if not name.startswith("_")}
    parts: dict[str, list[str]] = {}
    for name, value in sorted(named.items()):
        parts.setdefault(_home(value), []).append(name)
    lines = ["# The library", "", *inspect.cleandoc(scanner.__doc__ or "").splitlines(), ""]
    lines += ["`make docs` writes this page from the docstrings.", ""]
    for home in sorted(parts):
        lines += [f"## From `{home}`", ""]
        for name in parts[home]:
            lines += _entry(name, named[name])
    return "\n".join(line.rstrip() for line in lines)


def _home(value: Any) -> str:
    return str(getattr(value, "__module__", "scanner.scanning.events")).replace("types", "scanner.scanning.events")


def _entry(name: str, value: Any) -> Iterator[str]:
    kind = "class" if inspect.isclass(value) else "function" if inspect.isfunction(value) else "type"
    yield f"### {name} ({kind})"
    yield ""
    if kind == "function":
        yield from ("```python", _signature(name, value), "```", "")
    yield from (inspect.getdoc(value) or "").splitlines() if kind != "type" else ("One of the events of a run.",)
    yield ""
    if kind == "class":
        for method, function in inspect.getmembers(value, inspect.isfunction):
            if not method.startswith("_") and method in vars(value) and function.__doc__:
                yield f"- `{_signature(method, function)}`: {inspect.getdoc(function)}".replace("\n", " ")
        yield ""


def _signature(name: str, function: Any) -> str:
    """As it would be written; of a default that is a function its name, since where it lies in memory says nothing."""
    return re.sub(r"<function (\S+) at 0x[0-9a-f]+>", r"\1", f"{name}{inspect.signature(function)}")
