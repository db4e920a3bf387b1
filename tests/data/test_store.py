"""The database: opened or refused with the reason, never replaced; written whole or not at all."""

import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import scheme
from data import store as store_module
from data.problems import DATABASE, DatabaseUnavailable
from data.record import record
from data.store import NothingChanged, Store, open_store, store, use


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A closed database of this program."""
    path = tmp_path / "ours.duckdb"
    open_store(path).close()
    return path


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(DatabaseUnavailable) as refused:
        open_store(path, **options)
    assert str(path) in str(refused.value)
    return refused.value.code


def foreign(path: Path, *statements: str) -> None:
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def another_process(path: Path, statement: str = "select 1") -> Iterator[int]:
    """A process that holds the database; gives its number."""
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); "
    script += "print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, path, statement],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        yield holder.pid
    finally:
        holder.kill()
        holder.communicate()


def test_new_database_is_whole(tmp_path: Path) -> None:
    """A new database has its folder, its tables, the scheme, and no WAL to be forgotten."""
    path = tmp_path / "办公室" / "o'neil.duckdb"
    opened = open_store(path)
    assert (opened.version, opened.sample) == (1, None)
    assert opened.query("select count(*) as n from scheme_indicators")["n"].tolist() == [12]
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]
    opened.close()


def test_reopening_changes_nothing(ours: Path) -> None:
    """Opening and closing again leaves data version and file as they were."""
    before = ours.read_bytes()
    opened = open_store(ours, create=False)
    assert opened.version == 1
    opened.close()
    assert ours.read_bytes() == before


def test_another_scheme_is_on_record(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A scheme that takes the place of another one is noted with both versions, the first is not;
    it is adopted even where that cannot be noted, and then logged.
    """
    assert record(ours).head == (0, "")
    for number in (1, 2):
        other = tmp_path / f"{number}.toml"
        other.write_text(f"{scheme.DEFAULT.read_text('utf-8')}# {number}\n", "utf-8")
        adopted = scheme.load(other)
        if number == 2:
            record(ours).path.unlink()
            record(ours).path.mkdir()
        with monkeypatch.context() as changed, caplog.at_level(logging.ERROR):
            changed.setattr(scheme, "load", lambda adopted=adopted: adopted)
            for _ in range(2):
                open_store(ours).close()
        if number == 1:
            [told] = record(ours).entries().to_dict("records")
            assert (told["deed"], told["name"]) == ("scheme_adopted", "系统")
            assert told["what"] == {
                "scheme": adopted.name,
                "before": scheme.load().checksum[:12],
                "after": adopted.checksum[:12],
            }
        with duckdb.connect(ours) as connection:
            [(checksum,)] = connection.execute("select checksum from scheme").fetchall()
        assert checksum == adopted.checksum
    assert caplog.text.count(f"not on record that scheme {adopted.checksum[:12]}") == 1


GARBAGE = {
    "empty": b"",
    "short": b"ab",
    "text": "镇街,类型\n大坝街道,街道\n".encode() * 1000,
    "sqlite": b"SQLite format 3\0" + bytes(8192),
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=list(GARBAGE))
def test_garbage(tmp_path: Path, content: bytes) -> None:
    """A file that is no database is refused, and keeps every byte."""
    path = tmp_path / "garbage.duckdb"
    path.write_bytes(content)
    assert refusal(path) == "not_a_database"
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", [0, 4096, "half"])
def test_damaged(ours: Path, place: int | str) -> None:
    """A database with damaged blocks, or cut short, is refused as damaged, not as held."""
    content = bytearray(ours.read_bytes())
    if isinstance(place, int):
        content[place : place + 16] = bytes(16)
    else:
        content = content[: len(content) // 2]
    ours.write_bytes(content)
    assert refusal(ours) == "not_a_database"
    assert ours.read_bytes() == content


@pytest.mark.parametrize(
    ("code", "statements"),
    [
        ("foreign", ["create table uploads (a int)", "create table shop (b int)"]),
        ("no_tables", ["create table a (b int)", "drop table a", "checkpoint"]),
    ],
)
def test_foreign(tmp_path: Path, code: str, statements: list[str]) -> None:
    """A DuckDB file of another program, or without tables, is refused and keeps every byte."""
    path = tmp_path / "shop.duckdb"
    foreign(path, *statements)
    before = path.read_bytes()
    assert refusal(path) == code
    assert path.read_bytes() == before


def test_newer(ours: Path) -> None:
    """A database that a newer version of this program migrated is refused, byte for byte."""
    foreign(ours, "insert into migrations values (9999, 'later')")
    before = ours.read_bytes()
    assert refusal(ours) == "newer"
    assert ours.read_bytes() == before


def test_directory(tmp_path: Path) -> None:
    """A folder in the database's place is named as one."""
    assert refusal(tmp_path) == "directory"
    assert list(tmp_path.iterdir()) == []


def test_unopenable(tmp_path: Path) -> None:
    """Where no file can be, the reason is told."""
    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "file" / "x.duckdb") == "unopenable"


def test_missing(tmp_path: Path) -> None:
    """A missing database is created only where that was meant."""
    assert refusal(tmp_path / "none" / "x.duckdb", create=False) == "missing"
    assert list(tmp_path.iterdir()) == []


def test_log_without_its_database(ours: Path) -> None:
    """A WAL whose database is gone is no reason to begin an empty one: DuckDB would drop it."""
    log = ours.with_name("ours.duckdb.wal")
    ours.rename(log)
    assert refusal(ours) == "lost"
    assert (ours.exists(), log.exists()) == (False, True)


def test_held(ours: Path) -> None:
    """A database that another process holds is refused with that process's number."""
    with another_process(ours) as number:
        with pytest.raises(DatabaseUnavailable) as refused:
            open_store(ours)
        assert refused.value.code == "held"
        assert str(number) in str(refused.value)
    open_store(ours).close()


def test_a_killed_process_loses_nothing(ours: Path) -> None:
    """What was committed by a process that was killed is there at the next start."""
    with another_process(ours, "update house set data_version = 41"):
        pass
    assert ours.with_name("ours.duckdb.wal").exists()
    opened = open_store(ours)
    assert opened.version == 41
    opened.close()


@pytest.mark.parametrize("code", DATABASE)
def test_every_refusal_has_a_sentence(code: str) -> None:
    """Every code has a sentence that names the file and can be filled in."""
    sentence = str(
        DatabaseUnavailable(code, path="P", holder="", reason="R", uploads="—", left="L")
    )
    assert "P" in sentence
    assert not {"{", "}"} & set(sentence)


def test_settings_are_locked(house: Store) -> None:
    """No statement can reach other files, load an extension or change the settings."""
    for statement in (
        "select * from read_csv('/etc/passwd')",
        "copy house to '/tmp/stolen.csv'",
        "attach '/tmp/other.duckdb'",
        "install httpfs",
        "set enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            house.query(statement)


def test_write(house: Store) -> None:
    """A transaction is kept whole with a new version, and leaves no WAL."""
    version = house.version
    with house.write() as cursor:
        cursor.execute("update house set sample = 'x'")
    assert (house.version, house.sample) == (version + 1, "x")
    assert not house.path.with_name(f"{house.path.name}.wal").exists()


def test_write_that_fails(house: Store) -> None:
    """An error inside a transaction undoes it, comes through, and frees the lock."""
    version = house.version

    def spoil(statement: str) -> None:
        with house.write() as cursor:
            cursor.execute("update house set sample = 'x'")
            cursor.execute(statement)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil("select 1")
    with pytest.raises(duckdb.Error):
        spoil("insert into uploads values (null)")
    assert (house.version, house.sample) == (version, None)
    assert house.query("select sample from house")["sample"].isna().all()
    with house.write():
        pass
    assert house.version == version + 1


def test_nothing_changed(house: Store) -> None:
    """A transaction that finds nothing to write moves no version."""
    version = house.version
    with house.write() as cursor:
        cursor.execute("update house set sample = 'x'")
        raise NothingChanged
    assert house.version == version
    assert house.query("select sample from house")["sample"].isna().all()


def test_supposing(house: Store) -> None:
    """What is supposed is read by this thread alone, moves no version, and leaves nothing."""
    question = "select count(*) as n from delegates"
    others: list[int] = []

    def read_elsewhere() -> None:
        others.append(house.query(question)["n"].item())

    version = house.version
    with house.supposing() as cursor:
        cursor.execute("delete from stored_delegates")
        assert house.query(question)["n"].item() == 0
        other = threading.Thread(target=read_elsewhere)
        other.start()
        other.join(10)
        assert house.version == version
    assert others == [4]
    assert house.query(question)["n"].item() == 4
    with house.write():
        pass
    assert house.version == version + 1


def test_supposing_that_fails(house: Store) -> None:
    """An error while supposing comes through; reading and writing go on as before."""

    def spoil(statement: str) -> None:
        with house.supposing() as cursor:
            cursor.execute("delete from stored_delegates")
            cursor.execute(statement)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil("select 1")
    with pytest.raises(duckdb.Error):
        spoil("insert into uploads values (null)")
    assert house.query("select count(*) as n from delegates")["n"].item() == 4
    with house.write():
        pass


def test_reader_does_not_hinder_a_commit(house: Store) -> None:
    """A reader in the middle of its transaction keeps its snapshot; the commit succeeds."""
    with house._connection.cursor() as reader:
        reader.execute("begin")
        before = reader.execute("select data_version from house").fetchall()
        with house.write():
            pass
        assert reader.execute("select data_version from house").fetchall() == before
        reader.execute("commit")
        assert reader.execute("select data_version from house").fetchall() == [(house.version,)]


def test_failed_checkpoint_is_no_failed_commit(
    house: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the checkpoint fails, what was committed counts as committed."""
    version = house.version

    class Hindered:
        """A cursor whose checkpoint fails."""

        def execute(self, statement: str) -> None:
            raise duckdb.IOException(f"Cannot {statement.upper()}")

    checkpoint = store_module._checkpoint
    monkeypatch.setattr(store_module, "_checkpoint", lambda cursor: checkpoint(Hindered()))  # type: ignore[arg-type]
    with house.write() as cursor:
        cursor.execute("update house set sample = 'x'")
    assert (house.version, house.sample) == (version + 1, "x")
    assert "Cannot CHECKPOINT" in caplog.text
    # A copy with the log holds the row all the same.
    copy = house.path.with_name("copy.duckdb")
    shutil.copy(house.path, copy)
    shutil.copy(f"{house.path}.wal", f"{copy}.wal")
    opened = open_store(copy)
    assert opened.sample == "x"
    opened.close()


def test_readers_in_many_threads(house: Store) -> None:
    """Each thread gets the rows of its own query."""
    wrong: list[tuple[int, list[int]]] = []

    def read(number: int) -> None:
        for _ in range(30):
            found = house.query("select $n as n from range(50)", {"n": number})["n"].tolist()
            if found != [number] * 50:
                wrong.append((number, found))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_use_and_store(ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process has one store; a database that is not there is neither used nor created."""
    monkeypatch.setattr(store_module, "_open", {})
    monkeypatch.setattr(store_module, "_chosen", None)
    monkeypatch.setenv("DELEGATES_DATABASE", str(ours))
    with pytest.raises(DatabaseUnavailable):
        use(tmp_path / "none.duckdb")
    first = store()
    assert first.path == ours
    assert use(tmp_path / "." / "ours.duckdb") is store() is first
    assert not (tmp_path / "none.duckdb").exists()
    first.close()


def test_migration_that_fails(tmp_path: Path, ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration is applied together with its record, or leaves nothing."""
    folder = tmp_path / "schema"
    shutil.copytree(store_module.MIGRATIONS, folder)
    (folder / "0900_half.sql").write_text("create table half (a int); select no_such_column;")
    monkeypatch.setattr(store_module, "MIGRATIONS", folder)
    assert refusal(ours) == "unopenable"
    (folder / "0900_half.sql").write_text("create table half (a int);")
    opened = open_store(ours)
    assert opened.query("select number from migrations where number > 800")["number"].tolist() == [
        900
    ]
    opened.close()
