"""What a node reports of itself: stats, metrics, load, and when it collects garbage."""
