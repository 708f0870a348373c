"""Attending one lesson: finding its node, trying again, the stage's WebSocket."""
