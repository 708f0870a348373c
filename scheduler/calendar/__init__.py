"""Which day is taught and when its periods start."""
