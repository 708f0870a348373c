"""Pages of administrators and supervisors."""
