"""Whole pages: the templates, the menu, the static files beside them."""
