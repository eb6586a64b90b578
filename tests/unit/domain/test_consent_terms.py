"""The six terms, their spellings, and what becomes of the legacy ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.terms import (
    DISSENT_CODES,
    NO_PREFERENCE,
    OTHER_SHARING_CODES,
    TERMS,
    TermKind,
    five_byte_code,
)
from tests.unit.domain.samples import DISSENTS, LEGACY, OTHER_CODES, SIX_CODES, entry

WORDINGS = {
    "93C2.": "Consent given for upload to national shared electronic record",
    "93C3.": "Refused consent for upload to national shar electronic rec",
    "9Ndl.": "Implied consent for core Summary Care Record dataset upload",
    "9Ndm.": "Express consent for core Summary Care Record dataset upload",
    "9Ndn.": "Express consent for core and additional SCR dataset upload",
    "9Ndo.": "Express dissent for Summary Care Record dataset upload",
}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_the_terms_are_the_six_of_the_page() -> None:
    assert {code: term.wording for code, term in TERMS.items()} == WORDINGS
    assert all(code == term.code for code, term in TERMS.items())
    assert NO_PREFERENCE == "No Preference Expressed"


def test_legacy_terms_become_the_current_ones() -> None:
    assert {code: term.becomes for code, term in TERMS.items() if term.is_legacy} == LEGACY


def test_what_a_legacy_term_becomes_says_the_same() -> None:
    for code, new_code in LEGACY.items():
        assert TERMS[code].kind is TERMS[new_code].kind
        assert not TERMS[new_code].is_legacy


def test_dissents_are_the_two_refusals() -> None:
    assert {code for code, term in TERMS.items() if term.is_dissent} == set(DISSENTS) == DISSENT_CODES


def test_only_9ndl_is_implied() -> None:
    assert [code for code, term in TERMS.items() if term.kind is TermKind.IMPLIED_CONSENT] == ["9Ndl."]
    assert [code for code in (*SIX_CODES, *OTHER_CODES) if entry(code).is_implied_consent] == ["9Ndl."]


def test_other_sharing_codes_are_known_and_are_no_consent() -> None:
    assert set(OTHER_CODES) == OTHER_SHARING_CODES
    for code in OTHER_CODES:
        assert five_byte_code(code) == code
        other = entry(code)
        assert other.term is None
        assert (other.is_dissent, other.is_legacy, other.is_implied_consent) == (False, False, False)


@pytest.mark.parametrize("code", [*SIX_CODES, *OTHER_CODES])
@pytest.mark.parametrize("spelling", ["{0}", "{0}.", "{0}.00", "{0}.11", "{0}.1A", " {0}. ", "\t{0}\n"])
def test_a_code_is_known_however_it_is_spelt(code: str, spelling: str) -> None:
    assert five_byte_code(spelling.format(code[:4])) == code


@pytest.mark.parametrize("text", ["93C2a", "XaKRx", "93C..", "9....", "93C..00", "XaKRx00"])
def test_codes_of_other_lengths_are_read_codes_too(text: str) -> None:
    assert five_byte_code(text) == text[:5]
    assert five_byte_code(text) not in TERMS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".....",
        "9Nd",
        "9Ndo..",
        "9Ndo.0",
        "9Ndo.000",
        "9Ndo00",
        "9N.o.",
        ".9Ndo",
        "9Nd o.",
        "9Ndo,",
        "9Nd\u043e.",
        "\uff19Ndo.",
        "\u0669Ndo.",
        "9Ndo.\n00",
        "417370002",
    ],
)
def test_what_cannot_be_a_read_code_is_none(text: str) -> None:
    assert five_byte_code(text) is None


@pytest.mark.parametrize("text", ["9ndo.", "9NDO.", "93c3.", "9nDo.00"])
def test_read_codes_are_case_sensitive(text: str) -> None:
    assert five_byte_code(text) is not None
    assert five_byte_code(text) not in TERMS


@given(st.text(ALPHABET + ". ", max_size=9) | st.text(max_size=9))
def test_a_code_is_stored_as_five_characters_and_reads_back_as_itself(text: str) -> None:
    code = five_byte_code(text)

    if code is not None:
        assert len(code) == 5
        assert set(code) <= {*ALPHABET, "."}
        assert five_byte_code(code) == code
        assert text.strip().startswith(code.rstrip("."))
