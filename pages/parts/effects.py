"""What an upload or an undo would do to the ranking: who crosses the line, the largest moves."""

import pandas as pd
import streamlit as st

from pages.parts import tables
from pages.words import _
from pages.words.terms import level_name, listed, period_name, plain

TOP = 20
LINES = 10


def show_moves(moves: pd.DataFrame, before: pd.DataFrame, period: str) -> None:
    """Say what differs in a period's ranking; ``moves`` as of ``queries.uploads.moves``."""
    st.markdown(_("**对{period}排名的影响**", period=period_name(period)))
    if before["rank"].notna().sum() == 0:
        st.caption(_("此前没有{period}的排名。", period=period_name(period)))
        return
    if moves.empty:
        st.caption(_("得分和排名均无变化。"))
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
