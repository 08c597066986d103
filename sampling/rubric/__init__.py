"""Rubrics are data: one TOML file a version (rubrics/README.md), checked whole, never edited once published."""

from sampling.rubric.checks import check_rubric as check_rubric
from sampling.rubric.files import PublishedVersion as PublishedVersion
from sampling.rubric.files import home_of as home_of
from sampling.rubric.folder import check_file as check_file
from sampling.rubric.folder import find_rubric as find_rubric
from sampling.rubric.folder import load_rubric as load_rubric
from sampling.rubric.folder import rubrics_in as rubrics_in
from sampling.rubric.folder import rubrics_in_use as rubrics_in_use
from sampling.rubric.folder import rubrics_published as rubrics_published
from sampling.rubric.model import LEVELS as LEVELS
from sampling.rubric.model import Criterion as Criterion
from sampling.rubric.model import Fate as Fate
from sampling.rubric.model import Rubric as Rubric
from sampling.rubric.model import VersionMap as VersionMap
from sampling.rubric.model import fate_of as fate_of
from sampling.rubric.model import version_number as version_number
