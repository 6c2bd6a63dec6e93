"""The command line: the only part that prints, reads argv, or exits.

`arguments.py` says what can be typed (with `job_arguments.py` and `log_arguments.py`), `misspelt.py` what is said
of what cannot, and `commands.py` does it; `inputs.py` reads what is worked on. `scanning.py` scans claims as one job,
each by `claim_scan.py` unless its attestation stands (`standing.py`); `onchain.py` sees to the form for contracts;
`reports.py`, `metrics_server.py` and `metrics_push.py` leave what machines read of a job, and `webhooks.py` tells of
changes.
`plan.py` tells what a scan will ask (`learnt_limits.py`: at the pace that an earlier one found);
`importing.py` writes claims for published files (`import_facts.py`: whose they are, and of when), and `init.py` a
nodes.yaml to begin with (`wanted_nodes.py`, `chosen_nodes.py`, `nodes_text.py`; `questions.py` asks on a terminal);
`diagnosis.py`, `examination.py` and `row_account.py` tell what was found in a claim, its files and its nodes;
`schemas.py` and `completion.py` print what other programs need of this one; `progress.py` shows how a run goes on;
`files.py` writes results whole or not at all, where `targets.py` lets them; `terminal.py` knows what stdout is, and
`streams.py` what to do where there is none; `bugs.py` tells of a fault of this program. No judgement is made here: an
exit code follows from a verdict or from the error raised.
"""
