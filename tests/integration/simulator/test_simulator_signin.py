"""The simulated sign-in: cards, tokens, refreshing, the ten hours, and the card's removal."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.helpers.simulator import SimulatorProcess
from tests.integration.simulator.caller import Caller, gateway_issue


def insert_card(spine: SimulatorProcess, uid: Any, passcode: Any = "123456") -> requests.Response:
    return spine.http.post(f"{spine.auth}/simulated-smartcard", json={"uid": uid, "passcode": passcode}, timeout=30)


def refresh(spine: SimulatorProcess, refresh_token: str) -> requests.Response:
    form = {
        "grant_type": "refresh_token",
        "client_id": "any",
        "client_secret": "any",
        "refresh_token": refresh_token,
    }
    return spine.http.post(f"{spine.auth}/token", data=form, timeout=30)


def userinfo(spine: SimulatorProcess, access_token: str) -> requests.Response:
    return spine.http.get(f"{spine.auth}/userinfo", headers={"Authorization": f"Bearer {access_token}"}, timeout=30)


def test_a_sign_in_answers_like_a_token_answer(spine: SimulatorProcess) -> None:
    answer = insert_card(spine, "910000000001")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    tokens = answer.json()
    assert {name: tokens[name] for name in tokens if not name.endswith("_token") and name != "sid"} == {
        "expires_in": "599",
        "refresh_token_expires_in": "35999",
        "refresh_count": "0",
        "token_type": "Bearer",
    }
    assert len({tokens["access_token"], tokens["refresh_token"], tokens["sid"]}) == 3


CARDS = {
    "910000000001": [("System Administrator", ["B0062", "B0011", "B0020"])],
    "910000000002": [("General Practitioner", ["B0011"])],
    "910000000003": [("Receptionist", [])],
    "910000000005": [
        ("General Practitioner", ["B0011"]),
        ("System Administrator", ["B0062", "B0011", "B0020"]),
    ],
}


@pytest.mark.parametrize("uid", CARDS)
def test_userinfo_names_the_person_and_the_roles(spine: SimulatorProcess, uid: str) -> None:
    info = userinfo(spine, spine.sign_in(uid)["access_token"]).json()
    assert info["nhsid_useruid"] == uid
    assert " " in info["name"]
    roles = info["nhsid_nrbac_roles"]
    assert [(role["role_name"], role["activity_codes"]) for role in roles] == CARDS[uid]
    for role in roles:
        assert role["person_roleid"].isdigit()
        assert len(role["person_roleid"]) == 12
        assert role["org_code"] == "Y12345"
        assert role["role_code"]


def test_the_second_role_of_card_five_is_card_ones(spine: SimulatorProcess) -> None:
    one, five = (userinfo(spine, spine.sign_in(uid)["access_token"]).json() for uid in ("910000000001", "910000000005"))
    assert five["nhsid_nrbac_roles"][1] == one["nhsid_nrbac_roles"][0]
    assert five["name"] != one["name"]


@pytest.mark.parametrize(
    ("uid", "passcode", "status", "error"),
    [
        ("910000000001", "000000", 401, "invalid_passcode"),
        ("910000000001", "", 401, "invalid_passcode"),
        ("910000000009", "123456", 401, "unknown_card"),
        ("910000000004", "123456", 401, "card_expired"),
        ("910000000001", 123456, 400, "invalid_request"),
        (None, "123456", 400, "invalid_request"),
    ],
)
def test_refused_cards(spine: SimulatorProcess, uid: Any, passcode: Any, status: int, error: str) -> None:
    answer = insert_card(spine, uid, passcode)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_requests_that_make_no_sense(spine: SimulatorProcess) -> None:
    url = f"{spine.auth}/simulated-smartcard"
    assert spine.http.post(url, data=b"\xff{", timeout=30).json()["error"] == "invalid_request"
    assert spine.http.post(f"{spine.auth}/token", data={}, timeout=30).status_code == 400
    assert spine.http.post(f"{spine.auth}/token", data={"grant_type": "refresh_token"}, timeout=30).status_code == 400
    assert spine.http.post(f"{spine.auth}/authorize", timeout=30).status_code == 404
    wrong_method = spine.http.get(url, timeout=30)
    assert (wrong_method.status_code, wrong_method.headers["Allow"]) == (405, "POST")


def test_a_refresh_gives_new_tokens_once(spine: SimulatorProcess) -> None:
    first = spine.sign_in()
    answer = refresh(spine, first["refresh_token"])
    assert answer.status_code == 200
    second = answer.json()
    assert second["refresh_count"] == "1"
    assert second["expires_in"] == "599"
    assert second["refresh_token"] != first["refresh_token"]
    assert userinfo(spine, second["access_token"]).status_code == 200
    again = refresh(spine, first["refresh_token"])
    assert again.status_code == 401
    assert again.json()["error"] == "invalid_grant"
    assert again.json()["error_description"] == "refresh_token is invalid"
    assert again.json()["message_id"]
    assert refresh(spine, second["refresh_token"]).json()["refresh_count"] == "2"


@pytest.mark.parametrize("token", ["nothing", ""])
def test_a_refresh_token_nobody_gave_out(spine: SimulatorProcess, token: str) -> None:
    assert refresh(spine, token).status_code in (400, 401)


def test_an_access_token_does_not_refresh(spine: SimulatorProcess) -> None:
    assert refresh(spine, spine.sign_in()["access_token"]).status_code == 401


def test_refreshing_never_lengthens_the_ten_hours(spine: SimulatorProcess) -> None:
    tokens = spine.sign_in()
    windows = []
    for seconds in range(540, 35_900, 540):
        spine.move_clock(seconds)
        tokens = refresh(spine, tokens["refresh_token"]).json()
        windows.append(int(tokens["refresh_token_expires_in"]))
    # The seconds that went by on the machine meanwhile are taken off too.
    exact = [35_999 - seconds for seconds in range(540, 35_900, 540)]
    assert all(due - 30 <= left <= due for left, due in zip(windows, exact, strict=True))
    assert windows == sorted(windows, reverse=True)
    spine.move_clock(35_999)
    late = refresh(spine, tokens["refresh_token"])
    assert late.status_code == 401
    assert late.json()["error"] == "invalid_grant"
    assert late.json()["error_description"] == "refresh token refresh period has expired"


def test_an_expired_access_token_is_refused_and_its_session_goes_on(spine: SimulatorProcess) -> None:
    tokens = spine.sign_in()
    spine.move_clock(600)
    assert userinfo(spine, tokens["access_token"]).status_code == 401
    tokens = refresh(spine, tokens["refresh_token"]).json()
    assert userinfo(spine, tokens["access_token"]).status_code == 200


def test_taking_the_card_out_ends_every_token_of_its_sessions(spine: SimulatorProcess, patient: str) -> None:
    caller, other = Caller(spine, "910000000001"), Caller(spine, "910000000002")
    refreshed = refresh(spine, caller.tokens["refresh_token"]).json()
    spine.remove_card("910000000001")
    for token in (caller.tokens["access_token"], refreshed["access_token"]):
        answer = Caller(spine, token=token).read(patient)
        assert answer.status_code == 401
        assert gateway_issue(answer) == ("ACCESS_DENIED", "Invalid Access Token", None)
        assert userinfo(spine, token).status_code == 401
    assert refresh(spine, refreshed["refresh_token"]).json()["error_description"] == "refresh_token is invalid"
    assert other.read(patient).status_code == 200
    assert Caller(spine, "910000000001").read(patient).status_code == 200


def test_a_card_nobody_knows_cannot_be_taken_out(spine: SimulatorProcess) -> None:
    answer = spine.http.post(f"{spine.auth}/revoke", json={"uid": "910000000009"}, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (401, "unknown_card")
    assert spine.http.post(f"{spine.auth}/revoke", json=[], timeout=30).status_code == 400


def test_the_application_alone_is_no_user(spine: SimulatorProcess) -> None:
    answer = spine.http.post(f"{spine.auth}/token", data={"grant_type": "client_credentials"}, timeout=30)
    tokens = answer.json()
    assert set(tokens) == {"access_token", "expires_in", "token_type"}
    assert userinfo(spine, tokens["access_token"]).status_code == 401


def test_sign_in_is_in_the_history_without_secrets(spine: SimulatorProcess) -> None:
    before = len(spine.history())
    tokens = spine.sign_in()
    refresh(spine, tokens["refresh_token"])
    entries = spine.history()[before:]
    assert [(entry["method"], entry["path"], entry["status"]) for entry in entries] == [
        ("POST", "/oauth2/simulated-smartcard", 200),
        ("POST", "/oauth2/token", 200),
    ]
    assert not any(secret in str(entries) for secret in (tokens["access_token"], tokens["refresh_token"], "123456"))
