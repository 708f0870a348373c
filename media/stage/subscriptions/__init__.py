"""What each subscriber of a track is sent: live, from the cache, again."""
