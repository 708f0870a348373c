"""The JSON API of lessons."""
