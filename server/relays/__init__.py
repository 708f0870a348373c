"""Relay nodes seen from the coordinator: supervision, orders, placement, tickets."""
