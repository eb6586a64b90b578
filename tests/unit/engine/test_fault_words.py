"""What the log hears of a fault nobody expected: never its words."""

from __future__ import annotations

from app.engine.faults import told_safely


def deeper() -> None:
    raise ValueError("patient 9990000018 Smith")


def fault_of(depth: int) -> Exception:
    try:
        if depth:
            raise fault_of(depth - 1)
        deeper()
    except ValueError as fault:
        return fault
    raise AssertionError("it was raised")


def test_it_tells_what_and_where():
    words = told_safely(fault_of(0))
    assert words.startswith("ValueError < deeper:")
    assert "fault_of" in words


def test_it_never_tells_the_text():
    words = told_safely(fault_of(0))
    assert "999" not in words
    assert "Smith" not in words


def test_a_fault_that_was_never_raised_has_no_place():
    assert told_safely(KeyError("9990000018")) == "KeyError"
