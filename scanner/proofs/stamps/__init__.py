"""What shows that a file existed before a time: stamps over its SHA-256. Pure."""
