"""Booking a lesson, and moving it."""
