"""Classroom terminals."""
