"""JSON that has two meanings, or none, is not understood (faults page, row 22)."""

from __future__ import annotations

import json

import pytest

from app.spine.strict_json import LARGEST_BODY, NotUnderstood, read_object


def test_an_object_is_read():
    assert read_object('{"a": [1, 2.5, null, true, "é"], "b": {"a": 1}}'.encode()) == {
        "a": [1, 2.5, None, True, "é"],
        "b": {"a": 1},
    }


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"   ", id="blank"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b"<html><body>Sign in</body></html>", id="HTML"),
        pytest.param(b'{"a": 1', id="cut off"),
        pytest.param(b'{"a": 1} {"a": 1}', id="two documents"),
        pytest.param(b'{"a": 1, "a": 1}', id="a name twice"),
        pytest.param(b'{"a": {"b": 1, "b": 2}}', id="a name twice further down"),
        pytest.param(b'{"a": [{"b": 1, "b": 2}]}', id="a name twice in a list"),
        pytest.param(b'{"a": 1, "\\u0061": 2}', id="a name twice, once escaped"),
        pytest.param(b'{"total": NaN}', id="NaN"),
        pytest.param(b'{"total": Infinity}', id="Infinity"),
        pytest.param(b'{"total": -Infinity}', id="-Infinity"),
        pytest.param(b'{"total": ' + b"1" * 5000 + b"}", id="a number of 5,000 digits"),
        pytest.param(b'{"a": ' * 100_000 + b"0" + b"}" * 100_000, id="nested 100,000 deep"),
        pytest.param(b"[" * 200_000, id="200,000 brackets"),
        pytest.param(b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b'{"a": 1,}', id="trailing comma"),
        pytest.param(b'{"a": "\x01"}', id="raw control character"),
    ],
)
def test_anything_else_is_not_understood(body):
    with pytest.raises(NotUnderstood):
        read_object(body)


def test_an_object_of_the_largest_size_is_read_and_one_byte_more_is_not():
    room = LARGEST_BODY - len(json.dumps({"a": ""}))
    assert read_object(json.dumps({"a": "x" * room}).encode())
    with pytest.raises(NotUnderstood):
        read_object(json.dumps({"a": "x" * (room + 1)}).encode())


def test_the_reason_never_repeats_the_answer():
    with pytest.raises(NotUnderstood) as told:
        read_object(b'{"nhs": 9990000018 oops')
    assert "9990000018" not in repr(told.value)
    assert told.value.__suppress_context__
