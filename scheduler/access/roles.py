"""Roles. What each may do is the table in `scheduler.access.permissions`."""

from enum import StrEnum


class Role(StrEnum):
    COUNTY_ADMIN = "COUNTY_ADMIN"
    COMMUNITY_ADMIN = "COMMUNITY_ADMIN"
    SCHOOL_ADMIN = "SCHOOL_ADMIN"
    TEACHER = "TEACHER"
    ASSISTANT = "ASSISTANT"
    SUPERVISOR = "SUPERVISOR"
