"""Relay nodes and their figures."""
