"""The report of factual findings: which procedures were carried out on an attestation, what each found, and every
exception, in the shape of an agreed-upon procedures report (ISRS 4400, revised). docs/findings.md describes it.

    exceptions.py     what an exception is, and the procedures by number
    of_rows.py        exceptions and counts from the evidence's rows, as they go by
    of_claim.py       exceptions of files, units, blocks and the claim as a whole
    over_time.py      exceptions of earlier reports, of a series and of claims together, where they are given
    procedures.py     the table of procedures
    text.py           the fixed words
    document.py       all parts of the report in their order, whatever the form
    forms.py          the forms, a module each: markdown.py, page.py (HTML), comma_separated.py, workbook.py (XLSX)

Everything here is pure but for the forms, which write to files that they are given. Not here: reading or verifying.
"""
