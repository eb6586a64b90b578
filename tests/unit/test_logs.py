"""The log never holds an NHS number, a token or a passcode, and nobody can forge a line in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest

from app.logs import LOG_FILE, RedactingFormatter, describe_error, redacted, set_up_logging


@pytest.fixture
def log_folder(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.raiseExceptions)
    set_up_logging(tmp_path)
    yield tmp_path
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, RedactingFormatter)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(before[1])
    logging.raiseExceptions = before[2]


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / LOG_FILE).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "9990000018",
        "999 000 0018",
        "999-000-0018",
        "patient=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C9990000018",
        "nhs-number|9990000018&type=x",
        "99900000181234",
    ],
)
def test_numbers_of_ten_digits_and_more_are_taken_out_however_they_are_spaced(text: str):
    clean = redacted(f"asked for {text} today")
    assert "0018" not in clean
    assert "[number removed]" in clean


@pytest.mark.parametrize(
    "text",
    ["Authorization: Bearer abc.def-ghi", '"access_token": "s3cret"', "refresh_token=s3cret&x=1", "passcode: s3cret"],
)
def test_tokens_and_passcodes_are_taken_out(text: str):
    clean = redacted(text)
    assert "s3cret" not in clean
    assert "abc.def-ghi" not in clean


def test_ordinary_figures_stay(log_folder: Path):
    assert (
        redacted("4,212 of 10,387 patients, run 17, item 123456789")
        == "4,212 of 10,387 patients, run 17, item 123456789"
    )


def test_a_line_of_the_log_is_one_json_object_even_when_somebody_tries_to_forge_one(log_folder: Path):
    logging.getLogger("app.test").warning("first\nsecond \x1b[31m %s", "9990000018")
    (line,) = lines(log_folder)
    assert line["message"] == "first\nsecond \x1b[31m [number removed]"
    assert line["level"] == "WARNING"


def test_an_error_is_told_by_class_and_place_and_never_by_its_text(log_folder: Path):
    try:
        try:
            raise ValueError("9990000018 Smith")
        except ValueError as cause:
            raise RuntimeError("about Smith") from cause
    except RuntimeError:
        logging.getLogger("app.test").exception("It failed.")
    text = (log_folder / LOG_FILE).read_text(encoding="utf-8")
    assert "Smith" not in text
    assert "RuntimeError at test_logs.py:" in text
    assert "ValueError at test_logs.py:" in text


def test_a_hidden_context_stays_hidden():
    def hide() -> None:
        try:
            raise KeyError("x")
        except KeyError:
            raise RuntimeError from None

    with pytest.raises(RuntimeError) as caught:
        hide()
    assert len(describe_error(caught.value)) == 1


def test_what_libraries_say_of_addresses_is_not_logged(log_folder: Path):
    logging.getLogger("urllib3.connectionpool").debug("GET /DocumentReference?patient=9990000018")
    logging.getLogger("urllib3.connectionpool").info("anything")
    assert lines(log_folder) == []


def test_setting_it_up_twice_logs_once(log_folder: Path):
    set_up_logging(log_folder)
    logging.getLogger("app.test").info("once")
    assert len(lines(log_folder)) == 1


@pytest.mark.fault_row(46)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Only Linux has a disk that is always full.")
def test_a_disk_that_fills_up_while_it_is_written_costs_the_log_and_nothing_else(
    log_folder: Path, capsys: pytest.CaptureFixture[str]
):
    [handler] = [one for one in logging.getLogger().handlers if isinstance(one, RotatingFileHandler)]
    with io.TextIOWrapper(Path("/dev/full").open("wb", buffering=0), write_through=True) as full:
        whole = handler.setStream(full)
        logging.getLogger("app.test").error("nothing of this may be printed")
        handler.setStream(whole)
    logging.getLogger("app.test").error("written again")
    assert [line["message"] for line in lines(log_folder)] == ["written again"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.fault_row(46)
def test_a_folder_that_cannot_be_written_costs_the_log_and_nothing_else(
    log_folder: Path, capsys: pytest.CaptureFixture[str]
):
    blocked = log_folder / "a-file"
    blocked.write_text("not a folder", encoding="utf-8")
    set_up_logging(blocked)
    logging.getLogger("app.test").error("still running")
    assert "still running" in capsys.readouterr().err
