"""From a service's files to what the assurance pages are made of: draws, journal, people, and the extract where there is one."""

from sampling.assurance.gathering.assurance import GatheredAssurance, gather_assurance

__all__ = ["GatheredAssurance", "gather_assurance"]
