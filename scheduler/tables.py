"""Every table, imported once so that the metadata is whole (migrations and tests need that)."""
# ruff: noqa: F401 - imported for their effect on the metadata

from sqlmodel import SQLModel

import scheduler.access.tables
import scheduler.booking.tables
import scheduler.calendar.tables
import scheduler.events.tables
import scheduler.evidence.tables
import scheduler.lessons.tables
import scheduler.organisation.tables
import scheduler.placement.tables
import scheduler.terminals.tables

metadata = SQLModel.metadata
