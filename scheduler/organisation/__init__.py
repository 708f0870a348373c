"""Who and where: county, communities, schools, rooms, people, terminals.

importer.parse_county(text, *, allow_passwords=False) -> CountyPlan    (ImportRefused)
importer.load_county(db, now, plan, actor_id, seal=) -> ImportSummary

directory.the_county(session) -> CountyView | None
directory.communities(session, day=None) -> list[CommunityView]
directory.schools(session, day=None) -> list[SchoolView]
directory.rooms(session, *, day=None, community_id=None, school_ids=None, active_only=True)
    -> list[RoomView]
directory.room(session, room_id) -> RoomView                           (NotFound)
directory.classes(session, *, school_ids=None) -> list[ClassView]
directory.people(session, *, school_ids=None) -> list[PersonView]
directory.terminals(session, *, school_ids=None, with_revoked=False) -> list[TerminalView]
directory.school_ids_of_community(session, community_id, day=None) -> frozenset[str]

enrolment.begin_pairing(db, now, user_agent, address) -> Pairing
enrolment.pairing_status(db, now, id, secret) -> PairingStatus         (NotFound)
enrolment.pending_pairings(db, now) -> list[PendingPairing]
enrolment.approve_pairing(db, now, actor, code, room_id, *, replace=False) -> TerminalView
    (NotFound, Forbidden, RoomOccupied)
enrolment.revoke_terminal(db, now, actor, terminal_id) -> TerminalView (NotFound, Forbidden)
enrolment.terminal_of_token(session, token) -> TerminalView | None
enrolment.report_state(db, now, terminal_id, state, detail) -> None
"""
