"""One line of numbers, times and picture ids over every change of a slot's source."""
