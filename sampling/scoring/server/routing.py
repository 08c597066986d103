"""The addresses of the interface: what is asked at each, and which handler answers."""

from __future__ import annotations

from typing import Any

from tornado import web

from sampling.scoring.server.assurance_handlers import FileHandler, PersonHandler
from sampling.scoring.server.facade import Door, Facade
from sampling.scoring.server.handlers import (
    SIGN_OUT,
    EventsHandler,
    HeartbeatHandler,
    NothingHandler,
    Question,
    Read,
    ReadHandler,
    SignHandler,
    StaticHandler,
    Workers,
)
from sampling.scoring.server.record_handler import RecordHandler

_IDENTITY = r"([0-9a-f]{32})"
_DIGEST = r"([0-9a-f]{64})"


def me(service: Facade, actor: str, at: Question) -> dict[str, Any]:
    """Returns what a page needs to know first: who asks, what time it is here, and where to sign out, if anywhere."""
    about = service.me(actor)
    settings = {**about["settings"], "sign_out": SIGN_OUT if at.may_sign_out else None}
    return {**about, "settings": settings, "now": at.now, "today": at.today}


# name in the log, address, what the service is asked
READS: tuple[tuple[str, str, Read], ...] = (
    ("me", "me", me),
    ("queue", "queue", lambda service, actor, at: service.queue(actor, today=at.today, now=at.now)),
    (
        "review",
        f"review/{_IDENTITY}",
        lambda service, actor, at: service.review(actor, at.ids[0], purpose=at.purpose, now=at.now),
    ),
    ("follow_up", "follow_up", lambda service, actor, at: service.follow_up(actor, today=at.today)),
    ("compare", f"compare/{_IDENTITY}", lambda service, actor, at: service.compare(actor, at.ids[0], today=at.today)),
    ("moderation", "moderation", lambda service, actor, at: service.moderation_list(actor, today=at.today, now=at.now)),
    (
        "moderation",
        f"moderation/{_DIGEST}",
        lambda service, actor, at: service.moderation(actor, at.ids[0], now=at.now),
    ),
    ("sessions", "sessions", lambda service, actor, at: service.sessions(actor, today=at.today)),
    (
        "supervisees",
        "assurance/supervisees",
        lambda service, actor, at: service.assurance_supervisees(actor, now=at.now),
    ),
    ("patterns", "assurance/patterns", lambda service, actor, at: service.assurance_patterns(actor, now=at.now)),
    ("leading", "assurance/leading", lambda service, actor, at: service.assurance_leading(actor, now=at.now)),
    ("session", f"session/{_IDENTITY}", lambda service, actor, at: service.session(actor, at.ids[0], now=at.now)),
)


def routes(prefix: str, door: Door, workers: Workers) -> list[tuple[str, type[web.RequestHandler], dict[str, Any]]]:
    """Returns the routes of the interface below `prefix`, a regular expression that ends without a slash."""
    base: dict[str, Any] = {"door": door, "workers": workers}
    found: list[tuple[str, type[web.RequestHandler], dict[str, Any]]] = [
        (f"api/{address}", ReadHandler, {**base, "name": name, "read": read}) for name, address, read in READS
    ]
    found += [
        ("api/heartbeat", HeartbeatHandler, base),
        ("api/events", EventsHandler, base),
        ("api/sign", SignHandler, base),
        ("api/assurance/mine", PersonHandler, base),
        (rf"api/assurance/person/{_DIGEST}", PersonHandler, base),
        (r"api/assurance/file\.(txt|json)", FileHandler, base),
        (rf"api/record/{_IDENTITY}\.(html|pdf|txt)", RecordHandler, base),
        (r"static/([^/]+)", StaticHandler, base),
        (r".*", NothingHandler, base),
    ]
    return [(f"{prefix}/sampling/{address}", handler, about) for address, handler, about in found]
