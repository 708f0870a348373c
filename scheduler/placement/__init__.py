"""Which relay node carries a lesson."""
