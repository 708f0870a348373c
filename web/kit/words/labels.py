"""The glossary's words for the vocabulary of the scheduler, and the look of each state.

A label is a msgid; `label(value)` gives it in the reader's language. A look is one of the state
classes of base.css: "" (idle), "good", "warn", "bad", "live".
"""

from collections.abc import Mapping
from enum import StrEnum

from scheduler.access.roles import Role
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.evidence.tables import FactKind
from scheduler.kernel.sentences import N_
from scheduler.lessons.states import LegState, LessonState
from scheduler.lessons.tables import LessonKind, LessonMode
from scheduler.organisation.enums import CommunityKind, MemberRole, RoomKind, SchoolStage, Tier
from scheduler.terminals.states import TerminalState
from web.kit.words.i18n import gettext

LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    LessonKind: {
        LessonKind.MASTER: N_("名师课堂"),
        LessonKind.DEDICATED: N_("专递课堂"),
        LessonKind.SCHOOL_NETWORK: N_("名校网络课堂"),
        LessonKind.RESEARCH: N_("网络教研"),
        LessonKind.PREPARATION: N_("集体备课"),
        LessonKind.OBSERVATION: N_("听评课"),
        LessonKind.TWIN: N_("同课异构"),
        LessonKind.DEMONSTRATION: N_("示范课"),
        LessonKind.TRAINING: N_("培训"),
        LessonKind.HOME_SCHOOL: N_("家校共育"),
        LessonKind.CULTURE: N_("校园文化"),
        LessonKind.MEETING: N_("会议"),
    },
    LessonMode: {
        LessonMode.INTERACTIVE: N_("互动课"),
        LessonMode.BROADCAST: N_("直播课"),
    },
    LessonState: {
        LessonState.DRAFT: N_("草稿"),
        LessonState.PENDING: N_("待批准"),
        LessonState.BOOKED: N_("已预约"),
        LessonState.LOBBY: N_("候课"),
        LessonState.LIVE: N_("上课中"),
        LessonState.ENDED: N_("已下课"),
        LessonState.ARCHIVED: N_("已归档"),
        LessonState.CANCELLED: N_("已取消"),
        LessonState.MISSED: N_("未上"),
    },
    LegState: {
        LegState.INVITED: N_("已邀请"),
        LegState.CONFIRMED: N_("已确认"),
        LegState.DECLINED: N_("不参加"),
        LegState.READY: N_("已就绪"),
        LegState.ATTENDING: N_("在课堂"),
        LegState.LOST: N_("中断"),
        LegState.LEFT: N_("已离开"),
        LegState.ABSENT: N_("未到"),
    },
    TerminalState: {
        TerminalState.UNENROLLED: N_("未绑定"),
        TerminalState.OFFLINE: N_("离线"),
        TerminalState.STANDBY: N_("待机"),
        TerminalState.CHECKING: N_("检查中"),
        TerminalState.READY: N_("已就绪"),
        TerminalState.IN_LESSON: N_("在课堂"),
        TerminalState.FAULT: N_("故障"),
    },
    AttendanceStatus: {
        AttendanceStatus.EXPECTED: N_("待到"),
        AttendanceStatus.PRESENT: N_("到课"),
        AttendanceStatus.LATE: N_("迟到"),
        AttendanceStatus.EARLY_LEAVE: N_("早退"),
        AttendanceStatus.PARTIAL: N_("部分到课"),
        AttendanceStatus.ABSENT: N_("未到"),
    },
    FactKind: {
        FactKind.CONNECTED: N_("已连接"),
        FactKind.RECEIVED: N_("收到画面和声音"),
        FactKind.REPORTED: N_("终端有报告"),
        FactKind.SHOWN: N_("屏幕上有画面"),
        FactKind.HEARD: N_("喇叭里有声音"),
        FactKind.JOINED: N_("进入课堂"),
        FactKind.LEFT: N_("离开课堂"),
        FactKind.TAKEN_OVER: N_("换了一台设备"),
        FactKind.REFUSED: N_("连接被拒绝"),
        FactKind.STAGE_OPENED: N_("课堂打开"),
        FactKind.STAGE_CLOSED: N_("课堂结束"),
        FactKind.NODE_STARTED: N_("转发节点重新启动"),
        FactKind.MUTED: N_("声音被关"),
    },
    RoomKind: {
        RoomKind.INTERACTIVE: N_("互动教室"),
        RoomKind.RECORDING: N_("录播教室"),
        RoomKind.OTHER: N_("其他教室"),
    },
    CommunityKind: {
        CommunityKind.COMMUNITY: N_("教共体"),
        CommunityKind.ALLIANCE: N_("联盟"),
        CommunityKind.GROUP: N_("教育集团"),
        CommunityKind.DISTRICT: N_("学区"),
    },
    MemberRole: {MemberRole.CORE: N_("核心校"), MemberRole.MEMBER: N_("成员校")},
    Tier: {Tier.COUNTY: N_("县"), Tier.TOWN: N_("镇"), Tier.VILLAGE: N_("村")},
    SchoolStage: {
        SchoolStage.KINDERGARTEN: N_("幼儿园"),
        SchoolStage.PRIMARY: N_("小学"),
        SchoolStage.JUNIOR: N_("初中"),
        SchoolStage.SENIOR: N_("高中"),
    },
    Role: {
        Role.COUNTY_ADMIN: N_("县级管理员"),
        Role.COMMUNITY_ADMIN: N_("教共体管理员"),
        Role.SCHOOL_ADMIN: N_("学校管理员"),
        Role.TEACHER: N_("教师"),
        Role.ASSISTANT: N_("助教"),
        Role.SUPERVISOR: N_("督导"),
    },
}

LOOKS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    LessonState: {
        LessonState.LOBBY: "warn",
        LessonState.LIVE: "live",
        LessonState.CANCELLED: "bad",
        LessonState.MISSED: "bad",
    },
    LegState: {
        LegState.CONFIRMED: "good",
        LegState.READY: "good",
        LegState.ATTENDING: "good",
        LegState.LOST: "warn",
        LegState.DECLINED: "bad",
        LegState.ABSENT: "bad",
    },
    AttendanceStatus: {
        AttendanceStatus.PRESENT: "good",
        AttendanceStatus.LATE: "warn",
        AttendanceStatus.EARLY_LEAVE: "warn",
        AttendanceStatus.PARTIAL: "warn",
        AttendanceStatus.ABSENT: "bad",
    },
    TerminalState: {
        TerminalState.STANDBY: "good",
        TerminalState.READY: "good",
        TerminalState.IN_LESSON: "live",
        TerminalState.CHECKING: "warn",
        TerminalState.FAULT: "bad",
        TerminalState.OFFLINE: "bad",
        TerminalState.UNENROLLED: "bad",
    },
}
"""What is not named here is idle."""


def label(value: StrEnum) -> str:
    """Return the word for `value` in the reader's language; KeyError when it has none."""
    return gettext(LABELS[type(value)][value])


def look(value: StrEnum) -> str:
    """Return the state class of `value`."""
    return LOOKS.get(type(value), {}).get(value, "")
