"""Recording hosts: pulled by RTSP, published by WHIP."""
