"""A score for each report of a history: six criteria, each 0, 1/2, 1 or NOT SHOWN, by stated formulas (docs/score.md).

    scoring.py    START HERE: one exchange's verified entries to a score for each claim of each report
    rubric.py     the six criteria as a table: what is measured, and how much of it earns how much
    measures.py   each measure: one figure of one unit
    evidence.py   what of a verified entry is looked at
    frequency.py  for how long reports followed each other
    others.py     requirements of another published rubric that the same measures decide
    summary.py    all of that over a history, as JSON values, with what stands beside the sum
    shape.py      the shape of these values, for the JSON Schema

A score says how much was shown of a report, not whether more is owed than held: a shortfall that was shown in full
scores as high as a surplus. Everything but summary.py is pure. Taking evidence away never raises a score.
"""
