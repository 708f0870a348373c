"""When: organisation, calendar, booking, attendance and life cycle of lessons.

No sockets and no media here: everything in this package is a rule, a table or a use case.
"""
