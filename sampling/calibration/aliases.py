"""Aliases that raters are offered: birds of these islands. Nobody types one, so no name and no rude word comes to the wall."""

from __future__ import annotations

from collections.abc import Collection

BIRDS = (
    "Avocet", "Bittern", "Blackbird", "Bullfinch", "Bunting", "Buzzard", "Chaffinch", "Chough", "Cormorant", "Crossbill", "Cuckoo", "Curlew",
    "Dipper", "Dotterel", "Dunlin", "Dunnock", "Eider", "Fieldfare", "Firecrest", "Fulmar", "Gannet", "Goldcrest", "Goldfinch", "Goshawk",
    "Grebe", "Greenfinch", "Guillemot", "Harrier", "Hawfinch", "Heron", "Hobby", "Hoopoe", "Jackdaw", "Jay", "Kestrel", "Kingfisher",
    "Kittiwake", "Knot", "Lapwing", "Linnet", "Magpie", "Mallard", "Martin", "Merlin", "Moorhen", "Nightjar", "Nuthatch", "Oriole", "Osprey",
    "Ouzel", "Oystercatcher", "Partridge", "Peregrine", "Petrel", "Pintail", "Pipit", "Plover", "Pochard", "Puffin", "Quail", "Raven",
    "Razorbill", "Redpoll", "Redshank", "Redstart", "Redwing", "Robin", "Rook", "Ruff", "Sanderling", "Sandpiper", "Shearwater", "Shelduck",
    "Shoveler", "Shrike", "Siskin", "Skua", "Skylark", "Snipe", "Sparrow", "Starling", "Stonechat", "Swallow", "Swift", "Teal",
    "Tern", "Thrush", "Treecreeper", "Turnstone", "Wagtail", "Warbler", "Waxwing", "Whimbrel", "Whinchat", "Whitethroat", "Wigeon", "Woodcock",
    "Woodlark", "Wren", "Yellowhammer",
)  # fmt: skip
OFFERED = 3


def offered(taken: Collection[str], chance: int) -> list[str]:
    """Returns some aliases that nobody has; `chance` is any whole number, and chooses among them.

    >>> offered(["Wren"], 4)
    ['Bunting', 'Buzzard', 'Chaffinch']
    """
    number, found = 1, list[str]()
    while len(found) < OFFERED:
        free = [name for bird in BIRDS if (name := bird if number == 1 else f"{bird} {number}") not in taken]
        start = chance % len(free) if free else 0
        found += [*free[start:], *free[:start]][: OFFERED - len(found)]
        number += 1
    return found


def is_alias(text: str) -> bool:
    """Tells whether an alias is one that is offered: a bird, or a bird and a number."""
    bird, space, number = text.partition(" ")
    numbered = (
        number.isascii() and number.isdigit() and len(number) <= 3 and not number.startswith("0") and number != "1"
    )
    return bird in BIRDS and (numbered if space else True)
