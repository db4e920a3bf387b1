"""Tries at a password, counted, so that guessing becomes slow.

Counted before they are looked at and kept in the file: neither many at once nor a restart gives
more. Nobody is shut out for good; the wait ends at a quarter of an hour, and so does what others
can do to somebody.
"""

import ipaddress
import math
import sqlite3
from collections.abc import Iterable, Sequence

from data.access import file
from data.access.file import File

Counted = tuple[str, str]  # a kind of FREE, and which one

# Failures in a row before the next try has to wait, by what they are counted on.
FREE = {"device": 5, "account": 5, "changing": 5, "address": 20, "code": 20}
LONGEST, FORGOTTEN = 15 * 60, 24 * 60 * 60  # seconds


def count(accounts: File, on: Sequence[Counted]) -> int:
    """Count a try; returns the seconds that it must wait instead, and is then not counted."""
    now = file.now()
    with accounts.change(durable=False) as db:
        db.execute("delete from tries where abs(? - at) > ?", (now, FORGOTTEN))
        counts, wait = [], 0.0
        for one in on:
            row = db.execute(
                "select count, until from tries where counted_on = ?", (_digest(one),)
            ).fetchone()
            counts.append(row["count"] + 1 if row else 1)
            left = row["until"] - now if row else 0.0
            if left <= LONGEST:  # else the clock was put back
                wait = max(wait, left)
        if wait > 0:
            return math.ceil(wait)
        for one, number in zip(on, counts, strict=True):
            until = now + _pause(number - FREE[one[0]])
            db.execute(
                "insert or replace into tries values (?, ?, ?, ?)",
                (_digest(one), number, now, until),
            )
    return 0


def forgive(db: sqlite3.Connection, on: Iterable[Counted]) -> None:
    db.executemany("delete from tries where counted_on = ?", [(_digest(one),) for one in on])


def network(address: str) -> str:
    """The address; of version 6 the part that one household or office has."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(known.ipv4_mapped or ipaddress.ip_network((known.packed[:8] + bytes(8), 64)))


def _pause(over: int) -> float:
    """Seconds after the first failure that is one too many (0), the next one (1) …"""
    return min(2.0 ** min(over + 1, 20), LONGEST) if over >= 0 else 0.0


def _digest(counted: Counted) -> bytes:
    """Only hashed: people type passwords where the name should be."""
    return file.digest(":".join(counted))
