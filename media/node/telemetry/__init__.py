"""What a node tells of itself: stats, metrics, load, and when it collects garbage."""
