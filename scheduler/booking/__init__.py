"""One lesson, one transaction: claims, conflicts, alternatives; book, move, cancel."""
