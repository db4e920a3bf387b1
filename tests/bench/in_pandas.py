"""The scores of a quarter as one would write them in pandas, frames in memory, default scheme.

A yardstick for speed alone: rules and reasons are in assessment.md, the plain words of it in
``tests/support/reference.py``. Holds for periods shorter than the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from data.period import Period
    from data.store import Store

QUALITY = {"已解决": 0.8, "列入计划": 0.5, "解释说明": 0.3}
COUNTED = {"voter_reception": "接待选民", "publicity": "政策宣讲", "theme_action": "主题活动"}
ORGANISED = {"inspection": ["视察", "执法检查"], "survey": ["专题调研"], "study": ["学习培训"]}
DUE_BY_QUARTER = {
    "household_visit": (20, "activities"),
    "voter_reception": (4, "activities"),
    "opinion_collected": (8, "opinions"),
    "publicity": (4, "activities"),
}
OPTIONAL = {"suggestion_filed": 2, "duty_report": 1, "theme_action": 2}


@dataclass(frozen=True)
class Frames:
    """The live rows, and the weights by level (rows) and indicator (columns)."""

    delegates: pd.DataFrame
    activities: pd.DataFrame
    attendance: pd.DataFrame
    opinions: pd.DataFrame
    suggestions: pd.DataFrame
    duty_reports: pd.DataFrame
    adjustments: pd.DataFrame
    weights: pd.DataFrame

    @classmethod
    def read(cls, house: Store) -> Frames:
        names = ("delegates", "activities", "attendance", "opinions", "suggestions")
        weights = house.query("from scheme_weights")
        return cls(
            *(house.query(f"from {name}") for name in (*names, "duty_reports", "adjustments")),
            weights.pivot(index="level", columns="indicator", values="weight"),
        )


def scores_in_pandas(frames: Frames, period: Period) -> pd.Series:
    """The score of each delegate by delegate_id; missing where too little was reported."""
    who = frames.delegates.set_index("delegate_id")
    who = who.assign(end_date=who["end_date"].fillna(pd.Timestamp("2199-12-31")))
    mandates = who[["start_date", "end_date", "township"]]

    def inside(rows: pd.DataFrame, dated: str = "date") -> pd.DataFrame:
        rows = rows[rows[dated].between(pd.Timestamp(period.start), pd.Timestamp(period.end))]
        rows = rows.join(mandates, on="delegate_id", rsuffix="_of")
        return rows[rows[dated].between(rows["start_date"], rows["end_date"])]

    def eligible(first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
        days = who["end_date"].clip(upper=last) - who["start_date"].clip(lower=first)
        return (days.dt.days + 1).clip(lower=0) / ((last - first).days + 1)

    def per_delegate(rows: pd.DataFrame, column: str | None = None) -> pd.Series:
        groups = rows.groupby("delegate_id")
        found = groups[column].sum() if column else groups.size()
        return found.reindex(who.index, fill_value=0).astype(float)

    activities = frames.activities[frames.activities["status"] != "已退回"]
    own, opinions = inside(activities), inside(frames.opinions)
    attendance, filed = inside(frames.attendance), inside(frames.suggestions)
    cosigned = frames.suggestions.drop(columns="delegate_id").explode("cosigner_ids")
    cosigned = inside(cosigned.rename(columns={"cosigner_ids": "delegate_id"}))
    reports = inside(frames.duty_reports)
    replies = inside(frames.suggestions.dropna(subset=["replied", "outcome"]), "replied")
    delighted = (replies["outcome"] == "已解决") & (replies["satisfaction"] == "满意")
    replies = replies.assign(quality=replies["outcome"].map(QUALITY).mask(delighted, 1.0))
    sessions = attendance[attendance["event_kind"] == "会议"]
    present = sessions["half_days"] * sessions["result"].map({"出席": 1, "请假": 0.5, "缺席": 0})

    x = {code: per_delegate(own[own["kind"] == kind]) for code, kind in COUNTED.items()}
    x["household_visit"] = per_delegate(own[own["kind"] == "入户走访"], "quantity")
    x["opinion_collected"] = per_delegate(opinions)
    x["suggestion_filed"] = per_delegate(filed) + 0.2 * per_delegate(cosigned)
    x["duty_report"] = per_delegate(reports)

    e_year = eligible(pd.Timestamp(period.year, 1, 1), pd.Timestamp(period.year, 12, 31))
    rates = {
        "attend_session": per_delegate(sessions.assign(earned=present), "earned")
        / per_delegate(sessions, "half_days").replace(0, np.nan),
        "suggestion_result": per_delegate(replies, "quality")
        / per_delegate(replies).replace(0, np.nan),
    }
    for code, kinds in ORGANISED.items():
        events = attendance[attendance["event_kind"].isin(kinds)]
        invited = per_delegate(events[events["result"] != "请假"])
        target = np.minimum(2 * e_year, invited).replace(0, np.nan)
        rates[code] = (per_delegate(events[events["result"] == "出席"]) / target).clip(upper=1)

    owed_days = {name: pd.Series(0.0, index=who.index) for name in ("activities", "opinions")}
    missing = {name: pd.Series(True, index=who.index) for name in owed_days}
    in_office = eligible(pd.Timestamp(period.start), pd.Timestamp(period.end)) > 0
    for quarter in period.quarters:
        first, last = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
        share = eligible(first, last)
        for name, rows in (("activities", activities), ("opinions", frames.opinions)):
            senders = rows.loc[rows["date"].between(first, last), "delegate_id"]
            sent = who["township"].isin(who["township"].reindex(senders.unique()))
            owed_days[name] += share.where(sent, 0.0)
            missing[name] &= ~sent
    unreported = pd.DataFrame(index=who.index)
    for code, (annual, name) in DUE_BY_QUARTER.items():
        rates[code] = (x[code] / (annual / 4 * owed_days[name]).replace(0, np.nan)).clip(upper=1)
        unreported[code] = missing[name] & in_office
    for code, annual in OPTIONAL.items():
        target = (annual * e_year).replace(0, np.nan)
        rates[code] = (x[code].replace(0, np.nan) / target).clip(upper=1)
    votes = {name: per_delegate(reports, name) for name in ("approve", "partly", "disapprove")}
    cast = sum(votes.values()).replace(0, np.nan)
    approval = ((votes["approve"] + 0.5 * votes["partly"]) / cast).fillna(1)
    rates["duty_report"] *= (5 + 3 * approval) / 8

    rate = pd.DataFrame(rates)
    weight = frames.weights.loc[who["level"]].set_index(who.index)[rate.columns]
    rated = weight.where(rate.notna(), 0.0)
    owed, optional = [c for c in rate if c not in OPTIONAL], list(OPTIONAL)
    order = np.argsort(-rate[optional].fillna(-1).to_numpy(), axis=1)
    taken = np.take_along_axis(rated[optional].to_numpy(), order, axis=1)
    earned = np.take_along_axis((rated * rate.fillna(0))[optional].to_numpy(), order, axis=1)
    weights = np.c_[rated[owed].sum(axis=1), taken].cumsum(axis=1)
    points = np.c_[(rated * rate.fillna(0))[owed].sum(axis=1), earned].cumsum(axis=1)
    with np.errstate(invalid="ignore"):
        means = points / np.where(weights == 0, np.nan, weights)
    base = pd.Series(100 * pd.DataFrame(means).max(axis=1).to_numpy(), index=who.index)
    total = rated.sum(axis=1)
    absent_weight = (weight[list(unreported)] * unreported).sum(axis=1)
    covered = total / (total + absent_weight).replace(0, np.nan) >= 0.5

    adjusted = inside(frames.adjustments)
    bonus = per_delegate(adjusted[adjusted["kind"] == "加分"], "points").clip(upper=10)
    absent = attendance[attendance["result"] == "缺席"]
    at_session = absent["event_kind"] == "会议"
    deduction = (
        per_delegate(adjusted[adjusted["kind"] == "扣分"], "points")
        + 2 * per_delegate(absent[at_session], "half_days")
        + per_delegate(absent[~at_session]).clip(upper=5)
    )
    return (base + bonus - deduction).clip(0, 110).where(covered)
