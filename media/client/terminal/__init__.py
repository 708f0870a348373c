"""The headless classroom terminal."""
