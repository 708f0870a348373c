"""Plumbing of the pages: sessions, gates, templates, problems, live news."""
