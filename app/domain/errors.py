"""The errors the program tells people about, in their words. Anything else that is raised is a fault of ours.

No message may hold a name, an NHS number, a token or a passcode.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.session import Role


class KnownError(Exception):
    """Something staff can understand and act on; its text is shown as it is."""


class Refused(KnownError):
    """A precondition is not met; the text says which and what to do."""


class BadInput(KnownError):
    """What was typed or handed in cannot be used; the text names the field or file."""


class DatabaseUnusable(Refused):
    """The practice database is damaged, foreign, newer than the program, or in a place it must not be."""


class DatabaseDamaged(DatabaseUnusable):
    """The practice database's file is damaged, or no practice database at all: a backup can take its place."""


class DatabaseAway(DatabaseUnusable):
    """The server that keeps the practice database cannot be reached just now: this may pass by itself."""


class NoPractice(DatabaseUnusable):
    """A shared database that is fit to be worked with, and holds no practice yet."""


class StorageFault(KnownError):
    """The practice database could not be read or written just now: locked, full, read-only or gone."""


class StorageBusy(StorageFault):
    """Somebody else has the practice database for the moment, or its server is out of reach: what may pass by itself.

    Whatever was to be written certainly was not.
    """


class NoSpine(Refused):
    """No Spine's address is set, and no simulated one stands at the usual place of this computer."""


class SignInRefused(Refused):
    """The sign-in service did not accept the card, the passcode or the session."""


class WrongPasscode(SignInRefused):
    """The passcode is not the card's. After a few of these a card locks itself."""


class RoleChoiceNeeded(SignInRefused):
    """The card carries several roles and none was named: a person must choose one of `roles`."""

    def __init__(self, roles: Sequence[Role]) -> None:
        names = "; ".join(f"{role.name} ({role.role_id})" for role in roles)
        super().__init__(f"This card carries several roles. Choose one: {names}.")
        self.roles = tuple(roles)


class SignInUnreachable(Refused):
    """The sign-in service could not be reached or did not answer understandably."""
