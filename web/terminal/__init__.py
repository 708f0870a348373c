"""The classroom terminal: its page, its pairing and its API."""
