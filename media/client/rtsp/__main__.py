"""`python -m media.client.rtsp --config FILE` (or `-`): see media.client.rtsp.rtsp."""

from media.client.rtsp.rtsp import main

main()
