"""Lessons of one product that all tests here share, with its screens and its host."""
