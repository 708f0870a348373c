"""The first schema: every table, and the database's own refusal of overlapping claims."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# A claim lasts at most a day, so that a search for overlaps needs to look back only one day
# along the index (resource, starts_at) instead of over the whole past.
POSTGRESQL_CAP = """
ALTER TABLE claim ADD CONSTRAINT claim_lasts_a_day_at_most
CHECK (ends_at <= starts_at + interval '24 hours')
"""

POSTGRESQL_EXCLUSION = """
ALTER TABLE claim ADD CONSTRAINT claim_no_overlap
EXCLUDE USING gist (resource WITH =, tstzrange(starts_at, ends_at) WITH &&)
"""

# SQLite keeps times as text of fixed width ("2026-09-01 08:00:00.000000"), which sorts as time
# does. strftime rounds to milliseconds, hence 5 ms of slack in the lower bound.
_OVERLAP = """
EXISTS (
    SELECT 1 FROM claim AS held
    WHERE held.resource = NEW.resource
      AND held.starts_at < NEW.ends_at
      AND held.starts_at >= strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '-1 day', '-0.005 seconds')
      AND held.ends_at > NEW.starts_at
      AND held.id <> NEW.id
)
"""

SQLITE_TRIGGER_INSERT = f"""
CREATE TRIGGER claim_no_overlap_insert BEFORE INSERT ON claim
WHEN {_OVERLAP}
BEGIN SELECT RAISE(ABORT, 'claim_no_overlap'); END
"""

SQLITE_TRIGGER_UPDATE = f"""
CREATE TRIGGER claim_no_overlap_update BEFORE UPDATE ON claim
WHEN {_OVERLAP}
BEGIN SELECT RAISE(ABORT, 'claim_no_overlap'); END
"""

_TOO_LONG = """
NEW.ends_at > strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '+1 day') || '999'
OR strftime('%Y', NEW.starts_at) IS NULL OR strftime('%Y', NEW.ends_at) IS NULL
"""

SQLITE_CAP_INSERT = f"""
CREATE TRIGGER claim_lasts_a_day_insert BEFORE INSERT ON claim
WHEN {_TOO_LONG}
BEGIN SELECT RAISE(ABORT, 'claim_lasts_a_day_at_most'); END
"""

SQLITE_CAP_UPDATE = f"""
CREATE TRIGGER claim_lasts_a_day_update BEFORE UPDATE ON claim
WHEN {_TOO_LONG}
BEGIN SELECT RAISE(ABORT, 'claim_lasts_a_day_at_most'); END
"""


def upgrade() -> None:
    for create in TABLES:
        create()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_overlaps_on_sqlite()
    else:
        _refuse_overlaps_on_postgresql()


def downgrade() -> None:
    for create in reversed(TABLES):
        op.drop_table(create.__name__.removeprefix("_create_"))


def _refuse_overlaps_on_postgresql() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(POSTGRESQL_CAP)
    op.execute(POSTGRESQL_EXCLUSION)


def _refuse_overlaps_on_sqlite() -> None:
    op.execute(SQLITE_TRIGGER_INSERT)
    op.execute(SQLITE_TRIGGER_UPDATE)
    op.execute(SQLITE_CAP_INSERT)
    op.execute(SQLITE_CAP_UPDATE)


def _create_county() -> None:
    op.create_table(
        "county",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )


def _create_community() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_community_county_id", "community", ["county_id"])


def _create_school() -> None:
    op.create_table(
        "school",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tier", sa.String(24), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_school_county_id", "school", ["county_id"])


def _create_agreement() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_agreement_community_id", "agreement", ["community_id"])


def _create_campus() -> None:
    op.create_table(
        "campus",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_campus_school_id", "campus", ["school_id"])


def _create_classgroup() -> None:
    op.create_table(
        "classgroup",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_classgroup_school_id", "classgroup", ["school_id"])


def _create_membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.Column("member_community_id", sa.String(), nullable=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["member_community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "member_community_id"),
        sa.UniqueConstraint("community_id", "school_id"),
    )
    op.create_index("ix_membership_community_id", "membership", ["community_id"])
    op.create_index("ix_membership_school_id", "membership", ["school_id"])


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_person_county_id", "person", ["county_id"])
    op.create_index("ix_person_school_id", "person", ["school_id"])


def _create_room() -> None:
    op.create_table(
        "room",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("campus_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_room_campus_id", "room", ["campus_id"])


def _create_terminal() -> None:
    op.create_table(
        "terminal",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(
        "ix_terminal_one_live_a_room",
        "terminal",
        ["room_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("ix_terminal_room_id", "terminal", ["room_id"])


def _create_pairingcode() -> None:
    op.create_table(
        "pairingcode",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terminal_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )


def _create_calendarday() -> None:
    op.create_table(
        "calendarday",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("follows_weekday", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("county_id", "day"),
    )
    op.create_index("ix_calendarday_county_id", "calendarday", ["county_id"])


def _create_term() -> None:
    op.create_table(
        "term",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_term_county_id", "term", ["county_id"])


def _create_bellschedule() -> None:
    op.create_table(
        "bellschedule",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("campus_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campus_id"),
    )


def _create_period() -> None:
    op.create_table(
        "period",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("bell_schedule_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["bell_schedule_id"], ["bellschedule.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bell_schedule_id", "number"),
    )
    op.create_index("ix_period_bell_schedule_id", "period", ["bell_schedule_id"])


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("bucket", sa.String(96), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.create_index("ix_attempt_bucket", "attempt", ["bucket"])


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
        sa.UniqueConstraint("person_id"),
    )


def _create_rolegrant() -> None:
    op.create_table(
        "rolegrant",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("community_id", sa.String(), nullable=True),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "role", "community_id", "school_id"),
    )
    op.create_index("ix_rolegrant_account_id", "rolegrant", ["account_id"])


def _create_session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("csrf_token", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])


def _create_auditevent() -> None:
    op.create_table(
        "auditevent",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(48), nullable=False),
        sa.Column("object_id", sa.String(64), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_auditevent_account_id", "auditevent", ["account_id"])
    op.create_index("ix_auditevent_at", "auditevent", ["at"])


def _create_node() -> None:
    op.create_table(
        "node",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("boot", sa.String(32), nullable=False),
        sa.Column("public_url", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_lesson() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("community_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("mode", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("host_room_id", sa.String(), nullable=False),
        sa.Column("host_teacher_id", sa.String(), nullable=False),
        sa.Column("host_class_id", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actual_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.ForeignKeyConstraint(["host_class_id"], ["classgroup.id"]),
        sa.ForeignKeyConstraint(["host_room_id"], ["room.id"]),
        sa.ForeignKeyConstraint(["host_teacher_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lesson_community_id", "lesson", ["community_id"])
    op.create_index("ix_lesson_county_id", "lesson", ["county_id"])
    op.create_index("ix_lesson_ends_at", "lesson", ["ends_at"])
    op.create_index("ix_lesson_host_room_id", "lesson", ["host_room_id"])
    op.create_index("ix_lesson_host_teacher_id", "lesson", ["host_teacher_id"])
    op.create_index("ix_lesson_starts_at", "lesson", ["starts_at"])
    op.create_index("ix_lesson_state", "lesson", ["state"])


def _create_idempotencykey() -> None:
    op.create_table(
        "idempotencykey",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "key"),
    )


def _create_leg() -> None:
    op.create_table(
        "leg",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("class_id", sa.String(), nullable=True),
        sa.Column("assistant_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(["assistant_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["class_id"], ["classgroup.id"]),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lesson_id", "room_id"),
    )
    op.create_index("ix_leg_lesson_id", "leg", ["lesson_id"])
    op.create_index("ix_leg_room_id", "leg", ["room_id"])
    op.create_index("ix_leg_school_id", "leg", ["school_id"])


def _create_claim() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("resource", sa.String(40), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("leg_id", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="claim_is_not_empty"),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_claim_lesson_id", "claim", ["lesson_id"])
    op.create_index("ix_claim_resource_starts_at", "claim", ["resource", "starts_at"])


def _create_attendancefact() -> None:
    op.create_table(
        "attendancefact",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("lesson_id", sa.String(16), nullable=False),
        sa.Column("room_id", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(32), nullable=False),
        sa.Column("boot", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("peer", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lesson_id", "position"),
        sa.UniqueConstraint("node_id", "boot", "peer", "kind", "starts_at"),
    )
    op.create_index("ix_attendancefact_room_id", "attendancefact", ["room_id"])


def _create_journalposition() -> None:
    op.create_table(
        "journalposition",
        sa.Column("node_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )


def _create_correction() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("leg_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_correction_leg_id", "correction", ["leg_id"])


def _create_headcount() -> None:
    op.create_table(
        "headcount",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("leg_id", sa.String(), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("counted_by", sa.String(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_headcount_leg_id", "headcount", ["leg_id"])


TABLES = (
    _create_county,
    _create_community,
    _create_school,
    _create_agreement,
    _create_campus,
    _create_classgroup,
    _create_membership,
    _create_person,
    _create_room,
    _create_terminal,
    _create_pairingcode,
    _create_calendarday,
    _create_term,
    _create_bellschedule,
    _create_period,
    _create_attempt,
    _create_account,
    _create_rolegrant,
    _create_session,
    _create_auditevent,
    _create_node,
    _create_lesson,
    _create_idempotencykey,
    _create_leg,
    _create_claim,
    _create_attendancefact,
    _create_journalposition,
    _create_correction,
    _create_headcount,
)
