"""How: the relay node and its clients. No SQL here; runs as a process of its own."""
