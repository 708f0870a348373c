"""What the coordinator does by itself: alarms, journals, presence, figures, recording hosts."""
