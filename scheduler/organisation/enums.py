"""The organisation's vocabulary (glossary: docs/glossary.md)."""

from enum import StrEnum


class CommunityKind(StrEnum):
    COMMUNITY = "COMMUNITY"  # 教共体
    ALLIANCE = "ALLIANCE"  # 联盟, each member a legal person of its own
    GROUP = "GROUP"  # 教育集团, one legal person
    DISTRICT = "DISTRICT"  # 学区


class MemberRole(StrEnum):
    CORE = "CORE"  # 核心校 / 牵头学校
    MEMBER = "MEMBER"  # 成员校 / 联合学校


class Tier(StrEnum):
    COUNTY = "COUNTY"  # 县
    TOWN = "TOWN"  # 镇
    VILLAGE = "VILLAGE"  # 村


class SchoolStage(StrEnum):
    KINDERGARTEN = "KINDERGARTEN"
    PRIMARY = "PRIMARY"
    JUNIOR = "JUNIOR"
    SENIOR = "SENIOR"


class RoomKind(StrEnum):
    INTERACTIVE = "INTERACTIVE"  # 互动教室
    RECORDING = "RECORDING"  # 录播教室
    OTHER = "OTHER"
