"""Facts, spans, the ledger, and the pure functions that judge attendance by them."""
