"""The errors people are told about: which of them are refusals, and that they carry their words."""

from __future__ import annotations

import pytest

from app.domain.errors import (
    BadInput,
    DatabaseUnusable,
    KnownError,
    Refused,
    RoleChoiceNeeded,
    SignInRefused,
    SignInUnreachable,
    StorageFault,
)
from app.domain.session import Role

ROLES = [
    Role("555254240100", "General Medical Practitioner", "R8000", frozenset({"B0011"})),
    Role("555254240101", "System Administrator", "R5080", frozenset({"B0062"})),
]


@pytest.mark.parametrize("error", [DatabaseUnusable, SignInRefused, SignInUnreachable, RoleChoiceNeeded])
def test_what_is_not_met_beforehand_is_a_refusal(error: type[KnownError]) -> None:
    """The commands answer every refusal in one way, whatever was not met."""
    assert issubclass(error, Refused)


@pytest.mark.parametrize("error", [BadInput, StorageFault])
def test_what_goes_wrong_otherwise_is_known_and_no_refusal(error: type[KnownError]) -> None:
    assert issubclass(error, KnownError)
    assert not issubclass(error, Refused)
    assert str(error("The disk is full. Free some space.")) == "The disk is full. Free some space."


def test_a_card_with_several_roles_names_them_to_choose_from() -> None:
    error = RoleChoiceNeeded(ROLES)

    assert error.roles == tuple(ROLES)
    for role in ROLES:
        assert role.name in str(error)
        assert role.role_id in str(error)
