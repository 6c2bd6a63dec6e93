"""Pages of statements of several moments, which check themselves as an attestation's does: `document.py` (START HERE).

series.py, together.py   what each of the two shows
figures.py               how it is written, beside the kinds of `page.figures`
*.js                     the scripts that only these pages carry
"""
