"""What an upload or an undo would do to the rankings: who crosses the line, the largest moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from data.period import Period
from pages.parts import tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import level_name, listed, period_name, plain
from queries import county, scoring, uploads

TOP = 20
LINES = 10
QUARTERS = 3  # in detail, the latest ones


@dataclass(frozen=True)
class Standings:
    """The standings of some quarters at one moment, and the rankings of those asked for."""

    quarters: tuple[Period, ...]
    everyone: pd.DataFrame
    rankings: dict[str, pd.DataFrame]


def before(also: Sequence[Period] = ()) -> Standings:
    """The standings as they are, of the quarters on record and ``also`` these."""
    quarters = tuple(sorted({*ask(county.quarters_on_record), *also}))
    everyone = ask(scoring.standings, periods=quarters) if quarters else pd.DataFrame()
    return Standings(quarters, everyone, {})


def after(was: Standings) -> Standings:
    """The standings as they would be; to be asked within ``supposing``."""
    if not was.quarters:
        return was
    everyone = ask(scoring.standings, periods=was.quarters)
    shaken = uploads.shaken(was.everyone, everyone)
    rankings = {q: ask(county.ranking, period=Period.parse(q)) for q in shaken[:QUARTERS]}
    return Standings(was.quarters, everyone, rankings)


def show(was: Standings, would_be: Standings) -> None:
    """Say what differs, quarter by quarter, the latest first."""
    shaken = uploads.shaken(was.everyone, would_be.everyone) if was.quarters else []
    if not shaken:
        st.markdown(_("**对排名的影响**"))
        st.caption(_("各季度的得分和排名均无变化。"))
        return
    for period in shaken[:QUARTERS]:
        earlier = ask(county.ranking, period=Period.parse(period))
        moves = uploads.moves(earlier, would_be.rankings[period], TOP)
        _show_quarter(moves, earlier, period)
    if others := shaken[QUARTERS:]:
        st.caption(_("还会变化的季度：{quarters}", quarters=listed(map(period_name, others))))


def _show_quarter(moves: pd.DataFrame, before: pd.DataFrame, period: str) -> None:
    """What differs in one quarter's ranking; ``moves`` as of ``queries.uploads.moves``."""
    st.markdown(_("**对{period}排名的影响**", period=period_name(period)))
    if before["rank"].notna().sum() == 0:
        st.caption(_("此前没有{period}的排名。", period=period_name(period)))
        return
    if entering := _named(moves[moves["crossed"] == 1]):
        st.markdown(_("进入同级前 {top} 名：{names}", top=TOP, names=entering))
    if leaving := _named(moves[moves["crossed"] == -1]):
        st.markdown(_("退出同级前 {top} 名：{names}", top=TOP, names=leaving))
    shown = moves.head(LINES).assign(
        level=moves["level"].map(level_name), climb=tables.change(moves["climb"])
    )
    tables.show(
        shown,
        f"moves_{period}",
        {
            "name": tables.text(_("代表"), width=90),
            "township": tables.text(_("镇街"), width=110),
            "level": tables.text(_("层级"), width=80),
            "rank_before": tables.number(_("现名次"), width=80),
            "rank": tables.number(_("新名次"), width=100),
            "climb": tables.text(_("升降"), width=70),
            "score_before": tables.score(_("现得分"), width=90),
            "score": tables.score(_("新得分"), width=100),
        },
        _("名次变化"),
    )
    st.caption(
        _(
            "共 {count} 位代表的得分或名次有变化，列出升降最大的 {shown} 位。",
            count=len(moves),
            shown=len(shown),
        )
    )


def _named(moves: pd.DataFrame) -> str:
    return listed(
        _("{name}（{level}）", name=plain(m.name), level=level_name(m.level))
        for m in moves.itertuples(index=False)
    )
