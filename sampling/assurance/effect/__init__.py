"""The quarterly review of what supervision does (seed A25): staff survey, incident themes, commissioner indicators, partner feedback,
training needs and balancing measures. reading.py is its edge; everything else is pure. `load_brought`, `effectiveness` and `released` are
the doors.
"""

from sampling.assurance.effect.columns import brought_folder, write_templates
from sampling.assurance.effect.reading import load_brought
from sampling.assurance.effect.release import released
from sampling.assurance.effect.results import Effectiveness, Released
from sampling.assurance.effect.review import effectiveness

__all__ = [
    "Effectiveness",
    "Released",
    "brought_folder",
    "effectiveness",
    "load_brought",
    "released",
    "write_templates",
]
