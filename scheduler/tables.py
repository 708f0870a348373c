"""Every table, imported once so that the metadata is whole (migrations and tests need that)."""

from sqlmodel import SQLModel

import scheduler.access.tables
import scheduler.calendar.tables
import scheduler.events.tables
import scheduler.evidence.tables
import scheduler.lessons.tables
import scheduler.organisation.tables  # noqa: F401 - imported for their effect on the metadata

metadata = SQLModel.metadata
