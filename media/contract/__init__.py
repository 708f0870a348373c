"""What both cores speak: tickets, journal records, stage and control messages. Pure."""
