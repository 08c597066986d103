"""The refusals of live calibration, each for whoever asked; the handlers turn them into an HTTP status."""

from __future__ import annotations

from typing import ClassVar

from sampling.errors import SamplingError


class LiveRefused(SamplingError):
    """What was asked cannot be done now; the words say why, for whoever asked."""

    status: ClassVar[int] = 409


class NotInSession(SamplingError):
    """Whoever asks is not in the session, or there is none."""

    status: ClassVar[int] = 403
