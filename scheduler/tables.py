"""Every table, imported once so that the metadata is whole (migrations and tests need that)."""

from sqlmodel import SQLModel

import scheduler.access.tables
import scheduler.attendance.tables
import scheduler.audit.tables
import scheduler.booking.tables
import scheduler.calendar.tables
import scheduler.lifecycle.tables
import scheduler.organisation.tables  # noqa: F401 - imported for their effect on the metadata

metadata = SQLModel.metadata
