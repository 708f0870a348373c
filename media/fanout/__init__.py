"""From one frame to every viewer: templates, batches, segmented messages."""
