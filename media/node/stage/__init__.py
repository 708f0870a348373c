"""One lesson on a node: its peers, listeners, roster and latecomers."""
