"""Names to entities: the label index of a release, what it finds and why, reconciliation scores."""
