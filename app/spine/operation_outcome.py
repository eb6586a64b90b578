"""What an error answer says: Spine's codes and the text for staff, from either of the two shapes errors come in.

The service puts `Code: n, Display: text;` lists into `details.text`; the gateway sends `details.coding` and
`diagnostics`. Text is made safe to keep and show here, and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.spine.strict_json import NotUnderstood, read_object

LONGEST_TEXT = 300
_SPINE_CODE = re.compile(r"\bCode: ?([0-9]{1,6}), ?Display:")
_PSIS_CODE_LENGTH = 5
_NUMBERS = re.compile(r"\d(?:[\s-]?\d){9,}")
_URID_HEADER = "nhsd-session-urid"
_ROLE_UNKNOWN = "unable to determine job role code"
_INVALID_VALUE = "INVALID_VALUE"
_UNKNOWN_ERROR = "UNKNOWN_ERROR"
_PATH_NOT_FOUND = re.compile(r"/\S* not found")


@dataclass(frozen=True, slots=True)
class ErrorTold:
    """An error answer, read. `understood` is False when it is no OperationOutcome; `text` is then how it begins.

    `about_set_up` is the gateway's word for an error that it has no other word for: with a 400 it means that the
    calling application is not set up there. It is never about a patient.
    """

    understood: bool
    codes: frozenset[str]
    spine_code: str
    text: str
    about_role: bool = False
    about_set_up: bool = False
    about_path: bool = False


def read_error(body: bytes) -> ErrorTold:
    """Read an error answer's body, whatever it is; never raises for what is in it."""
    try:
        texts, coded = _issues_of(read_object(body))
    except NotUnderstood:
        return ErrorTold(False, frozenset(), "", safe_text(body[: 2 * LONGEST_TEXT].decode("utf-8", "replace")))
    codes = [code for text in texts for code in _SPINE_CODE.findall(text)]
    # The general code comes first and the telling one after it: 400 then 35160, 420 then 30418.
    telling = next((code for code in codes if len(code) >= _PSIS_CODE_LENGTH), codes[0] if codes else "")
    said = " ".join(texts).lower()
    return ErrorTold(
        understood=True,
        codes=frozenset(codes + coded),
        spine_code=telling or safe_text(coded[0] if coded else ""),
        text=safe_text("; ".join(texts)),
        about_role=_ROLE_UNKNOWN in said or _URID_HEADER in said or _INVALID_VALUE in coded,
        about_set_up=_UNKNOWN_ERROR in coded and not codes,
        about_path=any(_PATH_NOT_FOUND.fullmatch(text.strip()) for text in texts),
    )


def safe_text(text: str) -> str:
    """Text fit for "Details": no number that could be a patient's, no control characters, 300 characters at most."""
    # Invisible characters go first: one of them could hide a number.
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    without_numbers = _NUMBERS.sub("[number]", " ".join(visible.split()))
    return "".join(map(_shown, without_numbers))[:LONGEST_TEXT]


def _shown(character: str) -> str:
    if unicodedata.category(character)[0] == "C":
        return character.encode("unicode_escape").decode("ascii")
    return character


def _issues_of(document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Every text of every issue, and every code of a coding. Raises `NotUnderstood`."""
    issues = document.get("issue")
    if document.get("resourceType") != "OperationOutcome" or not isinstance(issues, list) or not issues:
        raise NotUnderstood("not an OperationOutcome")
    texts: list[str] = []
    coded: list[str] = []
    for issue in issues:
        if not isinstance(issue, dict):
            raise NotUnderstood("a damaged issue")
        details = issue.get("details")
        if isinstance(details, dict):
            texts += _strings(details.get("text"))
            for coding in _objects(details.get("coding")):
                coded += _strings(coding.get("code"))
                texts += _strings(coding.get("display"))
        texts += _strings(issue.get("diagnostics"))
    return texts, coded


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield value


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
