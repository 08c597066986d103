"""Who asks, under `sampling score`: each person has a place of their own in the address, and a secret token that opens it.

A place is a path (`/1/`), and the cookie holds for that path alone. So two people who share a computer, or one browser, cannot
write in each other's name: their pages send different cookies.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_server.auth.identity import IdentityProvider, User
from tornado import web
from traitlets import List

_PLACE = re.compile(r"^/([0-9]{1,3})/")
_TOKEN_BYTES = 32
_DAYS = 1.0  # a cookie outlives a working day, not a weekend; the server's own end ends it too


@dataclass(frozen=True)
class Place:
    """One person's place: its number in the address, the person's key and name, and the token that opens it."""

    number: int
    key: str
    name: str
    token: str

    @property
    def path(self) -> str:
        """Returns the path that everything of this person lies under."""
        return f"/{self.number}/"


def places_for(people: Iterable[tuple[str, str]]) -> tuple[Place, ...]:
    """Returns a place with a fresh token for each (person key, name)."""
    return tuple(
        Place(number, key, name, secrets.token_urlsafe(_TOKEN_BYTES)) for number, (key, name) in enumerate(people, 1)
    )


class PlaceIdentity(IdentityProvider):
    """Knows a person by the cookie of their place. A token is taken at the door (`sign_in`) and nowhere else."""

    places: List[Place] = List()

    def get_user(self, handler: web.RequestHandler) -> User | None:
        """Returns the person whose place this address is, when the cookie is theirs."""
        place = self.place_of(handler)
        if place is None:
            return None
        cookie = handler.get_secure_cookie(self._cookie(handler), max_age_days=_DAYS)
        known = cookie is not None and hmac.compare_digest(cookie, place.key.encode())
        return User(place.key, place.name) if known else None

    def place_of(self, handler: web.RequestHandler) -> Place | None:
        """Returns the place that the address names, or None."""
        match = _PLACE.match(handler.request.path)
        number = int(match.group(1)) if match else 0
        return next((place for place in self.places if place.number == number), None)

    def sign_in(self, handler: web.RequestHandler, token: str) -> bool:
        """Sets the cookie when the token is that of this place; tells whether it was."""
        place = self.place_of(handler)
        if place is None or not hmac.compare_digest(token.encode(), place.token.encode()):
            return False
        handler.set_secure_cookie(
            self._cookie(handler), place.key, expires_days=None, path=place.path, httponly=True, samesite="Strict"
        )
        return True

    def sign_out(self, handler: web.RequestHandler) -> None:
        """Clears the cookie of this place."""
        place = self.place_of(handler)
        if place is not None:
            handler.clear_cookie(self._cookie(handler), path=place.path, httponly=True, samesite="Strict")

    def _cookie(self, handler: web.RequestHandler) -> str:
        """Browsers do not keep the cookies of two ports apart, so the name does."""
        return "sampling-" + re.sub(r"[^0-9A-Za-z]", "-", handler.request.host)

    @property
    def auth_enabled(self) -> bool:
        """Always: there is no way in without a token."""
        return True

    @property
    def login_available(self) -> bool:
        """Never: there is no password to type, only the whole address."""
        return False

    @property
    def logout_available(self) -> bool:
        """Never Jupyter's own; ours is `sign_out`."""
        return False
