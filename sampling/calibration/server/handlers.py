"""The addresses of live calibration. A rater is known by a random cookie, the trainer by whoever runs the server, the wall by nothing.

What each address answers is built for that address (sampling.calibration.views): no page gets another's payload with parts hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated

from sampling.calibration.errors import LiveRefused
from sampling.calibration.server.rooms import Room, RoomHandler, cookie_of
from sampling.calibration.server.squares import LONGEST, squares_of
from sampling.scoring.server import clock
from sampling.scoring.server.answers import Refused

STATIC_FOLDER = Path(__file__).parents[1] / "static"
SHARED_FOLDER = Path(__file__).parents[2] / "scoring" / "static"
SHARED = ("dom.js", "form.css")  # of what scoring's own pages are made of
SESSION = r"([0-9a-f]{32})"
MOST_TURNS = 2**30
_MADE = re.compile(r"[0-9a-f]{64}")
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors "
)
_PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="{base}static/calibration.css"></head>
<body data-base="{base}" data-page="{page}" data-session="{session}"><noscript><p>This page needs JavaScript, which this browser has switched off.</p></noscript>
<div id="page"></div><script type="module" src="{base}static/{page}.js"></script></body></html>
"""
_TITLES = {"trainer": "Calibration: trainer", "wall": "Calibration: wall", "join": "Join a calibration session", "rate": "Calibration"}  # fmt: skip


class PageHandler(RoomHandler):
    """A page: an empty frame with its script."""

    def initialize(self, room: Room, page: str) -> None:  # type: ignore[override]
        """Takes which page this is."""
        super().initialize(room)
        self.page = page

    @property
    def content_security_policy(self) -> str:
        """Returns the policy; a notebook shows the trainer's page inside its own."""
        return _PAGE_POLICY + ("'self'" if getattr(self, "page", "") == "trainer" else "'none'")

    write_error = RoomHandler.error_page

    @allow_unauthenticated
    async def get(self, session: str = "") -> None:
        """Answers with the page. It holds nothing of any session."""
        if self.page == "trainer":
            self.for_trainer()
            seat = self.get_query_argument("seat", "")
            if seat:
                await self.run(lambda: self.room.sit_down(seat))
        assert self.xsrf_token  # sets the cookie that the page sends back
        self.set_header(
            "Content-Security-Policy", self.content_security_policy
        )  # default headers come before `initialize`
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_PAGE.format(title=_TITLES[self.page], base=self.root, page=self.page, session=session))


class FilesHandler(RoomHandler):
    """The pages' own scripts and styles, by name, and nothing else."""

    keeping = "no-cache"

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """Answers with the file."""
        self.send_file(SHARED_FOLDER if name in SHARED else STATIC_FOLDER, name)


class LobbyHandler(RoomHandler):
    """The trainer before a session: what can be chosen, and opening one."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Answers with the vignettes and the sessions so far."""
        self.for_trainer()
        now = clock.now()
        self.reply({**await self.run(lambda: self.room.live.lobby(now)), "join_address": self.room.join_address})

    @allow_unauthenticated
    async def post(self) -> None:
        """Opens a session."""
        self.for_trainer()
        asked, now = self.body(), clock.now()
        refs = [str(one) for one in _list(asked.get("criteria"))]
        session = await self.run(
            lambda: self.room.live.open(
                str(asked.get("vignette")), refs, auto_reveal=asked.get("auto_reveal") is True, now=now
            )
        )
        self.reply({"session": session})


class TrainerHandler(RoomHandler):
    """The trainer's view of one session."""

    @allow_unauthenticated
    async def get(self, session: str, stream: str | None = None) -> None:
        """Answers with the view, or with a stream of it."""
        self.for_trainer()

        def view() -> dict[str, Any]:
            live = self.room.live
            return {**live.trainer(session), "over": live.is_over(session, clock.now()), "join_address": self.room.join_address}  # fmt: skip

        if stream:
            await self.stream(session, view, "trainer")
        else:
            self.reply(await self.run(view))


class DoHandler(RoomHandler):
    """What the trainer does in a session."""

    @allow_unauthenticated
    async def post(self, session: str, what: str) -> None:
        """Does it, and answers once it is stored."""
        self.for_trainer()
        asked, now, live = self.body(), clock.now(), self.room.live
        number, seconds, base = (_whole(asked.get(name)) for name in ("round", "seconds", "base"))
        calls: dict[str, Callable[[], Any]] = {
            "step": lambda: live.step(session, str(asked.get("step")), number, now),
            "focus": lambda: live.focus(session, str(asked.get("ref")), now),
            "timer": lambda: live.timer(session, min(seconds, 3600), now),
            "joining": lambda: live.joining(session, asked.get("allowed") is True, now),
            "remove": lambda: live.remove(session, str(asked.get("handle")), now),
            "write": lambda: live.write(session, str(asked.get("kind")), asked.get("data"), base, now),
        }
        done = await self.run(calls[what])
        self.reply({"revision": done} if what == "write" else {"done": True})


class WallHandler(RoomHandler):
    """The wall's view of one session: whoever is in the room sees it. Its address is the trainer's to give: no rater's page holds it."""

    @allow_unauthenticated
    async def get(self, key: str, stream: str | None = None) -> None:
        """Answers with the view, or with a stream of it."""
        session = str(await self.run(lambda: self.room.live.by_wall(key)))

        def view() -> dict[str, Any]:
            live = self.room.live
            return {**live.wall(session), "over": live.is_over(session, clock.now()), "join_address": self.room.join_address}  # fmt: skip

        if stream:
            await self.stream(session, view)
        else:
            self.reply(await self.run(view))


class SquaresHandler(RoomHandler):
    """The QR code on the wall. The page says under which address it was opened: behind a proxy the server does not know it."""

    @allow_unauthenticated
    async def get(self, key: str) -> None:
        """Answers with the QR code of the address, with the join code where no server is sent it."""
        at = self.get_query_argument("at", "")
        if not at.startswith(("http://", "https://")) or not at.isascii() or len(at) > LONGEST:
            raise Refused(400)
        live = self.room.live
        code = await self.run(lambda: live.wall(live.by_wall(key))["code"])
        if not code:
            raise Refused(409, "Nobody else may join this session.")
        self.reply(asdict(squares_of(f"{at}#{code}")))


class JoinHandler(RoomHandler):
    """Joining by the code on the wall."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Answers with what one agrees to and a few free aliases, for a code that is right."""
        session, now = await self._session(self.get_query_argument("code", "")), clock.now()

        def offer() -> dict[str, Any]:
            live = self.room.live
            return {"session": session, "aliases": live.aliases(session), **live.consent(session, now)}

        self.reply(await self.run(offer))

    @allow_unauthenticated
    async def post(self) -> None:
        """Lets someone in, and sets the cookie by which they are known from then on."""
        asked, now = self.body(), clock.now()
        session = await self._session(str(asked.get("code", "")))
        made, own = str(asked.get("made", "")), self.ticket(session)
        made = made if _MADE.fullmatch(made) else ""
        joins, address = self.room.limits.joins, self.request.remote_ip or ""
        if not joins.take(address):
            raise Refused(429, "Very many are joining from this network. Wait a minute, then press Join again.")
        try:
            token = await self.run(
                lambda: self.room.live.join(session, str(asked.get("alias", "")), own, agreed=asked.get("agreed") is True, now=now, made=made)
            )  # fmt: skip
        except LiveRefused:
            joins.give_back(address)
            raise
        secure = self.request.protocol == "https"
        self.set_cookie(
            cookie_of(session),
            token,
            path=self.root,
            httponly=True,
            samesite="Strict",
            expires_days=None,
            secure=secure,
        )
        self.reply({"session": session})

    async def _session(self, code: str) -> str:
        address, codes, now = self.request.remote_ip or "", self.room.limits.codes, clock.now()
        if not await codes.turn(address):
            raise Refused(
                429, "Very many codes are tried from this network. Wait a moment, then press the button again."
            )
        session = str(await self.run(lambda: self.room.live.by_code(code[:20], now)))
        codes.right(address)
        return session


class RaterHandler(RoomHandler):
    """One rater's view of the session."""

    @allow_unauthenticated
    async def get(self, session: str, stream: str | None = None) -> None:
        """Answers with the view, or with a stream of it."""
        token = self.ticket(session)

        def view() -> dict[str, Any]:
            live = self.room.live
            return {**live.rater(session, token), "over": live.is_over(session, clock.now())}

        if stream:
            await self.stream(session, view, token)
        else:
            self.reply(await self.run(view))
            self.known()


class AnswersHandler(RoomHandler):
    """What a rater chose."""

    @allow_unauthenticated
    async def post(self, session: str) -> None:
        """Stores the answers of a round, and says so once they are stored."""
        asked, now, token = self.body(), clock.now(), self.ticket(session)
        number, turn = _whole(asked.get("round")), min(max(_whole(asked.get("turn")), 0), MOST_TURNS)
        given, locked = _list(asked.get("answers")), asked.get("locked") is True
        if not self.room.limits.answers.take(f"{session} {token[:80]}"):
            raise Refused(429, "Very many answers came from here in a short time.")
        saved, stands = await self.run(
            lambda: self.room.live.answer(session, token, number, given, locked=locked, now=now, turn=turn)
        )
        self.known()
        self.reply({"saved": saved, "locked": locked, "turn": stands})


class HeartbeatHandler(RoomHandler):
    """Tells a page that the server is there and what time it is, and keeps its XSRF cookie fresh."""

    @allow_unauthenticated
    def get(self) -> None:
        """Answers with the time."""
        assert self.xsrf_token
        self.reply({"now": clock.now().isoformat()})


class NowhereHandler(RoomHandler):
    """Whatever else is asked for below our address."""

    @allow_unauthenticated
    def get(self, *words: str) -> None:
        """There is nothing here."""
        raise Refused(404)

    post = put = patch = delete = get


def _whole(value: object) -> int:
    """Returns a whole number, 0 for whatever is none: no round, no seconds and no revision has that number."""
    return value if type(value) is int else 0


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(400, "The request has no list where one is needed.")
    return value


def routes(prefix: str, room: Room) -> list[tuple[Any, ...]]:
    """Returns the routes below `prefix`, a regular expression that ends without a slash."""
    root, about = f"{prefix}/calibrate", {"room": room}
    pages = (("", "trainer"), (f"trainer/{SESSION}", "trainer"), (f"wall/{SESSION}", "wall"), ("join", "join"), (f"rate/{SESSION}", "rate"))  # fmt: skip
    found: list[tuple[Any, ...]] = [
        (f"{root}/{address}", PageHandler, {**about, "page": page}) for address, page in pages
    ]
    found += [
        (rf"{root}/static/([^/]+)", FilesHandler, about),
        (f"{root}/api/lobby", LobbyHandler, about),
        (f"{root}/api/trainer/{SESSION}(/stream)?", TrainerHandler, about),
        (f"{root}/api/trainer/{SESSION}/(step|focus|timer|joining|remove|write)", DoHandler, about),
        (f"{root}/api/wall/{SESSION}(/stream)?", WallHandler, about),
        (f"{root}/api/wall/{SESSION}/squares", SquaresHandler, about),
        (f"{root}/api/join", JoinHandler, about),
        (f"{root}/api/rate/{SESSION}(/stream)?", RaterHandler, about),
        (f"{root}/api/rate/{SESSION}/answers", AnswersHandler, about),
        (f"{root}/api/heartbeat", HeartbeatHandler, about),
        (f"{root}/.*", NowhereHandler, about),
    ]
    return found
