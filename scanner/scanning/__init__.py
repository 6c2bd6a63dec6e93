"""The run: claim and instrument in, evidence and finding out. All concurrency of the package lives here.

Start reading at `run.py`. Scanning never signs: nothing here imports `scanner.attesting`.
"""
