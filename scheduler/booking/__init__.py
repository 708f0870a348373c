"""One lesson, one transaction: claims, conflicts, alternatives.

Commands (`now` is aware; effects are the caller's, after commit):
    book.book(db, now, actor, command) -> Booked
    book.check(db, now, actor, command) -> list[Conflict]
    book.preview(db, now, actor, command) -> Preview
    move.move(db, now, actor, lesson_id, starts_at, ends_at, version) -> Changed
    move.cancel(db, now, actor, lesson_id, reason) -> Changed
They raise BookingRefused(problems), BookingConflict(conflicts, alternatives), Forbidden,
NotFound, Stale (all in errors.py).

Queries:
    views.lesson_view(session, lesson_id) -> LessonView            (NotFound)
    views.lessons_between(session, starts_at, ends_at, *, school_ids=None, states=None)
        -> list[LessonView]
    views.lessons_of_person(session, person_id, starts_at, ends_at) -> list[LessonPart]
    views.lessons_of_room(session, room_id, starts_at, ends_at) -> list[LessonPart]
    grid.grid(db, community_id | None, days, *, school_ids=None) -> Grid
"""
