"""Who may come in: tickets, keys, the revocation list."""
