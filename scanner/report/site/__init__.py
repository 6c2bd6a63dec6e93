"""A static site over a history: an index, a page an exchange with its charts, a page a statement, and feeds.

    build.py         all files of a site, in order: START READING HERE
    shell.py         what all pages have in common; style.css is how they look
    index.py         the exchanges at a glance
    exchange.py      one exchange: runs of reports, charts, every attestation
    score.py         how much was shown of its last report
    nearest.py       which reports of several exchanges stand beside each other
    compare.py       several exchanges at one moment
    criteria.py      how much was shown of each of them, without a sum
    permanent.py     places within pages, which keep their names
    attestation.py   one attestation, as it was signed
    series.py        what was held before and after a report, drawn by report/series_chart.py
    together.py      what several exchanges held at the same moments
    statement.py     one series, or one statement of claims together
    chart.py         ratios over time as SVG, with the 100 % line
    feeds.py         JSON Feed 1.1 and RSS 2.0

What comes in is the history as JSON values (docs/history.md) and predicates (docs/predicate.md). Nothing is judged
here, no clock is read, and no file: the same input gives the same bytes. No page needs JavaScript or a network.
"""
