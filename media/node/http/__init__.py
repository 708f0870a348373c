"""What a node answers over HTTP: WHIP, WHEP, stage WebSocket, control API."""
