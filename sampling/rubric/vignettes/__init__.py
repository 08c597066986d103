"""Calibration vignettes: invented cases with documents and reference levels, a folder each (docs/vignettes.md), fixed once published."""

from sampling.rubric.vignettes.folder import check_vignette as check_vignette
from sampling.rubric.vignettes.folder import find_vignette as find_vignette
from sampling.rubric.vignettes.folder import load_all as load_all
from sampling.rubric.vignettes.folder import load_vignette as load_vignette
from sampling.rubric.vignettes.folder import vignettes_home as vignettes_home
from sampling.rubric.vignettes.model import Document as Document
from sampling.rubric.vignettes.model import Reference as Reference
from sampling.rubric.vignettes.model import Vignette as Vignette
from sampling.rubric.vignettes.published import publish as publish
