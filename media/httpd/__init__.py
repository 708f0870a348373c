"""HTTP ports under guard: bounds, proxies, rate limits, masked addresses, log limits.

The nodes and the pages both use it.
"""
