"""Enrolment and states of classroom terminals."""
