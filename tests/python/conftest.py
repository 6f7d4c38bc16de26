"""What the Python tests share: a message, a key, and a zone that serves it."""

import dkimspec
import pytest

MESSAGE = (
    b"From: Joe <joe@dkim.example>\r\n"
    b"To: Suzie <suzie@other.example>\r\n"
    b"Subject: Is dinner ready?\r\n"
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700\r\n"
    b"Message-ID: <20030712040037.46341.5F8J@dkim.example>\r\n"
    b"\r\n"
    b"Hi.\r\n"
    b"\r\n"
    b"We lost the game.  Are you hungry yet?\r\n"
)
NOW = 1767225600  # 2026-01-01T00:00:00Z
NAME = "s1._domainkey.dkim.example"


@pytest.fixture
def key() -> bytes:
    return dkimspec.test_key("rsa2048-a")


@pytest.fixture
def mail(key: bytes) -> bytes:
    """MESSAGE, signed relaxed/relaxed as s1._domainkey.dkim.example."""
    return dkimspec.sign(MESSAGE, key=key, domain="dkim.example", selector="s1")


@pytest.fixture
def zone(key: bytes) -> dict:
    return {NAME: [dkimspec.key_record(key)]}
