"""The answers of the sign-in service, read strictly: tokens, who somebody is, and refusals.

The real service writes all numbers as strings. Nothing read here is ever in the text of an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from app.domain.session import Role
from app.spine.strict_json import NotUnderstood, read_object

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_DIGITS = re.compile(r"[0-9]{1,32}")


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A token answer: how long the access token lasts, and how long the whole session goes on from now."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_seconds: float
    session_seconds: float


@dataclass(frozen=True, slots=True)
class ApplicationToken:
    """A token of the application alone, and how long it lasts; there is nothing to refresh it with."""

    text: str = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, and in which roles they may work."""

    card_uid: str
    name: str = field(repr=False)
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the sign-in service refuses, in its own two fields; empty where it did not say."""

    error: str
    description: str


def read_tokens(body: bytes) -> TokenAnswer:
    """Read the answer to a sign-in or a refresh. Raises `NotUnderstood`."""
    answer = read_object(body)
    return TokenAnswer(
        access_token=_text(answer, "access_token", _TOKEN),
        refresh_token=_text(answer, "refresh_token", _TOKEN),
        access_seconds=_seconds(answer, "expires_in"),
        session_seconds=_seconds(answer, "refresh_token_expires_in"),
    )


def read_application_token(body: bytes) -> ApplicationToken:
    """Read the answer to a request for the application's own token. Raises `NotUnderstood`."""
    answer = read_object(body)
    return ApplicationToken(_text(answer, "access_token", _TOKEN), _seconds(answer, "expires_in"))


def read_person(body: bytes) -> Person:
    """Read the answer to userinfo. Raises `NotUnderstood`."""
    answer = read_object(body)
    roles = answer.get("nhsid_nrbac_roles")
    if not isinstance(roles, list):
        raise NotUnderstood("no roles")
    return Person(_text(answer, "nhsid_useruid"), _text(answer, "name"), tuple(map(_role, roles)))


def read_refusal(body: bytes) -> Refusal:
    """Read an error answer; fields it does not have are empty."""
    try:
        answer = read_object(body)
    except NotUnderstood:
        return Refusal("", "")
    error, description = answer.get("error"), answer.get("error_description")
    return Refusal(error if isinstance(error, str) else "", description if isinstance(description, str) else "")


def _role(role: Any) -> Role:
    if not isinstance(role, dict):
        raise NotUnderstood("a damaged role")
    codes = role.get("activity_codes", [])
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise NotUnderstood("damaged activities")
    return Role(
        role_id=_text(role, "person_roleid", _DIGITS),
        name=_plain_name(_text(role, "role_name")),
        code=_text(role, "role_code"),
        activity_codes=frozenset(codes),
    )


def _plain_name(name: str) -> str:
    """`"Clinical":"Clinical Provision":"Nurse Access Role"` as CIS2 writes it; its last part is the role's name."""
    return name.split(":")[-1].strip().strip('"').strip()


def _text(answer: dict[str, Any], name: str, shape: re.Pattern[str] | None = None) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value.strip() or (shape is not None and not shape.fullmatch(value)):
        raise NotUnderstood(f"{name} is missing or damaged")
    return value


def _seconds(answer: dict[str, Any], name: str) -> float:
    value = answer.get(name)
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _SECONDS.fullmatch(text):
        raise NotUnderstood(f"{name} is missing or damaged")
    return float(text)
