"""The control API of a relay node, spoken by the coordinator alone (Bearer: node secret).

    GET  /control/hello                      -> {"node", "boot", "protocol", "pid", "seq",
                                              "cpu_utilization"} (cores of the last ten seconds)
    POST /control/stages/{stage}/close       {"reason", "until"} -> 204 (kept on disk until then)
    POST /control/stages/{stage}/reopen      -> 204
    POST /control/revoke                     {"devices": [...], "jti": [...], "subjects": [...],
                                              "until"} -> 204; every list may be left out
    GET  /control/stages                     -> {"stages": {stage: [RosterEntry...]}}
    GET  /control/stats                      -> media.contract.stats.NodeStats
    GET  /control/journal?after=SEQ&limit=N  -> {"node", "boot", "records": [...], "last": SEQ}
    POST /control/journal/ack                {"seq"} -> 204; segments wholly below are deleted
    POST /control/shutdown                   -> 202

`until` is Unix seconds; `revoke` ends live peers and WebSockets of these devices, tickets or
subjects at once.
"""

PROTOCOL = 2
"""A coordinator adopts a running node only when both speak the same version."""
