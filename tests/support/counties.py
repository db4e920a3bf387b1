"""Invented counties full of edge cases, valid under the upload formats.

Records fall on the first and last days of quarters, outside mandates and in the year before;
townships fall silent for a quarter, or have every row of it returned.
"""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import repeat

from reference import LEVELS, County, Period, Row

HEADERS = {
    "townships": "镇街 类型 户数 选民数 包联领导",
    "delegates": "代表编号 人员编号 姓名 性别 层级 镇街 选区 代表小组 联络站编号 身份 专业特长 "
    "任职起 任职止 包联户数",
    "activities": "记录号 代表编号 姓名 镇街 类型 日期 数量 地点 阵地编号 内容 主题 佐证号 "
    "核实状态",
    "attendance": "活动号 活动类型 活动名称 日期 代表编号 姓名 镇街 结果 半天数",
    "opinions": "编号 代表编号 姓名 收集日期 诉求 类别 来源 办理层级 转办日期 办结日期 结果 主题",
    "suggestions": "建议号 标题 领衔代表编号 附议代表编号 类别 提出日期 交办日期 办理期限月 "
    "承办单位 答复日期 办理结果 满意度 重点督办",
    "duty_reports": "代表编号 姓名 日期 到会选民 满意 基本满意 不满意",
    "adjustments": "代表编号 日期 类型 分值 等次 依据 批准人",
}
EVENTS = ["会议", "视察", "执法检查", "专题调研", "学习培训"]
ACTIVITIES = ["入户走访", "接待选民", "政策宣讲", "主题活动", "小组活动", "志愿服务", "履职笔记"]
GRADES = ["优秀", "称职", "基本称职", "不称职"]
# What a township sends in a quarter; "returned" sends activities that are all sent back.
SENDS = ["both"] * 6 + ["activities", "opinions", "returned", "nothing"]


def random_county(seed: int, delegates: int = 40, year: int = 2026) -> County:
    """A county of `delegates` mandates with records of `year` and the year before."""
    return Invention(seed, year).county_of(delegates)


class Invention:
    """A county in the making; equal seeds make equal counties."""

    def __init__(self, seed: int, year: int) -> None:
        self.rng = random.Random(seed)
        self.year = year
        self.county: County = {name: [] for name in HEADERS}

    def county_of(self, delegates: int) -> County:
        homes = [f"{number}号镇" for number in range(1, max(4, delegates // 5))]
        for home in homes:
            self.add("townships", 镇街=home, 类型=self.rng.choice(["镇", "街道", "管理区"]))
        # The first township never sends anything; the last has no delegate.
        self.sends = {
            (home, year, quarter): "nothing" if home == homes[0] else self.rng.choice(SENDS)
            for home in [*homes, ""]
            for year in (self.year - 1, self.year)
            for quarter in (1, 2, 3, 4)
        }
        for number in range(1, delegates + 1):
            self.delegate(number, homes[:-1])
        roster = self.county["delegates"]
        twins = list(zip(roster[::10], roster[1::10], strict=False))
        for model, twin in twins:
            twin |= {header: model[header] for header in ("层级", "镇街", "任职起", "任职止")}
        # Twins do nothing themselves: they are given what their model did.
        self.doers = [who for who in roster if all(who is not twin for _, twin in twins)]
        self.attendance()
        for who in self.doers:
            zeal = self.rng.choice([0, 1, 2, 4])
            for year, quarter in self.quarters():
                self.activities(who, zeal, year, quarter)
                self.opinions(who, zeal, year, quarter)
                self.suggestions(who, zeal, year, quarter)
            self.duty_reports(who)
            self.adjustments(who)
        for model, twin in twins:
            make_alike(self.county, model, twin)
        return self.county

    def add(self, name: str, **cells: object) -> None:
        given = {header: str(cell) for header, cell in cells.items()}
        self.county[name].append(dict.fromkeys(HEADERS[name].split(), "") | given)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def times(self, most: int) -> Iterator[None]:
        return repeat(None, self.rng.randint(0, most))

    def quarters(self) -> list[tuple[int, int]]:
        """The quarters of both years; the year before is thinner."""
        before = [(self.year - 1, quarter) for quarter in (1, 2, 3, 4) if self.chance(0.3)]
        return before + [(self.year, quarter) for quarter in (1, 2, 3, 4)]

    def day(self, year: int, quarter: int) -> date:
        span = Period(year, (quarter,)).span
        inner = span.first + timedelta(self.rng.randrange(span.days()))
        return self.rng.choice([span.first, span.last, *[inner] * 8])

    def any_day(self) -> date:
        return self.day(*self.rng.choice(self.quarters()))

    def mandate(self) -> tuple[date, date | None]:
        long_ago = date(self.year - 5, 12, 20)
        first, last = sorted(self.day(self.year, self.rng.randint(1, 4)) for _ in range(2))
        # The third quarter has 92 days: a quarter and a half of it are 23 and 46.
        threshold = date(self.year, 9, 30) - timedelta(self.rng.choice([21, 22, 44, 45]))
        return self.rng.choice(
            [
                *[(long_ago, None)] * 8,
                *[(first, None), (long_ago, last), (first, last)] * 2,
                (first, first),
                (threshold, None),
                (long_ago, date(self.year - 1, 12, 31)),
                (date(self.year + 1, 1, 1), None),
            ]
        )

    def delegate(self, number: int, homes: list[str]) -> None:
        start, end = self.mandate()
        level = self.rng.choice(["乡镇级", "乡镇级", "乡镇级", "县级", "县级", *LEVELS])
        # Some persons hold two mandates; some delegates of the nation have no township.
        person = number - (number > 1 and self.chance(0.1))
        self.add(
            "delegates",
            代表编号=f"D{number:03}",
            人员编号=f"P{person:03}",
            姓名=f"代表{person}",
            层级=level,
            镇街="" if level == "全国级" and self.chance(0.5) else self.rng.choice(homes),
            身份=self.rng.choice(["基层", "领导干部", "常委会组成人员", ""]),
            任职起=start,
            任职止=end or "",
            包联户数=self.rng.choice(["", 0, self.rng.randint(1, 30)]),
        )

    def attendance(self) -> None:
        for kind in EVENTS:
            for number in range(self.rng.randint(0, 9)):
                day, half_days = self.any_day(), self.rng.choice(["", 0.5, 1, 1.5, 4])
                for who in self.rng.sample(self.doers, self.rng.randint(1, len(self.doers))):
                    self.add(
                        "attendance",
                        活动号=f"{kind}{number}",
                        活动类型=kind,
                        日期=day,
                        **{header: who[header] for header in ("代表编号", "姓名", "镇街")},
                        结果=self.rng.choice(["出席"] * 8 + ["请假", "缺席"]),
                        半天数=0.5 if self.chance(0.1) else half_days,
                    )

    def activities(self, who: Row, zeal: int, year: int, quarter: int) -> None:
        sent = self.sends[who["镇街"], year, quarter]
        for _ in self.times(3 * zeal if sent in ("both", "activities", "returned") else 0):
            checked = self.rng.choice(["", "待核实", "已核实", "已核实", "已退回"])
            self.add(
                "activities",
                **{header: who[header] for header in ("代表编号", "姓名", "镇街")},
                类型=self.rng.choice(ACTIVITIES[:4] * 3 + ACTIVITIES),
                日期=self.day(year, quarter),
                数量=self.rng.choice(["", 1, 2, 5, self.rng.randint(1, 999)]),
                内容=f"记录{len(self.county['activities'])}",
                核实状态="已退回" if sent == "returned" else checked,
            )

    def opinions(self, who: Row, zeal: int, year: int, quarter: int) -> None:
        sent = self.sends[who["镇街"], year, quarter]
        for _ in self.times(zeal if sent in ("both", "opinions") else 0):
            day = self.day(year, quarter)
            closed = day + timedelta(self.rng.randint(0, 150)) if self.chance(0.6) else ""
            self.add(
                "opinions",
                编号=f"O{len(self.county['opinions']):05}",
                代表编号=who["代表编号"],
                姓名=who["姓名"],
                收集日期=day,
                诉求="诉求",
                办结日期=closed,
                结果=self.rng.choice(["已解决", "列入计划", "解释说明"]) if closed else "",
            )

    def suggestions(self, who: Row, zeal: int, year: int, quarter: int) -> None:
        for _ in self.times(zeal if self.chance(0.3) else 0):
            filed = self.day(year, quarter)
            month_end = filed.replace(day=monthrange(filed.year, filed.month)[1])
            assigned = self.rng.choice([month_end, filed + timedelta(self.rng.randint(0, 15))])
            replied = assigned + timedelta(self.rng.randint(0, 300)) if self.chance(0.7) else ""
            # Now and then the reply has come and its outcome is not yet entered.
            outcome = self.rng.choice(["已解决", "已解决", "列入计划", "解释说明"])
            outcome = outcome if replied and self.chance(0.95) else ""
            # One may, by mistake, co-sign one's own suggestion.
            helpers = self.rng.sample(self.doers, min(len(self.doers), self.rng.choice([0, 1, 4])))
            helpers += [who] if who not in helpers and self.chance(0.1) else []
            self.add(
                "suggestions",
                建议号=f"S{len(self.county['suggestions']):04}",
                标题="建议",
                领衔代表编号=who["代表编号"],
                附议代表编号="；".join(helper["代表编号"] for helper in helpers),
                提出日期=filed,
                交办日期=assigned if replied or self.chance(0.9) else "",
                办理期限月=self.rng.choice(["", 3, 6]),
                答复日期=replied,
                办理结果=outcome,
                满意度=self.rng.choice(["满意", "基本满意", "不满意", ""]) if outcome else "",
            )

    def duty_reports(self, who: Row) -> None:
        for day in sorted({self.any_day() for _ in self.times(3)}):
            cast = [self.rng.randint(0, 60), self.rng.randint(0, 20), self.rng.randint(0, 20)]
            votes = self.rng.choice([cast, cast, [0, 0, 0], []])
            polls = dict(zip(["满意", "基本满意", "不满意"], votes, strict=False))
            me = {header: who[header] for header in ("代表编号", "姓名")}
            self.add("duty_reports", **me, 日期=day, 到会选民=100, **polls)

    def adjustments(self, who: Row) -> None:
        for _ in self.times(4 if self.chance(0.3) else 0):
            kind = self.rng.choice(["加分", "加分", "扣分", "等次上限", "不定等次"])
            self.add(
                "adjustments",
                代表编号=who["代表编号"],
                日期=self.any_day(),
                类型=kind,
                分值=self.rng.choice([0.5, 1, 3, 8, 12]) if kind in ("加分", "扣分") else "",
                等次=self.rng.choice(GRADES) if kind == "等次上限" else "",
                依据="依据",
                批准人="主任会议",
            )


def make_alike(county: County, model: Row, twin: Row) -> None:
    """Give `twin` the like of every record of `model`, so that the two tie."""
    numbers = {"opinions": "编号", "suggestions": "建议号"}
    for name in set(HEADERS) - {"townships", "delegates"}:
        holder = "领衔代表编号" if name == "suggestions" else "代表编号"
        for row in [row for row in county[name] if row[holder] == model["代表编号"]]:
            copy = row | {holder: twin["代表编号"]}
            copy |= {"姓名": twin["姓名"]} if "姓名" in row else {}
            copy |= {numbers[name]: row[numbers[name]] + "T"} if name in numbers else {}
            county[name].append(copy)
    for row in county["suggestions"]:
        if model["代表编号"] in row["附议代表编号"].split("；"):
            row["附议代表编号"] += f"；{twin['代表编号']}"


def shuffled(county: County, seed: int) -> County:
    """The same rows in another order; the register of townships keeps its own."""
    rng = random.Random(seed)
    return {
        name: list(rows) if name == "townships" else rng.sample(rows, len(rows))
        for name, rows in county.items()
    }
