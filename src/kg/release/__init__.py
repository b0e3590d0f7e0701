"""Files to release: read, derive, validate, publish."""
