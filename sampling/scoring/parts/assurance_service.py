"""What the service answers about assurance, and that it was opened, by whom and for which purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from sampling.journal.events import (
    Accessed,
    NeedsAnswered,
    NewlyQualifiedNoted,
    ObjectionDecided,
    Payload,
    SupervisorTrained,
)
from sampling.journal.events_coverage import case_of, person_of
from sampling.journal.store import CURRENT, Draft
from sampling.scoring.parts.assurance_copy import file_text
from sampling.scoring.parts.assurance_part import Assured
from sampling.scoring.parts.noted_part import written_twice
from sampling.scoring.parts.session_part import session_answer
from sampling.scoring.parts.signatures import Signatures
from sampling.scoring.rules.noting import OF_PATTERNS
from sampling.scoring.rules.own_ids import file_of, own_id
from sampling.scoring.settings.policy import AUDIT, SUPERVISION

PATTERNS, LEADING = "patterns", "leading"
OF_LEADS = (NewlyQualifiedNoted, ObjectionDecided, NeedsAnswered, SupervisorTrained)


class Assurance(Signatures):
    """The pages of assurance of a service. Each opening is logged with its purpose, once a person, page and day (City of York, standard 7)."""

    def _assured(self, actor: str, now: datetime) -> Assured:
        return Assured(self.parts(actor, now.date()).asking, self.home)

    def _with_conflicts(self, assured: Assured, page: dict[str, Any], of: Callable[[Payload], bool]) -> dict[str, Any]:
        return {**page, "conflicts": written_twice(assured.asking, assured.facts, of)}

    def _file(self, assured: Assured, page: dict[str, Any]) -> dict[str, Any]:
        key, cases = page["person"]["key"], {case["case"] for case in page["cases"]}
        return self._with_conflicts(assured, page, lambda said: key in person_of(said)[:1] or case_of(said) in cases)

    def assurance_mine(self, actor: str, *, period: str = "", now: datetime) -> dict[str, Any]:
        """Returns the person's own file as a supervisee. Raises AccessRefused for whoever has no supervision here."""
        assured = self._assured(actor, now)
        page = self._file(assured, assured.mine(period))
        self._opened_file(actor, file_of(actor), Accessed(purpose=SUPERVISION, what="supervision_file"), now)
        return page

    def assurance_person(self, actor: str, person: str, *, period: str = "", now: datetime) -> dict[str, Any]:
        """Returns the file of one of the person's supervisees. Raises AccessRefused for everybody else's, a lead's question too."""
        assured = self._assured(actor, now)
        page = self._file(assured, assured.person(person, period))
        self._opened_file(actor, file_of(person), Accessed(purpose=SUPERVISION, what="supervision_file"), now)
        return page

    def assurance_supervisees(self, actor: str, *, now: datetime) -> dict[str, Any]:
        """Returns the person's supervisees. Raises AccessRefused for whoever has none."""
        assured = self._assured(actor, now)
        page = self._with_conflicts(assured, assured.supervisees(), lambda said: isinstance(said, SupervisorTrained))
        self._opened_file(actor, file_of(actor), Accessed(purpose=SUPERVISION, what="supervisees"), now)
        return page

    def assurance_patterns(self, actor: str, *, now: datetime) -> dict[str, Any]:
        """Returns the patterns with the leaders' responses. Raises AccessRefused for whoever is no lead."""
        assured = self._assured(actor, now)
        page = self._with_conflicts(assured, assured.patterns(), lambda said: isinstance(said, OF_PATTERNS))
        self._opened_file(actor, file_of(PATTERNS), Accessed(purpose=AUDIT, what="patterns"), now)
        return page

    def assurance_leading(self, actor: str, *, now: datetime) -> dict[str, Any]:
        """Returns what waits for a lead. Raises AccessRefused for whoever is no lead."""
        assured = self._assured(actor, now)
        page = self._with_conflicts(assured, assured.leading(), lambda said: isinstance(said, OF_LEADS))
        self._opened_file(actor, file_of(LEADING), Accessed(purpose=AUDIT, what="leading"), now)
        return page

    def assurance_export(self, actor: str, kind: Literal["txt", "json"], *, now: datetime) -> bytes:
        """Returns the person's own file with the records of their sessions, to keep (seed D16). Raises AccessRefused as the page does."""
        assured = self._assured(actor, now)
        page = assured.mine()
        records = [session_answer(assured.asking, row["session"]) for row in page["sessions"]]
        self._opened_file(actor, file_of(actor), Accessed(purpose=SUPERVISION, what="supervision_file_copy"), now)
        if kind == "json":
            whole = {**page, "records": records}
            return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode(
                errors="backslashreplace"
            )
        return file_text(page, [one["copy"] for one in records]).encode(errors="backslashreplace")

    def _opened_file(self, actor: str, file: str, said: Accessed, now: datetime) -> None:
        """Writes at most one entry a person, file, sort of page and day."""
        identity = own_id(f"csr1/access|{actor}|{file}|{said.purpose}|{said.what}|{now.date()}")
        draft = Draft(identity, actor, said, file, "access", CURRENT)
        self.seen_by(self.person(actor)).append([draft], now=now)
