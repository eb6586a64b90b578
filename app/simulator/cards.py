"""The built-in smartcards of the simulation: made-up people, their roles, and one passcode for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PASSCODE = "123456"
_PRACTICE = "Y12345"


@dataclass(frozen=True, slots=True)
class Role:
    """One role of a person at the practice; `person_roleid` is what NHSD-Session-URID carries."""

    person_roleid: str
    role_name: str
    role_code: str
    activity_codes: tuple[str, ...] = ()

    def as_userinfo(self, withdrawn: frozenset[str]) -> dict[str, Any]:
        """The role as one of `nhsid_nrbac_roles`, without the activities that were withdrawn."""
        return {
            "person_roleid": self.person_roleid,
            "role_name": self.role_name,
            "role_code": self.role_code,
            "activity_codes": [code for code in self.activity_codes if code not in withdrawn],
            "org_code": _PRACTICE,
        }


@dataclass(frozen=True, slots=True)
class Card:
    """A smartcard and whose it is."""

    uid: str
    given_name: str
    family_name: str
    roles: tuple[Role, ...]
    expired: bool = False

    def as_userinfo(self, withdrawn: frozenset[str] = frozenset()) -> dict[str, Any]:
        """What `userinfo` tells of the person signed in with this card."""
        return {
            "sub": self.uid,
            "nhsid_useruid": self.uid,
            "name": f"{self.given_name} {self.family_name}",
            "given_name": self.given_name,
            "family_name": self.family_name,
            "nhsid_nrbac_roles": [role.as_userinfo(withdrawn) for role in self.roles],
        }


_ADMINISTRATOR = Role("555910000101", "System Administrator", "S8001:G8003:R8015", ("B0062", "B0011", "B0020"))

CARDS = {
    card.uid: card
    for card in (
        Card("910000000001", "Alison", "Marsh", (_ADMINISTRATOR,)),
        Card(
            "910000000002",
            "David",
            "Okafor",
            (Role("555910000201", "General Practitioner", "S8000:G8000:R8000", ("B0011",)),),
        ),
        Card("910000000003", "Priya", "Nair", (Role("555910000301", "Receptionist", "S8002:G8005:R8010"),)),
        Card(
            "910000000004",
            "Gareth",
            "Pugh",
            (Role("555910000401", "System Administrator", "S8001:G8003:R8015", ("B0062", "B0011", "B0020")),),
            expired=True,
        ),
        Card(
            "910000000005",
            "Helen",
            "Whitfield",
            (
                Role("555910000501", "General Practitioner", "S8000:G8000:R8000", ("B0011",)),
                _ADMINISTRATOR,
            ),
        ),
    )
}


class CardRights:
    """Which activities have been withdrawn from which card since it was made; in memory only, none at first."""

    def __init__(self) -> None:
        self._withdrawn: Mapping[str, frozenset[str]] = {}

    def withdraw(self, withdrawn: Mapping[str, frozenset[str]]) -> None:
        """From now on these cards lack these activities, and no others do."""
        self._withdrawn = dict(withdrawn)

    def userinfo(self, uid: str) -> dict[str, Any]:
        """What `userinfo` tells of a card now."""
        return CARDS[uid].as_userinfo(self._withdrawn.get(uid, frozenset()))

    def describe(self) -> dict[str, Any]:
        """The activities that are withdrawn, by card."""
        return {"withdrawn": {uid: sorted(codes) for uid, codes in self._withdrawn.items()}}
