"""Answers that a browser saves as files."""
