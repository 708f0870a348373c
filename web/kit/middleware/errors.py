"""Turns exceptions into answers: problem+json below /api/, a page elsewhere."""

import logging

from aiohttp import web as http

from web.kit.middleware import Handler
from web.kit.pages.templating import render
from web.kit.problems import HttpProblem, from_http, unexpected
from web.kit.translate import problem_of

log = logging.getLogger(__name__)


@http.middleware
async def errors(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Answer for every exception; what nobody expected is logged and answered with 500."""
    try:
        return await handler(request)
    except http.HTTPException as error:
        if error.status < 400:
            raise
        return _answer(request, from_http(error))
    except ConnectionResetError:
        raise  # nobody is left to answer
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            log.exception("unexpected error in %s %s", request.method, _pattern(request))
            problem = unexpected()
        return _answer(request, problem)


def _pattern(request: http.Request) -> str:
    """Return the route's pattern: paths may name people, patterns do not."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "(no route)"


def _answer(request: http.Request, problem: HttpProblem) -> http.StreamResponse:
    if request.path.startswith("/api/"):
        return http.json_response(
            problem.body(),
            status=problem.status,
            headers=problem.headers,
            content_type="application/problem+json",
        )
    page = render(request, "error.html", {"problem": problem}, problem.status)
    page.headers.update(problem.headers)
    return page
