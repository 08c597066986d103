"""What the page says of evidence, checks and ways to be drawn, in words for a service lead."""

from __future__ import annotations

from datetime import date

# level -> short name, name, and what follows from the reason that the log gives
LEVELS = {
    "L0": (
        "not evidence",
        "Not evidence",
        "With a chosen seed, forcing one pair of cases takes milliseconds. Use this draw for training and "
        "demonstration only.",
    ),
    "L1": (
        "logged only",
        "Logged, on the service's own word",
        "An outsider has only the service's word for it.",
    ),
    "L2": (
        "independent people",
        "Evidence that no one person could steer it",
        "Steering it would have taken two people acting together.",
    ),
    "L3": (
        "public",
        "Evidence for anyone outside",
        "Nobody could steer this draw, and anyone can check that.",
    ),
}
HIGHER = {
    "L0": "To make the next draw evidence, promise the randomness at the freeze: a public beacon's future "
    "round (level L1, or L3 with a third party's time stamp "
    "on the commitment), two parties' secret numbers (L2), or dice before two witnesses (L2).",
    "L1": "To go higher, have a third party time-stamp the commitment before the beacon's round (level "
    "L3), or have dice fall before two named witnesses (L2).",
    "L2": "To go higher, promise a public beacon's future round and have a third party time-stamp the "
    "commitment before it (level L3).",
    "L3": "There is no higher level.",
}
CHECKS = {
    "frame": "The list of cases that could be drawn is the committed one",
    "exclusions": "The list of cases left out, with reasons, is the committed one",
    "commit": "The commitment follows from both lists and the plan",
    "randomness": "The randomness is the one that was promised",
    "seed": "The seed follows from commitment and randomness",
    "tickets": "Each case has the ticket that the seed gives it",
    "ranks": "The order of the tickets is right",
    "probabilities": "Each case's chance of being drawn is stated rightly",
    "selection": "The drawn cases are those with the lowest tickets",
    "log": "Nothing was taken out of the log, or put in",
    "sequence": "No draw was hidden: this one follows the one before",
}
WAYS = {"quota": "By allocation", "top-up": "Top-up from other cases", "stream": "Random stream"}
STRATA = {"volatile": "with recent recorded change", "other": "without recent recorded change"}
UNTOLD = "cannot be told from this extract"
PRACTITIONERS = (
    "Practitioners are counted who were in post on the draw date, or are named in the extract as holding a case."
)
STATES = {"selected": "Drawn", "replaced": "Drawn, then replaced", "replacement": "Replacement"}
WITHDRAWN = {
    "WRONG_EXTRACT": "the extract was the wrong one",
    "WRONG_PERIOD": "the period was the wrong one",
    "WRONG_PLAN": "the plan was the wrong one",
    "RANDOMNESS_NOT_REVEALED": "a party did not reveal its number",
    "RANDOMNESS_LOST": "the promised randomness was lost",
}
NEXT_STEP = {
    "drand": "Wait until the beacon has published round {round}. Fetch that round as JSON from any drand "
    "relay and run the month again with --pulse FILE.",
    "two-party": "Ask both parties to reveal their numbers and run the month again with --nonce A --nonce "
    "B, in the order of the commitment.",
    "dice": "Roll 20 ten-sided dice before two witnesses and run the month again with --dice DIGITS "
    "--witness NAME --witness NAME.",
    "operator": "For training, run the month again with --operator and any text. For a draw that counts, "
    "name the randomness at the freeze (--randomness-ref).",
}


def counted(number: int, one: str, many: str = "") -> str:
    """Returns the number with its noun.

    >>> counted(1, "case"), counted(1200, "case")
    ('1 case', '1,200 cases')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def day_of(day: date) -> str:
    """Returns the day as it is written in a sentence.

    >>> day_of(date(2026, 10, 5))
    '5 October 2026'
    """
    return f"{day.day} {day:%B %Y}"


def capital(text: str) -> str:
    """Returns the text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]
