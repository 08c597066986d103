"""The page of a draw: tables, sentences and charts as HTML fragments, for the notebook and for the file that
opens offline.

`gather` reads a pack once; each section is a pure function of what it gathered. No name, number or local id
of a person or a practitioner reaches a page. The page is for the service's own lead and lists the drawn cases with their
reasons, so counts of work (drawn, top-ups, exclusions, signals, teams) are exact: hiding them would pretend. Breakdowns
by what the record says of people (sex, age band, ethnic group) are suppressed (sampling/disclosure.py).
"""

from sampling.page.facts import Facts as Facts
from sampling.page.facts import gather as gather
from sampling.page.sections import Fragment as Fragment
from sampling.page.sections import drawn as drawn
from sampling.page.sections import evidence as evidence
from sampling.page.sections import fairness as fairness
from sampling.page.sections import heading as heading
from sampling.page.sections import left_out as left_out
from sampling.page.sections import limits as limits
from sampling.page.sections import look as look
from sampling.page.sections import signals as signals
from sampling.page.sections import summary as summary
