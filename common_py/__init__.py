"""What every stage shares: where things are, how errors read, how progress shows."""
