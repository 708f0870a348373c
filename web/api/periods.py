"""The periods that a room's bell offers on a day."""

from aiohttp import web as http

from scheduler.calendar.queries import periods_on
from scheduler.organisation import directory
from web.kit.services import services_of
from web.kit.words.formats import clock_time, local_day, parse_day


async def of_room(request: http.Request) -> http.StreamResponse:
    """GET /api/v1/rooms/{id}/periods?day= -> {"periods": [{"number", "name", "starts", "ends"}]}.

    Times are on the wall clock of the county. Raise NotFound for an unknown room.
    """
    services = services_of(request)
    zone = services.settings.zone
    day = parse_day(request.query.get("day"), local_day(services.clock(), zone))
    async with services.db.read() as session:
        room = await directory.room(session, request.match_info["id"])
        slots = await periods_on(session, room.campus_id, day, services.settings.time_zone)
    periods = [
        {
            "number": slot.number,
            "name": slot.name,
            "starts": clock_time(slot.starts_at, zone),
            "ends": clock_time(slot.ends_at, zone),
        }
        for slot in slots
    ]
    return http.json_response({"periods": periods})
