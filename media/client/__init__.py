"""Clients of a relay node: publisher, viewer and headless terminal, on aiortc."""
