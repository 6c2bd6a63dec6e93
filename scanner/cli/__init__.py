"""The command line: the only part that prints, reads argv, or exits.

`arguments.py` says what can be typed, `commands.py` does it, `progress.py` shows how a run goes on, `files.py` writes
results whole or not at all. No judgement is made here: an exit code follows from a verdict or from the error raised.
"""
