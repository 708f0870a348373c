"""The classroom terminal: its page, its pairing, its day and its WebSocket."""
