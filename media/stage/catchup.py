"""How a latecomer catches up: the cache from its newest keyframe on, as fast as its line may take.

The packets keep their timestamps. Shrinking the distances between them was tried, for players that
keep time: Chromium 156 is in the present either way, it shows at once what is late.
"""

CHUNK, PAUSE = 12, 0.004
"""Packets sent to a latecomer at once, and seconds until the next: 3,000 packets (30 Mbit/s) a
second, so that the burst is not lost on the way."""

LIMIT = 3600
"""Packets back from which a replay may begin: twelve seconds of a lesson. The cache holds more, so
that nothing is overwritten before it was shown."""

FRESH = 1.5
"""Seconds since a keyframe for which it is shown at once. After that the source is asked for a new
one: cheaper for the latecomer's line than many seconds of packets."""

ANSWER_WITHIN = 0.15
"""Seconds that a latecomer waits for the source's new keyframe. Some sources have none to give when
they are asked (ffmpeg, RTSP): then the one in the cache is shown, however old."""
