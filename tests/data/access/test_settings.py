"""The door's settings: understood to the last line, or the program does not start."""

from pathlib import Path

import pytest

from data.access.settings import BadSettings, Door, beside, door, read

SSO = """way = "sso"
address = "https://renda.example"
issuer = "https://id.example/realm"
client_id = "delegates"
client_secret = "hush-hush"
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "delegates.duckdb"


def written(database: Path, text: str | bytes) -> Path:
    content = text if isinstance(text, bytes) else text.encode()
    beside(database).write_bytes(content)
    return database


def test_without_a_file_only_this_computer(database: Path) -> None:
    """No settings: nobody but this computer."""
    assert read(database) == Door(way="computer")


def test_accounts(database: Path) -> None:
    """One line chooses accounts; a byte order mark, as the Windows editor writes, is no fault."""
    assert read(written(database, 'way = "accounts"')) == Door(way="accounts")
    assert read(written(database, b'\xef\xbb\xbfway = "accounts"\r\n')) == Door(way="accounts")


def test_single_sign_on(database: Path) -> None:
    """What the file says of the provider is taken over; the claim may be another."""
    said = read(written(database, f'{SSO}claim = "email"\n'))
    assert said == Door(
        *("sso", "https://renda.example", "https://id.example/realm"),
        *("delegates", "hush-hush", "email"),
    )
    assert read(written(database, SSO)).claim == "preferred_username"


def test_the_secret_stays_out_of_logs(database: Path) -> None:
    """The client's secret is not in what a log would print of the settings."""
    assert "hush-hush" not in repr(read(written(database, SSO)))


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ("https://renda.example", "https://renda.example"),
        ("HTTPS://Renda.Example/", "https://renda.example"),
        ("https://renda.example:443", "https://renda.example"),
        ("http://10.1.2.3:8501", "http://10.1.2.3:8501"),
        ("http://[FD00::1]:8501", "http://[fd00::1]:8501"),
    ],
)
def test_addresses_are_as_browsers_write_them(database: Path, said: str, origin: str) -> None:
    """An address is kept as a browser's Origin has it, so that the two can be compared."""
    text = f'way = "accounts"\naddress = "{said}"'
    assert read(written(database, text)).address == origin


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("", "no_way", "way"),
        ("# nothing\n", "no_way", "way"),
        ('address = "https://renda.example"', "no_way", "accounts"),
        ('way = "open"', "bad_way", "open"),
        ('Way = "accounts"', "unknown_key", "Way"),
        ('way = "accounts"\npublic = "yes"', "unknown_key", "public"),
        ("way = true", "not_a_string", "way"),
        ('way = "accounts"\naddress = ""', "not_a_string", "address"),
        ('[door]\nway = "accounts"', "unknown_key", "door"),
        ("way = accounts", "not_toml", "第 1 行第 7 列"),
        ('way = "accounts"\nway = "computer"', "not_toml", "末尾"),
        ('way = "accounts"\n\nclaim = "x', "not_toml", "末尾"),
        (b"way = '\xd5\xca\xba\xc5'", "not_text", "UTF-8"),
        ('way = "accounts"\naddress = "renda.example"', "bad_address", "renda.example"),
        ('way = "accounts"\naddress = "https://renda.example/app"', "bad_address", "/app"),
        ('way = "accounts"\naddress = "https://a@renda.example"', "bad_address", "a@"),
        ('way = "accounts"\naddress = "ftp://renda.example"', "bad_address", "ftp"),
        ('way = "accounts"\naddress = "https://renda.example:99999"', "bad_address", "99999"),
        ('way = "accounts"\naddress = "https://*"', "bad_address", "*"),
        ('way = "sso"', "lacking", "address"),
        (SSO.replace("issuer", "claim"), "lacking", "issuer"),
        (SSO.replace('client_secret = "hush-hush"', ""), "lacking", "client_secret"),
        (SSO.replace("https://id", "http://id"), "bad_issuer", "http://id.example"),
    ],
)
def test_what_is_not_understood_opens_nothing(
    database: Path, text: str | bytes, code: str, named: str
) -> None:
    """Any line that is not understood is an error that names the file and the fault."""
    with pytest.raises(BadSettings) as raised:
        read(written(database, text))
    assert raised.value.code == code
    assert str(beside(database)) in str(raised.value)
    assert named in str(raised.value)


def test_a_provider_on_this_computer_needs_no_https(database: Path) -> None:
    """Nobody listens between two programs on one computer."""
    text = SSO.replace("https://id.example/realm", "http://localhost:9400")
    assert read(written(database, text)).issuer == "http://localhost:9400"


def test_a_file_that_cannot_be_read_opens_nothing(database: Path) -> None:
    """Settings that are there but unreadable are an error, not their absence."""
    beside(database).mkdir()
    with pytest.raises(BadSettings) as raised:
        read(database)
    assert raised.value.code == "unreadable"


def test_a_running_server_keeps_its_door(database: Path) -> None:
    """A file that is gone while the server runs, as an editor does, opens nothing."""
    assert door(written(database, 'way = "accounts"')).way == "accounts"
    beside(database).unlink()
    assert door(database).way == "accounts"
