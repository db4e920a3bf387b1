"""The data dictionary: what every column of the published tables means, declared once.

The ranking workbook's sheet of definitions and the descriptor of a data package are made of it.
Titles, units, meanings and sources are Chinese messages. Sources are sections of the assessment,
columns of the upload formats and articles of 代表法.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

# count: whole numbers; amount: any number; score and points: of 100; share: a ratio, 1 is all.
Kind = Literal["text", "count", "amount", "score", "points", "share", "boolean"]


@dataclass(frozen=True)
class Meaning:
    """One column. ``unit`` is empty where there is none.

    ``of`` is what a generated column is about, an indicator or a dimension, and ``part`` how much
    of one the scheme counts for less than that; ``named`` is what stands for both in title and
    meaning. ``low`` and ``high`` bound the values, ``choices`` are all that there can be, a
    ``required`` column is never empty.
    """

    title: str
    kind: Kind
    unit: str
    meaning: str
    source: str
    of: str = ""
    part: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False

    @property
    def named(self) -> dict[str, str]:
        """What stands for the names in braces."""
        return {"of": self.of, "part": self.part}


def _text(title: str, meaning: str, source: str, *choices: str, required: bool = False) -> Meaning:
    return Meaning(title, "text", "", meaning, source, choices=choices, required=required)


def _count(title: str, unit: str, meaning: str, source: str, *, required: bool = False) -> Meaning:
    return Meaning(title, "count", unit, meaning, source, low=0, required=required)


def _each(title: str, unit: str, meaning: str, source: str) -> Meaning:
    return Meaning(title, "amount", unit, meaning, source, low=0)


def _share(title: str, meaning: str, source: str, *, required: bool = False) -> Meaning:
    return Meaning(title, "share", "", meaning, source, low=0, high=1, required=required)


def _rank(title: str, meaning: str, source: str) -> Meaning:
    return Meaning(title, "count", "", meaning, source, low=1)


def _score(title: str, meaning: str, source: str) -> Meaning:
    return Meaning(title, "score", "分", meaning, source)


def _yes(title: str, meaning: str, source: str) -> Meaning:
    return Meaning(title, "boolean", "", meaning, source, required=True)


_LEVELS = ("county", "township", "prefecture", "provincial", "national")

# By a column's name; where a table means another thing by it, by table and name.
COLUMNS: dict[str, Meaning] = {
    # Delegates
    "delegate_id": _text(
        "代表编号",
        "一次任职的编号；一人有两级代表职务的，各有一个编号。",
        "代表名册：代表编号",
        required=True,
    ),
    "name": _text("姓名", "代表的姓名。", "代表名册：姓名", required=True),
    "level": _text(
        "层级", "代表所在的人民代表大会的层级。", "代表名册：层级", *_LEVELS, required=True
    ),
    "township": _text("镇街", "代表所属的镇街；不属于镇街的为空。", "代表名册：镇街"),
    "role": _text("身份", "代表的身份。", "代表名册：身份", "基层", "领导干部", "常委会组成人员"),
    "eligible": _share(
        "在任比例",
        "考核期内在任的天数 ÷ 考核期的天数。",
        "代表名册：任职起、任职止",
        required=True,
    ),
    # Score, grade and rank of a delegate
    "score": _score(
        "得分",
        "基础分加加分减扣分，限在考核方案的最低分和最高分之间；报送太少的没有得分。",
        "考核方案：得分",
    ),
    "score_change": _score(
        "得分变化", "本期得分减上期得分；有一期没有得分的为空。", "考核方案：得分"
    ),
    "base": replace(
        _score(
            "基础分",
            "计入的各指标“权重 × 完成率”合计 ÷ 权重合计，满分 100 分。",
            "考核方案：得分",
        ),
        low=0,
        high=100,
    ),
    "bonus": replace(
        _score("加分", "本期批准的加分合计，以考核方案的上限为限。", "加减分：类型、分值"),
        low=0,
        required=True,
    ),
    "deduction": replace(
        _score(
            "扣分",
            "本期批准的扣分，加上会议和其他活动无故缺席的扣分。",
            "加减分：类型、分值；活动考勤：结果、半天数",
        ),
        low=0,
        required=True,
    ),
    "grade": _text(
        "等次",
        "按得分所在分数段评定；季度和年内累计的为预评，年度才评定。",
        "考核方案：等次和名次",
    ),
    "coverage": _share(
        "数据覆盖",
        "有完成率的指标的权重 ÷ 这些指标与未报送指标的权重合计；过低的没有得分。",
        "考核方案：得分",
    ),
    "graded": _yes(
        "评定等次",
        "本级代表是否评定等次和排名；上级代表的得分仅供参考。",
        "考核方案：等次和名次",
    ),
    "ranked": _yes(
        "参加排名",
        "是否参加本级排名；上级代表和在任比例过低的代表不参加。",
        "考核方案：等次和名次",
    ),
    "rank": _rank("名次", "在同一层级代表中的名次，同分同名次。", "考核方案：等次和名次"),
    "rank_before": _rank(
        "上期名次",
        "上期的名次；季度的上期是上一季度，年内累计和年度的上期是上年同期。",
        "考核方案：等次和名次",
    ),
    "rank_change": Meaning(
        "名次变化",
        "count",
        "名",
        "上期名次减本期名次：正数为上升，负数为下降；有一期没有名次的为空。",
        "考核方案：等次和名次",
    ),
    "peers": _count(
        "排名人数",
        "人",
        "同一层级中有名次的代表人数。",
        "考核方案：等次和名次",
        required=True,
    ),
    # A delegate's indicator
    "indicator": _text("指标代码", "考核方案中指标的代码。", "考核方案：指标", required=True),
    "weight": Meaning(
        "权重",
        "points",
        "分",
        "该指标对这一层级代表的满分，各指标合计 100 分。",
        "考核方案：指标",
        low=0,
        high=100,
        required=True,
    ),
    "value": Meaning(
        "数量",
        "amount",
        "",
        "考核期内、任职期间计入该指标的数量，单位见指标表。",
        "考核方案：数量",
        low=0,
        required=True,
    ),
    "target": Meaning(
        "目标",
        "amount",
        "",
        "得满分所需的数量，按任职天数和已报送的季度折算，单位见指标表。",
        "考核方案：目标和完成率",
        low=0,
    ),
    "rate": _share(
        "完成率",
        "该指标完成的比例，最高为 1；没有完成率的见原因。",
        "考核方案：目标和完成率",
    ),
    "reason": _text(
        "原因",
        "没有完成率的原因：未安排、未到期或未报送，都不扣分。",
        "考核方案：目标和完成率",
        "not_offered",
        "not_due",
        "not_reported",
    ),
    "points": Meaning("分值", "points", "分", "权重 × 完成率。", "考核方案：得分", low=0, high=100),
    "in_base": _yes(
        "计入基础分",
        "是否计入基础分；全年才到期的指标，不足一年时只在能提高基础分时计入。",
        "考核方案：得分",
    ),
    # Indicators of the scheme
    "position": _count(
        "顺序", "", "在考核方案中的顺序，从 0 起。", "考核方案：指标", required=True
    ),
    "indicators.name": _text("指标", "指标的名称。", "考核方案：指标", required=True),
    "dimension": _text("维度代码", "指标所属维度的代码。", "考核方案：指标", required=True),
    "dimension_name": _text("维度", "指标所属的维度。", "考核方案：指标", required=True),
    "diligence": _text("四勤", "指标所属的四勤。", "考核方案：指标", required=True),
    "rule": _text(
        "计算方式",
        "完成率的算法：数量与目标相比、出席次数与应到次数相比，或实得与应得相比。",
        "考核方案：目标和完成率",
        "counted",
        "organised",
        "share",
        required=True,
    ),
    "due": _text(
        "到期", "每季度到期，还是全年才到期。", "考核方案：指标", "quarter", "year", required=True
    ),
    "indicators.target": Meaning(
        "年度目标",
        "amount",
        "",
        "全年在任、全部报送的代表得满分所需的数量；按比例计算的指标没有目标。",
        "考核方案：指标",
        low=0,
    ),
    "unit": _text("单位", "数量和目标的单位。", "考核方案：指标", required=True),
    "counts": _text(
        "计入",
        "计入该指标的记录：活动次数、走访户数、意见、建议、建议的答复、述职、会议或其他活动的考勤。",
        "考核方案：数量",
        *("activity", "quantity", "opinion", "suggestion", "reply", "duty_report"),
        *("session", "event"),
        required=True,
    ),
    "reported_in": _text(
        "报送表格",
        "镇街报送后才考核该指标的表格；不看报送的为空。",
        "考核方案：报送",
        *("activities", "opinions"),
    ),
    "approval": _yes("满意度折算", "完成率是否按满意度测评折算。", "考核方案：目标和完成率"),
    "part": _share(
        "部分计入", "附议一件建议、会议请假半天，各按多少计；其他指标为空。", "考核方案：数量"
    ),
    **{
        f"weight_{level}": Meaning(
            title, "points", "分", meaning, "考核方案：指标", low=0, high=100, required=True
        )
        for level, title, meaning in (
            ("county", "县级权重", "该指标对县级代表的满分。"),
            ("township", "乡镇级权重", "该指标对乡镇级代表的满分。"),
            ("reference", "上级权重", "该指标对地市级以上代表的满分，得分仅供参考。"),
        )
    },
    # Townships
    "townships.township": _text("镇街", "镇街的名称。", "镇街：镇街", required=True),
    "kind": _text("类型", "镇街的类型。", "镇街：类型", "镇", "街道", "管理区"),
    "leader": _text("包联领导", "包联该镇街的领导。", "镇街：包联领导"),
    "delegates": _count(
        "代表数",
        "人",
        "考核期内在任过的县级和乡镇级代表人数。",
        "考核方案：镇街",
        required=True,
    ),
    "scored": _count("有得分", "人", "其中有得分的代表人数。", "考核方案：镇街", required=True),
    "mean_score": _score("平均得分", "有得分的代表的平均得分。", "考核方案：镇街"),
    "mean_change": _score(
        "平均得分变化",
        "本期平均得分减上期平均得分；有一期没有得分的为空。",
        "考核方案：镇街",
    ),
    "townships.rank": _rank(
        "名次",
        "按平均得分排列的名次；有得分的代表过少的镇街不排名。",
        "考核方案：镇街",
    ),
    "active_share": _share(
        "活跃占比",
        "考核期内至少有一条履职记录的代表人数 ÷ 代表数。",
        "考核方案：镇街",
        required=True,
    ),
    "households_visited": _count(
        "走访户次", "户次", "入户走访的户次合计；未报送的为空。", "履职活动：类型、数量"
    ),
    "households_assigned": _count(
        "包联户数", "户", "代表包联的户数合计。", "代表名册：包联户数", required=True
    ),
    "households_share": replace(
        _share(
            "走访覆盖",
            "走访户次 ÷ 包联户数，一户走访多次的可以超过 1；未报送的为空。",
            "考核方案：镇街",
        ),
        high=None,
    ),
    "opinions": _count(
        "意见条数", "条", "收集的群众意见条数；未报送的为空。", "群众意见：收集日期"
    ),
    "opinions_closed": _count(
        "办结条数", "条", "其中已办结的条数；未报送的为空。", "群众意见：办结日期"
    ),
    "closed_share": _share("意见办结", "办结条数 ÷ 意见条数。", "考核方案：镇街"),
    "replies_due": _count(
        "到期建议",
        "件",
        "答复期限在考核期内、已到期或已答复的领衔建议件数；期限为交办后 3 个月，涉及面广、处理难度大的 6 个月。",
        "代表法第五十一条；代表建议：交办日期、办理期限月",
        required=True,
    ),
    "replies_in_time": _count(
        "按期件数",
        "件",
        "其中在期限内答复的件数。",
        "代表法第五十一条；代表建议：答复日期",
        required=True,
    ),
    "in_time_share": _share("按期答复", "按期件数 ÷ 到期建议。", "代表法第五十一条"),
    "receptions": _count("接待次数", "次", "接待选民的次数；未报送的为空。", "履职活动：类型"),
    "publicity": _count("宣讲次数", "次", "政策宣讲的次数；未报送的为空。", "履职活动：类型"),
    "theme_actions": _count(
        "主题活动次数", "次", "参加主题活动的次数；未报送的为空。", "履职活动：类型"
    ),
    "households_each": _each(
        "人均走访", "户次", "走访户次 ÷ 代表数；未报送的为空。", "考核方案：镇街"
    ),
    "receptions_each": _each(
        "人均接待", "次", "接待次数 ÷ 代表数；未报送的为空。", "考核方案：镇街"
    ),
    "opinions_each": _each("人均意见", "条", "意见条数 ÷ 代表数；未报送的为空。", "考核方案：镇街"),
    "publicity_each": _each(
        "人均宣讲", "次", "宣讲次数 ÷ 代表数；未报送的为空。", "考核方案：镇街"
    ),
    "theme_actions_each": _each(
        "人均主题", "次", "主题活动次数 ÷ 代表数；未报送的为空。", "考核方案：镇街"
    ),
    "not_reported": _text(
        "未报送",
        "考核期内没有报送的季度和表格；都已报送的为空。",
        "考核方案：报送",
    ),
    "mean_rate": _share("平均完成率", "该指标有完成率的代表的平均完成率。", "考核方案：镇街"),
    "rated": _count(
        "有完成率", "人", "该指标有完成率的代表人数。", "考核方案：镇街", required=True
    ),
    "excellent": _count(
        "优秀人数", "人", "等次为优秀的代表人数。", "考核方案：等次和名次", required=True
    ),
    "excellent_share": _share("优秀占比", "优秀人数 ÷ 有得分的人数。", "考核方案：镇街"),
    "county_mean": _score("全县平均", "全县有得分的县级和乡镇级代表的平均得分。", "考核方案：镇街"),
    "funnel_low": _score(
        "波动下限",
        "同样人数的镇街，平均得分仅因偶然会落入的范围（95%）的下限。",
        "考核方案：镇街",
    ),
    "funnel_high": _score(
        "波动上限",
        "同样人数的镇街，平均得分仅因偶然会落入的范围（95%）的上限。",
        "考核方案：镇街",
    ),
}

# A column per indicator, named by what it holds and the indicator's code; `p_` are its points.
BY_INDICATOR: dict[str, Meaning] = {
    "x_": Meaning(
        "{of}：数量",
        "amount",
        "",  # the indicator's own
        "考核期内、任职期间计入“{of}”的数量。",
        "考核方案：数量",
        low=0,
        required=True,
    ),
    "r_": _share("{of}：完成率", "", "考核方案：目标和完成率"),
    "p_": Meaning(
        "{of}",
        "points",
        "分",
        "“{of}”的权重 × 完成率；没有完成率的为空。",
        "考核方案：得分",
        low=0,
        high=100,
    ),
}
# How the rate of an indicator is formed, by the way that ``_way`` finds.
RATES: dict[str, str] = {
    "counted": "“{of}”的数量 ÷ 目标，最高为 1；目标按已报送的季度和任职天数折算，没有报送的为空。",
    "yearly": "“{of}”的数量 ÷ 目标，最高为 1；目标按任职天数折算；全年才到期，未到期又没有记录的为空。",
    "reported": "“{of}”的数量 ÷ 目标，最高为 1；目标按任职天数折算；全年才到期，未到期又没有记录的、没有报送的为空。",
    "approved": "“{of}”的数量 ÷ 目标，最高为 1，有满意度测评的再按满意度折算；目标按任职天数折算；全年才到期，未到期又没有记录的为空。",
    "suggestion": "“{of}”的数量 ÷ 目标，最高为 1，附议一件按 {part} 件计；目标按任职天数折算；全年才到期，未到期又没有记录的为空。",
    "organised": "“{of}”的出席次数 ÷ 目标，最高为 1；目标不超过应到次数，请假不算应到，没有安排的为空。",
    "session": "“{of}”：出席的半天数加请假的半天数 × {part}，÷ 应到的半天数；没有安排的为空。",
    "reply": "“{of}”：考核期内答复的领衔建议，按办理结果和满意度所定成效（0 到 1）的平均值；没有答复的为空。",
    "share": "“{of}”实得的 ÷ 应得的；没有安排的为空。",
}
# A column per dimension of the scheme, named by its code: the rate over its indicators.
BY_DIMENSION = _share(
    "{of}",
    "“{of}”各项计入基础分的指标“权重 × 完成率”合计 ÷ 权重合计。",
    "考核方案：目标和完成率",
)


def of_indicators(prefix: str, indicators: pd.DataFrame) -> dict[str, Meaning]:
    """The columns ``prefix`` + code, in order, of the rows of ``county.indicators``."""
    meaning = BY_INDICATOR[prefix]
    columns = {}
    row: Any
    for row in indicators.itertuples():
        part = "" if pd.isna(row.part) else f"{row.part:g}"
        column = replace(meaning, of=str(row.name), part=part)
        if prefix == "x_":
            column = replace(column, unit=str(row.unit))
        if prefix == "r_":
            column = replace(column, meaning=RATES[_way(row)])
        columns[f"{prefix}{row.indicator}"] = column
    return columns


def _way(row: Any) -> str:
    """How the rate is formed of an indicator, a row of ``county.indicators``."""
    if row.rule == "counted" and row.due == "year":
        if row.approval:
            return "approved"
        if row.counts == "suggestion":
            return "suggestion"
        return "yearly" if pd.isna(row.reported_in) else "reported"
    if row.rule == "share" and row.counts in ("session", "reply"):
        return str(row.counts)
    return str(row.rule)


def of_dimensions(indicators: pd.DataFrame) -> dict[str, Meaning]:
    """The columns of the dimensions, in order, of the rows of ``county.indicators``."""
    pairs = indicators[["dimension", "dimension_name"]].drop_duplicates()
    return {
        str(code): replace(BY_DIMENSION, of=str(name))
        for code, name in pairs.itertuples(index=False)
    }


def meanings(
    table: str, columns: Sequence[str], indicators: pd.DataFrame, bands: pd.DataFrame
) -> dict[str, Meaning]:
    """What the columns of a published table mean; raises KeyError for one that is not declared.

    ``indicators`` and ``bands`` are the rows of ``county.indicators`` and ``county.bands``.
    """
    grades = (*map(str, bands["grade"]), "不定等次")
    generated = {
        "grade": replace(COLUMNS["grade"], choices=grades),
        **(of_dimensions(indicators) if table == "ranking" else {}),
        **of_indicators("x_", indicators),
        **of_indicators("r_", indicators),
    }
    declared = {**COLUMNS, **generated}
    return {name: declared.get(f"{table}.{name}") or declared[name] for name in columns}
