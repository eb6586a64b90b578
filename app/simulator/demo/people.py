"""Who a made-up patient is: sex, date of birth and names that go together. Nothing about consent."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from app.simulator.demo.names import COMMUNITIES, Community, Generations

LIST_DATE = date(2026, 1, 1)
"""The day the list stands for: nothing in it happened later, but for what is dated in the future on purpose."""


class Person(NamedTuple):
    """Names, sex (one word) and date of birth."""

    surname: str
    forename: str
    sex: str
    date_of_birth: date

    @property
    def age(self) -> int:
        """Whole years on the list's day."""
        birthday_to_come = (LIST_DATE.month, LIST_DATE.day) < (self.date_of_birth.month, self.date_of_birth.day)
        return LIST_DATE.year - self.date_of_birth.year - birthday_to_come


# Five-year bands from birth to 104, per thousand people: England's population in rough figures.
_AGE_BANDS = (53, 57, 60, 58, 61, 65, 70, 69, 66, 61, 66, 67, 60, 51, 46, 42, 27, 15, 6, 2, 1)
_AGES_FROM = tuple(range(0, 5 * len(_AGE_BANDS), 5))
_AGE_SHARES = tuple(accumulate(_AGE_BANDS))
_COMMUNITY_SHARES = tuple(accumulate(community.share for community in COMMUNITIES))
_SEXES = ("female", "male", "unknown", "indeterminate")
_SEX_SHARES = tuple(accumulate((5020, 4970, 6, 4)))

_MIXED_NAMES = 0.06
_DOUBLE_BARRELLED = 0.02


def draw_person(rng: random.Random, *, grown_up: bool = False) -> Person:
    """A person of any age, or one aged 30 to 69."""
    sex = rng.choices(_SEXES, cum_weights=_SEX_SHARES)[0]
    first_age = rng.randrange(30, 70, 5) if grown_up else rng.choices(_AGES_FROM, cum_weights=_AGE_SHARES)[0]
    days = int((first_age + 5 * rng.random()) * 365.25)
    born = LIST_DATE - timedelta(days=days + 1)
    feminine = sex == "female" or (sex != "male" and rng.random() < 0.5)
    community = _draw_community(rng)
    relatives = _draw_community(rng) if rng.random() < _MIXED_NAMES else community
    surname = _draw_surname(rng, relatives, feminine=feminine)
    if rng.random() < _DOUBLE_BARRELLED:
        surname = f"{surname}-{_draw_surname(rng, community, feminine=feminine)}"
    forename = _draw_forename(rng, community.women if feminine else community.men, born.year)
    return Person(surname, forename, sex, born)


def _draw_community(rng: random.Random) -> Community:
    return rng.choices(COMMUNITIES, cum_weights=_COMMUNITY_SHARES)[0]


def _draw_surname(rng: random.Random, community: Community, *, feminine: bool) -> str:
    return rng.choice((community.women_surnames if feminine else ()) or community.surnames)


def _draw_forename(rng: random.Random, generations: Generations, year_of_birth: int) -> str:
    return rng.choice(next(names for until, names in generations if year_of_birth < until))
