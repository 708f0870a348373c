"""What happened: append-only facts, spans and the status of each leg."""
