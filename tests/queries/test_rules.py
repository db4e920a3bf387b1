"""The rules of sessions and elections, at their edges; fractions say it a second way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from queries.sessions import rules
from queries.sessions.rules import Count, Nomination, Verdict, count, motion, nominate

TOWN = [f"D{number:02}" for number in range(1, 16)]  # the delegates of a township's congress


def broken(verdict: Verdict) -> list[str]:
    return [finding.rule for finding in verdict.broken]


def by_rule(verdict: Verdict) -> dict[str, rules.Finding]:
    return {finding.rule: finding for finding in verdict.findings}


# --- quorum and majority ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delegates", "least"), [(967, 645), (966, 644), (968, 646), (3, 2), (2, 2), (1, 1)]
)
def test_two_thirds_of_all(delegates: int, least: int) -> None:
    """Two thirds come out whole or are rounded up; with one fewer there is no session."""
    held = rules.quorum(delegates, least)
    assert held.holds
    assert (held.asked, held.found, held.article) == (least, least, "organic 14.4")
    assert not rules.quorum(delegates, least - 1).holds


@pytest.mark.parametrize(
    ("delegates", "least"), [(967, 484), (968, 485), (100, 51), (3, 2), (2, 2), (1, 1)]
)
def test_more_than_half_of_all(delegates: int, least: int) -> None:
    """Exactly half is not more than half; the share is of all, not of those present."""
    passed = rules.majority(delegates, least)
    assert passed.holds
    assert (passed.asked, passed.found, passed.article) == (least, least, "organic 25")
    assert not rules.majority(delegates, least - 1).holds


@given(st.integers(0, 4000), st.integers(0, 4000))
def test_thresholds_are_the_fractions_of_the_law(delegates: int, present: int) -> None:
    """Whole numbers reach a threshold exactly where the fraction does."""
    share = Fraction(present, delegates) if delegates else Fraction(-1)
    assert rules.quorum(delegates, present).holds == (share >= Fraction(2, 3))
    assert rules.majority(delegates, present).holds == (share > Fraction(1, 2))


# --- a count ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("votes", "fails"),
    [
        (Count(967, 967, 484, 483), []),
        (Count(967, 967, 483, 484), ["majority"]),
        (Count(968, 968, 484, 484), ["majority"]),  # exactly half
        (Count(967, 645, 484, 100, 50, 10, 1), []),  # the fewest who may meet, all voting
        (Count(967, 645, 484, 100, 50, 10, 2), ["votes_cast"]),  # one vote too many
        (Count(967, 644, 600, 44), ["quorum"]),
        (Count(967, 967, 0), ["majority"]),
        (Count(967, 968, 500), ["roll"]),
        (Count(967, 644, 645), ["quorum", "votes_cast"]),
        # a majority of those present, not of all
        (Count(967, 700, 400, 300), ["majority"]),
        (Count(0, 0, 0), ["roll", "quorum", "majority"]),
        (Count(1, 1, 1), []),
        (Count(1, 1, 0, 0, 0, 0, 1), ["majority"]),
    ],
)
def test_a_count(votes: Count, fails: list[str]) -> None:
    """What stands, and else each rule that does not hold."""
    verdict = count(votes)
    assert broken(verdict) == fails
    assert verdict.stands == (not fails)
    assert list(by_rule(verdict)) == ["roll", "quorum", "votes_cast", "majority"]


def test_nothing_is_counted_below_zero() -> None:
    """A negative number is a slip, not a vote."""
    with pytest.raises(ValueError, match="below zero"):
        Count(10, 10, -1)


@st.composite
def lawful(draw: st.DrawFn) -> Count:
    """Votes of no more than were present, who are no more than all; about half are elections."""
    parts = [draw(st.integers(0, most)) for most in (30, 12, 4, 4, 2)]
    present = sum(parts) + draw(st.integers(0, 3))
    return Count(present + draw(st.integers(0, 12)), present, *parts)


@given(lawful())
def test_more_votes_for_never_undo_an_election(votes: Count) -> None:
    """A vote changed to for, or one delegate more who comes and votes for, keeps what stood."""
    more = [
        replace(votes, votes_for=votes.votes_for + 1, **{part: getattr(votes, part) - 1})
        for part in ("against", "abstain", "other", "spoiled")
        if getattr(votes, part)
    ]
    if votes.present < votes.delegates:
        more.append(replace(votes, present=votes.present + 1, votes_for=votes.votes_for + 1))
    assert all(count(votes).stands <= count(changed).stands for changed in more)


@given(lawful())
def test_what_passes_could_not_as_well_have_failed(votes: Count) -> None:
    """For and against never both have more than half of all."""
    opposite = replace(votes, votes_for=votes.against, against=votes.votes_for)
    assert not (count(votes).stands and count(opposite).stands)


@given(lawful())
def test_other_votes_only_matter_in_their_sum(votes: Count) -> None:
    """Against, abstained, for another, spoiled: in what proportion is all one."""
    rest = votes.cast - votes.votes_for
    lumped = Count(votes.delegates, votes.present, votes.votes_for, against=rest)
    assert count(lumped) == count(votes)


# --- nominations ------------------------------------------------------------------------------


def sheet(candidate: str, signers: list[str], written: bool = True, on: bool = True) -> Nomination:
    return Nomination(candidate, signers, written, on)


@pytest.mark.parametrize(
    ("level", "asked"), [("provincial", 30), ("prefecture", 20), ("county", 10), ("township", 10)]
)
def test_signatures_that_a_nomination_takes(level: str, asked: int) -> None:
    """As many as the law says are enough, one short is not."""
    members = [str(number) for number in range(100)]
    [enough] = nominate(level, 1, [sheet("甲", members[:asked])], members)
    assert enough.stands
    [short] = nominate(level, 1, [sheet("甲", members[: asked - 1])], members)
    assert broken(short) == ["signatures"]
    found = by_rule(short)["signatures"]
    assert (found.asked, found.found, found.article) == (asked, asked - 1, "organic 26.2")


def test_who_signs_twice_is_one() -> None:
    """Ten signatures of nine delegates are nine; the one who signed twice is named."""
    [verdict] = nominate("township", 1, [sheet("甲", [*TOWN[:9], TOWN[0]])], TOWN)
    assert broken(verdict) == ["signatures"]
    assert by_rule(verdict)["distinct"].who == (TOWN[0],)
    [verdict] = nominate("township", 1, [sheet("甲", [*TOWN[:10], TOWN[0]])], TOWN)
    assert verdict.stands


def test_signers_of_another_congress_or_out_of_office() -> None:
    """Who is not among the delegates of that congress in office does not count, and is named."""
    [verdict] = nominate("township", 1, [sheet("甲", [*TOWN[:9], "县代表", "离任"])], TOWN)
    assert broken(verdict) == ["signatures"]
    assert by_rule(verdict)["members"].who == ("县代表", "离任")
    assert not by_rule(verdict)["members"].holds
    [verdict] = nominate("township", 1, [sheet("甲", [*TOWN[:10], "县代表"])], TOWN)
    assert verdict.stands


def test_a_nominator_over_the_number_of_seats() -> None:
    """With two seats, who signs for three candidates counts for none of the three."""
    greedy, rest = TOWN[0], TOWN[1:]
    three = [
        sheet("甲", [greedy, *rest[:9]]),
        sheet("乙", [greedy, *rest[:10]]),
        sheet("丙", [greedy, *rest[4:]]),
    ]
    # rest[4:9] sign for all three as well; rest[9] and others for two at most.
    over = (greedy, *rest[4:9])
    verdicts = nominate("township", 2, three, TOWN)
    for verdict in verdicts:
        assert by_rule(verdict)["seats"].who == over
        assert by_rule(verdict)["seats"].asked == 2
        assert by_rule(verdict)["seats"].article == "organic 26.3"
    assert [by_rule(v)["signatures"].found for v in verdicts] == [4, 5, 5]
    assert all(verdict.stands for verdict in nominate("township", 3, three, TOWN))


def test_surplus_signatures_carry_a_nomination() -> None:
    """Eleven signed, one of whom signed too much elsewhere: ten are enough."""
    verdicts = nominate("township", 1, [sheet("甲", TOWN[:11]), sheet("乙", TOWN[:1])], TOWN)
    assert [verdict.stands for verdict in verdicts] == [True, False]


@pytest.mark.parametrize(
    ("written", "on", "fails"), [(False, True, "written"), (True, False, "in_time")]
)
def test_in_writing_and_in_time(written: bool, on: bool, fails: str) -> None:
    """A nomination by word of mouth or too late does not stand, whoever signed."""
    [verdict] = nominate("township", 1, [sheet("甲", TOWN, written, on)], TOWN)
    assert broken(verdict) == [fails]


def test_a_candidate_is_nominated_in_one_place() -> None:
    """Two sheets for one candidate would count signers as nominators of two."""
    with pytest.raises(ValueError, match="in one place"):
        nominate("township", 1, [sheet("甲", TOWN), sheet("甲", TOWN)], TOWN)


signing = st.lists(st.sampled_from([*TOWN, "外一", "外二"]), max_size=24)


@given(st.lists(signing, min_size=1, max_size=4), st.integers(1, 3))
def test_nominations_worked_out_by_hand(signed: list[list[str]], seats: int) -> None:
    """Each candidate stands with ten delegates who nominate no more than the seats."""
    sheets = [sheet(str(place), signers) for place, signers in enumerate(signed)]
    times = Counter(who for signers in signed for who in set(signers))
    for signers, verdict in zip(signed, nominate("county", seats, sheets, TOWN), strict=True):
        valid = [who for who in TOWN if who in signers and times[who] <= seats]
        assert by_rule(verdict)["signatures"].found == len(valid)
        assert verdict.stands == (len(valid) >= 10)


@given(st.lists(signing, min_size=1, max_size=3), st.integers(1, 3), st.sampled_from(TOWN))
def test_one_more_lawful_signature_never_undoes_a_nomination(
    signed: list[list[str]], seats: int, more: str
) -> None:
    """Who has a seat's worth of nominations left can only help the one they sign for."""
    assume(sum(more in signers for signers in signed) < seats)
    before = nominate("county", seats, [sheet(str(i), s) for i, s in enumerate(signed)], TOWN)
    grown = [[*signed[0], more], *signed[1:]]
    after = nominate("county", seats, [sheet(str(i), s) for i, s in enumerate(grown)], TOWN)
    assert all(b.stands <= a.stands for b, a in zip(before, after, strict=True))


# --- motions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "asked"), [("provincial", 10), ("prefecture", 10), ("county", 10), ("township", 5)]
)
def test_signatures_that_a_motion_takes(level: str, asked: int) -> None:
    """As many as the law says are enough, one short is not, twice and strangers do not help."""
    assert motion(level, TOWN[:asked], TOWN).stands
    short = [*TOWN[: asked - 1], TOWN[0], "外"]
    verdict = motion(level, short, TOWN)
    assert broken(verdict) == ["signatures"]
    assert {f.article for f in verdict.findings} == {"organic 22.2"}
    assert by_rule(verdict)["distinct"].who == (TOWN[0],)
    assert by_rule(verdict)["members"].who == ("外",)


@given(signing, st.randoms(use_true_random=False))
def test_the_order_of_signatures_is_all_one(signers: list[str], random) -> None:
    """The same names in any order give the same findings."""
    shuffled = random.sample(signers, len(signers))
    assert motion("township", shuffled, TOWN) == motion("township", signers, TOWN)
    [one] = nominate("county", 1, [sheet("甲", signers)], TOWN)
    [other] = nominate("county", 1, [sheet("甲", shuffled)], TOWN)
    assert one == other


# --- articles ---------------------------------------------------------------------------------


def test_every_finding_names_its_article() -> None:
    """But for what is a mere matter of counting, each rule says where it is written."""
    verdicts = [
        count(Count(3, 3, 2, 1)),
        *nominate("county", 1, [sheet("甲", TOWN)], TOWN),
        motion("county", TOWN, TOWN),
    ]
    articles = {f.rule: f.article for verdict in verdicts for f in verdict.findings}
    assert articles.pop("roll") is None
    assert all(articles.values())
