"""State tables of lessons, legs and terminals, and what is due now."""
