"""The relay node process: WHIP, WHEP, stage WebSocket, control, journal."""
