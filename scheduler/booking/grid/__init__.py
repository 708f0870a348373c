"""The booking grid: rooms by periods."""
