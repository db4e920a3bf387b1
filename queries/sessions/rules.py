"""What the law asks of a meeting, a nomination, a motion and a count, each rule by itself.

The law is 地方各级人民代表大会和地方各级人民政府组织法 (2022), 组织法 for short; of the votes cast it
says nothing, so that 选举法 (2020) stands in. "All delegates" are those in office, never those
present. An article is named by law, number and paragraph: ``organic 26.2``, ``electoral 44.1``.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# Signatures that a joint nomination takes (art. 26), and a motion (art. 22), by level of congress.
NOMINATORS = {"provincial": 30, "prefecture": 20, "county": 10, "township": 10}
MOVERS = {"provincial": 10, "prefecture": 10, "county": 10, "township": 5}


@dataclass(frozen=True)
class Finding:
    """What one rule asked, what was found, and whether it holds.

    ``asked`` and ``found`` are persons or votes, missing where the rule is a plain yes or no.
    ``who`` broke the rule. A rule that is not ``decisive`` only leaves their signatures out of
    the count.
    """

    rule: str
    article: str | None
    holds: bool
    asked: int | None = None
    found: int | None = None
    who: tuple[str, ...] = ()
    decisive: bool = True


@dataclass(frozen=True)
class Verdict:
    """The findings of every rule; what was judged stands when each decisive one holds."""

    findings: tuple[Finding, ...]

    @property
    def stands(self) -> bool:
        return all(finding.holds for finding in self.findings if finding.decisive)

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The decisive rules that do not hold."""
        return tuple(f for f in self.findings if f.decisive and not f.holds)


# --- a meeting and its votes --------------------------------------------------------------------


def two_thirds(delegates: int) -> int:
    """The fewest that are two thirds of all."""
    return -(-2 * delegates // 3)


def more_than_half(delegates: int) -> int:
    """The fewest that are more than half of all; exactly half is not."""
    return delegates // 2 + 1


def roll(delegates: int, present: int) -> Finding:
    """There are delegates, and no more of them come than there are: a matter of counting."""
    return Finding("roll", None, 0 <= present <= delegates > 0, delegates, present)


def quorum(delegates: int, present: int) -> Finding:
    """组织法 art. 14, par. 4: a meeting is held when two thirds of the delegates or more come."""
    asked = two_thirds(delegates)
    return Finding("quorum", "organic 14.4", present >= asked > 0, asked, present)


def votes_cast(present: int, cast: int) -> Finding:
    """选举法 art. 44, par. 1: a vote is void when more votes are cast than people voted."""
    return Finding("votes_cast", "electoral 44.1", 0 <= cast <= present, present, cast)


def majority(delegates: int, votes_for: int) -> Finding:
    """组织法 art. 25: elections and resolutions pass with more than half of all delegates."""
    asked = more_than_half(delegates)
    return Finding("majority", "organic 25", delegates > 0 and votes_for >= asked, asked, votes_for)


@dataclass(frozen=True)
class Count:
    """Delegates and votes; ``other`` are those for another than the candidate (art. 28)."""

    delegates: int
    present: int
    votes_for: int
    against: int = 0
    abstain: int = 0
    other: int = 0
    spoiled: int = 0

    def __post_init__(self) -> None:
        if min(vars(self).values()) < 0:
            raise ValueError("nothing is counted below zero")

    @property
    def cast(self) -> int:
        return self.votes_for + self.against + self.abstain + self.other + self.spoiled


def count(votes: Count) -> Verdict:
    """Whether a candidate is elected, or a resolution passed, by these votes."""
    return Verdict(
        (
            roll(votes.delegates, votes.present),
            quorum(votes.delegates, votes.present),
            votes_cast(votes.present, votes.cast),
            majority(votes.delegates, votes.votes_for),
        )
    )


# --- nominations and motions ----------------------------------------------------------------------


@dataclass(frozen=True)
class Nomination:
    """One candidate and the delegates who signed, by number, as often as they signed."""

    candidate: str
    signatures: Sequence[str]
    written: bool
    in_time: bool


def nominated_by(nominations: Sequence[Nomination]) -> Counter[str]:
    """Of how many candidates each delegate is a nominator."""
    return Counter(signer for n in nominations for signer in set(n.signatures))


def nominate(
    level: str, seats: int, nominations: Sequence[Nomination], members: Collection[str]
) -> tuple[Verdict, ...]:
    """Whether each of the candidates for an office of ``seats`` is nominated jointly.

    ``members`` are the delegates of that congress in office. Who signed for more candidates than
    there are seats counts for none of them: which are meant is theirs to say.
    """
    if len({n.candidate for n in nominations}) < len(nominations):
        raise ValueError("a candidate is nominated in one place")
    signed = nominated_by(nominations)
    return tuple(_nominated(level, seats, n, signed, members) for n in nominations)


def _nominated(
    level: str,
    seats: int,
    nomination: Nomination,
    signed: Counter[str],
    members: Collection[str],
) -> Verdict:
    signers = nomination.signatures
    greedy = over_the_seats(signers, signed, seats)
    valid = (set(signers) & set(members)) - set(greedy.who)
    return Verdict(
        (
            signatures(NOMINATORS[level], len(valid), "organic 26.2"),
            distinct(signers, "organic 26.2"),
            of_this_congress(signers, members, "organic 26.2"),
            greedy,
            in_writing(nomination.written),
            in_time(nomination.in_time),
        )
    )


def motion(level: str, signers: Sequence[str], members: Collection[str]) -> Verdict:
    """Whether a motion has the delegates that it takes."""
    valid = set(signers) & set(members)
    return Verdict(
        (
            signatures(MOVERS[level], len(valid), "organic 22.2"),
            distinct(signers, "organic 22.2"),
            of_this_congress(signers, members, "organic 22.2"),
        )
    )


def signatures(asked: int, found: int, article: str) -> Finding:
    """组织法 art. 26, par. 2 (nominations) and art. 22, par. 2 (motions): enough delegates sign."""
    return Finding("signatures", article, found >= asked, asked, found)


def distinct(signers: Sequence[str], article: str) -> Finding:
    """The same articles count delegates, so that who signs twice is one."""
    twice = tuple(sorted(s for s, times in Counter(signers).items() if times > 1))
    return Finding("distinct", article, not twice, 0, len(twice), twice, decisive=False)


def of_this_congress(signers: Sequence[str], members: Collection[str], article: str) -> Finding:
    """The same articles ask for delegates of that congress, and of it now."""
    strangers = tuple(sorted(set(signers) - set(members)))
    return Finding("members", article, not strangers, 0, len(strangers), strangers, decisive=False)


def over_the_seats(signers: Sequence[str], signed: Counter[str], seats: int) -> Finding:
    """组织法 art. 26, par. 3: no delegate nominates more candidates jointly than there are seats."""
    greedy = tuple(sorted(s for s in set(signers) if signed[s] > seats))
    return Finding("seats", "organic 26.3", not greedy, seats, len(greedy), greedy, decisive=False)


def in_writing(written: bool) -> Finding:
    """组织法 art. 26, par. 2: a joint nomination is made in writing."""
    return Finding("written", "organic 26.2", written)


def in_time(kept: bool) -> Finding:
    """Within the time that the presidium set: the meeting's own election rules say it.

    组织法 art. 27, par. 2 only says that for a new term it may not be less than two days.
    """
    return Finding("in_time", "rules of the meeting", kept)
