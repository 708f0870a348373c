"""The demo county and its lessons."""
