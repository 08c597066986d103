"""Invented people: names from short lists of our own, NHS numbers that are never issued, postcodes of
an area that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sampling.sources.synthetic_caseloads import CHILD_KINDS, Caseload
from sampling.sources.synthetic_core import NEVER, Ints, Setting, chosen, dates, frame, weighted
from sampling.sources.synthetic_staff import ADULT_TEAMS, Staff

_GIVEN = (
    "Ada Aisha Alun Amina Anil Anwen Arlo Beth Bilal Bryn Carys Chidi Clara Colm Dafydd Daria Dilys Dev "
    "Edie Efua Eira Elif Emeka Enid  Ewan Farah Fergus Freya Gita Gwil Hana Harun Hetty Idris Ines Iona "
    "Ivo Jaya Joss Kemi Kit Lalita Lena Lowri Mabel Malik Mei Milo Nadia  Nia Noor Olwen Omar Orla Petra "
    "Priya Rafe Rhian Rosa Sami Sian Tariq Tess Uma Viola Wren Yusuf Zara Zofia"
).split()
_FAMILY = (
    "Abernant Achebe Alderwick Ashgrove Bahr Barleymow Begum Birchall Blythe Bramwell Cadwell Chaudry "
    "Clegg Coppice Dacosta Dunmore Eastlake  Edevane Ekwueme Fairhurst Fernsby Gables Garrow Ghale "
    "Goldfinch Greenhalgh Haddon Harkness Hawthorn Hossaini Ingleby Iwu Jarrow  Kaczor Kapoori Kestrel "
    "Kinsella Larkwood Lindqvist Lockyer Marlowe Mbeki Merrow Mistry Nettleton Northcote Nowacki Oakes "
    "Okonjo Osgood  Pardoe Patelia Penhallow Quill Rahmani Redfern Rowntree Sandhu Seagrave Shorrock "
    "Silverdale Tamblyn Thackray Thistle Uddin Underhill  Vance Varga Wetherby Whitlow Wychwood Yarrow "
    "Yilmazer Zielin"
).split()
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"  # the letters that the second half of a postcode may use (Royal Mail)

# England by ethnic group, rounded from the ONS Census 2021 (TS021), with a share not stated or not known as
# in real extracts.
# Codes: the MHSDS EthnicCategory (NHS data dictionary) and the DfE main ethnic group codes of Annex A.
ADULT_ETHNICITY = {
    "A": 67.0, "B": 0.9, "C": 6.0, "D": 0.9, "E": 0.4, "F": 0.8, "G": 0.8, "H": 3.3, "J": 2.8,
    "K": 1.1, "L": 1.7, "M": 1.1, "N": 2.6, "P": 0.5, "R": 0.8, "S": 1.6, "Z": 4.5, "99": 3.2,
}  # fmt: skip
CHILD_ETHNICITY = {
    "WBRI": 61.0, "WIRI": 0.4, "WIRT": 0.3, "WROM": 0.5, "WOTH": 5.3, "MWBC": 2.6, "MWBA": 1.6,
    "MWAS": 1.9, "MOTH": 2.2, "AIND": 3.0, "APKN": 4.4, "ABAN": 1.9, "AOTH": 1.9, "BCRB": 1.6,
    "BAFR": 4.4, "BOTH": 1.0, "CHNE": 0.6, "OOTH": 2.2, "REFU": 0.6, "NOBT": 2.6,
}  # fmt: skip
_ADULT_BANDS = ((18, 25), (25, 35), (35, 45), (45, 55), (55, 65), (65, 75), (75, 96))
_CHILD_BANDS = ((0, 5), (5, 10), (10, 16), (16, 18), (18, 25))
_NHS_FIRST, _NHS_BODIES = "999", 1_000_000


@dataclass(frozen=True)
class People:
    """People by position, and which person each case is of."""

    person: Ints
    band: Ints
    born: Ints
    sex: Ints
    ethnicity: Ints
    family: Ints
    ids: pa.Array


@cache
def unissued_nhs_numbers() -> pa.Array:
    """Returns every NHS number from 999 000 0000 to 999 999 9999 with a valid check digit: about
    909,000, none ever issued.
    """
    body = np.arange(_NHS_BODIES, dtype=np.int64)
    total = np.full(_NHS_BODIES, sum(int(digit) * (10 - place) for place, digit in enumerate(_NHS_FIRST)))
    for place in range(6):
        total += (body // 10 ** (5 - place) % 10) * (7 - place)
    check = (11 - total % 11) % 11
    valid = check < 10
    return pa.array((9_990_000_000 + body * 10 + check)[valid]).cast(pa.string())


def invent_people(setting: Setting, load: Caseload) -> People:
    """Returns one person a case for children; for adults three in a hundred have two cases."""
    rng = setting.rng("people")
    count = len(load)
    person = np.arange(count)
    if setting.adult and count > 1:
        again = np.flatnonzero(rng.random(count) < 0.03)
        again = again[again > 0]
        person[again] = again - 1
        person = np.where(person[person] != person, person[person], person)  # never three
        person = np.unique(person, return_inverse=True)[1].astype(np.int64)
    people = int(person.max()) + 1
    first = np.zeros(people, dtype=np.int64)
    first[person[::-1]] = np.arange(count)[::-1]
    bands = _ADULT_BANDS if setting.adult else _CHILD_BANDS
    band = weighted(
        rng,
        (0.12, 0.19, 0.19, 0.18, 0.15, 0.09, 0.08) if setting.adult else (0.24, 0.26, 0.36, 0.14, 0.0),
        people,
    )
    leaver = load.kind[first] == CHILD_KINDS.index("Care leaver")
    band = np.where(leaver & (not setting.adult), 4, band)
    low, high = np.array(bands).T
    years = low[band] + rng.random(people) * (high - low)[band] * 0.995
    born = setting.end - 2 - (years * 365.25).astype(np.int64)
    sex = weighted(rng, (0.535, 0.455, 0.01) if setting.adult else (0.455, 0.535, 0.01), people)
    shares = ADULT_ETHNICITY if setting.adult else CHILD_ETHNICITY
    family = load.family[first]
    by_family = weighted(rng, tuple(shares.values()), int(load.family.max()) + 1)[family]
    own = weighted(rng, tuple(shares.values()), people)
    ethnicity = np.where(rng.random(people) < 0.9, by_family, own)
    ids = setting.ids("PAT", people) if setting.adult else load.ids
    return People(person, band, born, sex, ethnicity, family, ids)


def people_frame(setting: Setting, people: People) -> pd.DataFrame:
    """Returns the people with their invented identifiers: what no reader of this project ever lets
    through.
    """
    rng = setting.rng("identifiers")
    count, families = len(people.ids), int(people.family.max()) + 1
    numbers = unissued_nhs_numbers()
    offset = int(np.random.Generator(np.random.PCG64(setting.seed)).integers(len(numbers)))
    place = (offset + (setting.people_before + np.arange(count)) * 7_919) % len(numbers)
    house = np.stack([rng.integers(1, 99, families), rng.integers(0, 10, families), rng.integers(0, 400, families)])[
        :, people.family
    ]
    inward = [first + second for first in _INWARD for second in _INWARD]
    postcode = pc.binary_join_element_wise(
        pa.array(house[0]).cast(pa.string()), pa.array(house[1]).cast(pa.string()), " "
    )
    postcode = pc.binary_join_element_wise("ZZ", postcode, chosen(inward, house[2]), "")
    shares = ADULT_ETHNICITY if setting.adult else CHILD_ETHNICITY
    table = pa.table(
        {
            "person_id": people.ids,
            "nhs_number": numbers.take(pa.array(place)),
            "given_name": chosen(_GIVEN, rng.integers(0, len(_GIVEN), count)),
            "family_name": chosen(_FAMILY, rng.integers(0, len(_FAMILY), families)[people.family]),
            "born": dates(people.born),
            "postcode": postcode,
            "sex": chosen(("female", "male", "not recorded"), people.sex),
            "ethnicity": chosen(list(shares), people.ethnicity),
            "family_id": chosen(setting.ids("F", families), people.family),
        }
    )
    result: pd.DataFrame = table.to_pandas(date_as_object=False)
    return result


def worker_frame(setting: Setting, staff: Staff) -> pd.DataFrame:
    """Returns the practitioners' invented names, for the formats that carry names instead of ids."""
    rng = setting.rng("workers")
    count = len(staff)
    # Every pair of names once before any comes twice, since Annex A tells workers apart by name alone.
    pair = (int(rng.integers(len(_GIVEN) * len(_FAMILY))) + np.arange(count) * 1_009) % (len(_GIVEN) * len(_FAMILY))
    name = pc.binary_join_element_wise(chosen(_GIVEN, pair // len(_FAMILY)), chosen(_FAMILY, pair % len(_FAMILY)), " ")
    table = pa.table(
        {
            "practitioner_id": staff.ids,
            "name": name,
            "team_id": chosen(staff.team_ids, staff.team),
            "agency": pa.array(staff.agency),
        }
    )
    result: pd.DataFrame = table.to_pandas()
    return result


def case_frame(setting: Setting, staff: Staff, load: Caseload, people: People) -> pd.DataFrame:
    """Returns the canonical cases table."""
    rng = setting.rng("cases")
    shares = ADULT_ETHNICITY if setting.adult else CHILD_ETHNICITY
    bands = _ADULT_BANDS if setting.adult else _CHILD_BANDS
    names = [f"{low}-{high - 1}" if high < 96 else f"{low}+" for low, high in bands]
    status, codes = _legal_status(rng, setting, load)
    # Most deaths close the case on the day or within the week.
    died = np.where(~load.open & (rng.random(len(load)) < 0.04), load.closed - rng.integers(0, 8, len(load)), NEVER)
    services = [value[2] for value in ADULT_TEAMS.values()] if setting.adult else list(CHILD_KINDS)
    return frame(
        "cases",
        case_id=load.ids,
        person_id=chosen(people.ids, people.person),
        service=chosen(services, staff.team_kind[load.team] if setting.adult else load.kind),
        team_id=chosen(staff.team_ids, load.team),
        opened=dates(load.opened),
        closed=dates(load.closed),
        legal_status=chosen(codes, status),
        died_on=dates(np.where(died < NEVER, np.maximum(died, load.opened), NEVER)),
        sex=chosen(("female", "male", "not recorded"), people.sex[people.person]),
        age_band=chosen(names, people.band[people.person]),
        ethnicity=chosen(list(shares), people.ethnicity[people.person]),
    )


def _legal_status(rng: np.random.Generator, setting: Setting, load: Caseload) -> tuple[Ints, tuple[str, ...]]:
    """Returns (position or -1, codes): MHSDS LegalStatusCode, or the Annex A legal status of children
    in care.
    """
    if setting.adult:
        codes = ("01", "02", "03", "35", "98")
        return weighted(rng, (0.05, 0.008, 0.012, 0.002, 0.928), len(load)), codes
    care = load.kind == CHILD_KINDS.index("Looked after")
    return np.where(care, weighted(rng, (0.16, 0.58, 0.16, 0.10), len(load)), -1), ("C1", "C2", "V2", "E1")
