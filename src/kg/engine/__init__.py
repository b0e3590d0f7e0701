"""Where foreign queries run: scanned, then evaluated in a process that may be killed."""
