"""Which addresses, times and certificates the client accepts."""

from __future__ import annotations

from pathlib import Path

import certifi
import pytest

from app.domain.errors import BadInput
from app.spine.settings import SpineSettings

SPINE = "https://api.service.nhs.uk/summary-care-record/FHIR/R4"


def settings(**changes) -> SpineSettings:
    return SpineSettings(**{"spine_url": SPINE, "auth_url": "https://api.service.nhs.uk/oauth2", **changes})


@pytest.mark.parametrize(
    "address",
    [SPINE, "http://127.0.0.1:8750/summary-care-record/FHIR/R4", "http://localhost:8750", "http://[::1]:8750/x",
     "http://127.8.9.1/x", "https://10.1.2.3:8443/x", "https://xn--hst-sna.example.", "HTTPS://API.service.nhs.uk/x"],
)  # fmt: skip
def test_an_address_is_taken_with_and_without_a_slash_at_its_end(address):
    plain, slashed = settings(spine_url=address), settings(spine_url=f" {address}/ ")
    assert plain.spine_url == slashed.spine_url
    assert not plain.spine_url.endswith("/")
    assert plain.spine_url.lower() == address.lower()


@pytest.mark.parametrize("key", ["spine_url", "auth_url"])
@pytest.mark.parametrize(
    "address",
    ["", "api.service.nhs.uk", "ftp://api.service.nhs.uk", "file:///etc/passwd", "https://", "https:///x",
     "https://host:99999", "https://host:x", "https://host:0", "https://ho st/x", "https://host/a b", "https://[::1",
     "https://host/\r\nX: y", "https://hőst/x", "https://host\\x", "javascript:alert(1)",
     "https://spine..example", "https://.example", "https://*.example", "https://-x.example", f"https://{'x' * 64}.uk"],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_by_the_name_of_its_setting(key, address):
    with pytest.raises(BadInput, match=key.upper()):
        settings(**{key: address})


@pytest.mark.parametrize("address", ["http://api.service.nhs.uk/x", "http://192.168.0.7/x", "http://127.0.0.1.evil.uk"])
def test_only_this_computer_is_spoken_to_in_the_clear(address):
    with pytest.raises(BadInput, match="SPINE_URL must begin with https://"):
        settings(spine_url=address)


@pytest.mark.parametrize(
    "address", ["https://user:hunter2@host/x", "https://user@host", "https://host/x?y=1", "https://host/#x"]
)
def test_nothing_may_be_hidden_in_an_address(address):
    with pytest.raises(BadInput) as told:
        settings(spine_url=address)
    assert "hunter2" not in str(told.value)


def test_no_sign_in_is_a_word():
    assert not settings(auth_url=" None ").needs_sign_in
    assert settings().needs_sign_in


@pytest.mark.parametrize("key", ["connect_timeout", "read_timeout", "deadline"])
@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_times_are_above_nought(key, seconds):
    with pytest.raises(BadInput, match=f"{key.upper()}_SECONDS"):
        settings(**{key: seconds})


def test_the_proxy_is_for_elsewhere_only():
    by_proxy = settings(proxy="http://proxy.example:3128")
    assert by_proxy.proxies_for(SPINE) == {"http": "http://proxy.example:3128", "https": "http://proxy.example:3128"}
    assert by_proxy.proxies_for("http://127.0.0.1:8750/x") == {}
    assert settings().proxies_for(SPINE) == {}
    for address in ("socks5://user:hunter2@proxy.example", "https://user:hunter2@proxy.example", "proxy.example:3128"):
        with pytest.raises(BadInput, match="PROXY") as told:
            settings(proxy=address)
        assert "hunter2" not in str(told.value)


def test_certificates_must_be_readable(tmp_path: Path):
    assert settings(ca_bundle=Path(certifi.where()))
    (tmp_path / "damaged.pem").write_text("-----BEGIN CERTIFICATE-----\nx\n")
    for name in ("damaged.pem", "missing.pem"):
        with pytest.raises(BadInput, match=name):
            settings(ca_bundle=tmp_path / name)
