"""What comes in from a source: pieces, losses, reports, what its path carries."""
