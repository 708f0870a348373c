"""One lesson, one transaction: claims, conflicts, alternatives."""
