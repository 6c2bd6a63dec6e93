"""`python -m scanner`: the command line."""

from scanner.cli.commands import main

if __name__ == "__main__":
    raise SystemExit(main())
