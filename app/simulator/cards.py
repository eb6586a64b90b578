"""The built-in smartcards of the simulation: made-up people, their roles, and one passcode for all."""

from __future__ import annotations

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

    def as_userinfo(self) -> dict[str, Any]:
        """The role as one of `nhsid_nrbac_roles`."""
        return {
            "person_roleid": self.person_roleid,
            "role_name": self.role_name,
            "role_code": self.role_code,
            "activity_codes": list(self.activity_codes),
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

    def as_userinfo(self) -> dict[str, Any]:
        """What `userinfo` tells of the person signed in with this card."""
        return {
            "sub": self.uid,
            "nhsid_useruid": self.uid,
            "name": f"{self.given_name} {self.family_name}",
            "given_name": self.given_name,
            "family_name": self.family_name,
            "nhsid_nrbac_roles": [role.as_userinfo() for role in self.roles],
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
