"""The program and the examples run as processes of their own: terminals, shells, environments, exit codes."""
