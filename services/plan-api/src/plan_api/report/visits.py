"""What a request for a page says of who looks, at what, in which language and as of which day."""

import re
import secrets
from collections.abc import Sequence
from typing import Final, cast, get_args

from fastapi import Request

from plan_api.report.pages.frame import ONLY_NOW, Notice, ShownClock, Visit
from plan_api.report.repository import read_day
from shared_kit.clock import Clock, FileClock, SystemClock
from shared_kit.identity import DEMO_COOKIE, UNITS, Caller, Role
from shared_kit.web.language import language_of

CSRF_COOKIE: Final = "wcoplan_csrf"
TOKEN: Final = re.compile(r"^[A-Za-z0-9_-]{43}$")
NEWCOMER: Final = "planning-office"
"""Who looks at the demonstration until somebody else is chosen."""


def visit_of(
    request: Request,
    *,
    demo: bool,
    caller: Caller,
    clock: Clock,
    kept: Sequence[str] = ("period",),
) -> Visit:
    query = request.query_params
    day = "" if request.url.path.startswith(ONLY_NOW) else query.get("as_of", "")
    language = language_of(request.scope)
    notice = query.get("notice", "")
    cookie = request.cookies.get(CSRF_COOKIE, "")
    units = frozenset(
        scope.removeprefix("unit:") for scope in caller.scopes if scope.startswith("unit:")
    )
    everywhere = caller.role is Role.PLANNING_OFFICE or (caller.role in UNITS and "*" in units)
    return Visit(
        path=request.url.path,
        language=language,
        chosen=query.get("lang") == language,
        query={name: query[name] for name in (*kept, "lang") if name in query},
        notice=cast(Notice, notice) if notice in get_args(Notice) else None,
        csrf=cookie if TOKEN.match(cookie) else secrets.token_urlsafe(32),
        secure=request.url.scheme == "https",
        demo=demo,
        user="member" if caller.anonymous else caller.subject.removeprefix("demo-"),
        units=units,
        acknowledges="all" if everywhere else "own" if caller.role in UNITS else "none",
        plan=query.get("plan") or None,
        arrived=SystemClock().now(),
        as_of=read_day(day),
        as_of_said=day,
        clock=_shown(clock),
        newcomer=caller.subject == f"demo-{NEWCOMER}" and DEMO_COOKIE not in request.cookies,
    )


def _shown(clock: Clock) -> ShownClock | None:
    """What a clock shows that is not the machine's."""
    if isinstance(clock, SystemClock):
        return None
    return ShownClock(at=clock.now(), ticks=isinstance(clock, FileClock) and clock.ticks)
