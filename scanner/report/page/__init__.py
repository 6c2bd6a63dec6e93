"""An attestation as one HTML file, which checks itself in its reader's browser.

Everything that the page says of an attestation comes out of the predicate, through `said.py`, and is marked with where
it came from; the scripts beside these modules compare it again with what was signed. Nothing here judges, and nothing
here opens a file but those of this folder.
"""
