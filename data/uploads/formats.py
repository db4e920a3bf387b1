"""The upload formats, each declared once (formats.md).

Templates, header matching, checks, problem sentences, database tables and the README's table of
formats all follow from these declarations; to add a format is to add one ``Format`` here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["label", "prose", "identifiers", "integer", "number", "date", "choice", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column: ``name`` in the database, ``header`` in the spreadsheet.

    A *label* (name, identifier, place) is stored folded, because it is compared; *prose* is
    stored as written. ``choices`` maps what a cell may hold to what is stored.
    """

    name: str
    header: str
    kind: Kind = "label"
    required: bool = False
    choices: Mapping[str, str] | None = None
    low: float | None = None
    high: float | None = None
    default: str | int | None = None
    not_before: str | None = None  # the name of a date column that this date may not precede

    @property
    def sql_type(self) -> str:
        return {
            "integer": "bigint",
            "number": "double",
            "date": "date",
            "boolean": "boolean",
            "identifiers": "varchar[]",
        }.get(self.kind, "varchar")


@dataclass(frozen=True)
class Format:
    """One kind of file. ``key`` makes a row the same row; a format without one only adds rows.

    ``date`` names the column that must lie in the upload's quarter (None: a register).
    ``lives_on``: later uploads of any quarter may carry a known key again and update its row.
    ``kept_by_the_county``: no township may send it, as it would judge itself with it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    date: str | None = None
    lives_on: bool = False
    kept_by_the_county: bool = False

    @property
    def template(self) -> bytes:
        """An empty file of this format, as a clerk fills it in: CSV, UTF-8 with byte-order mark."""
        return (",".join(c.header for c in self.columns) + "\r\n").encode("utf-8-sig")

    @property
    def is_register(self) -> bool:
        return self.date is None

    @property
    def whose(self) -> str:
        """The column that says whose a row of a quarterly format is: a delegate's or a township's."""
        return "delegate_id" if self.has("delegate_id") else "township"

    @property
    def is_of_townships(self) -> bool:
        """Whether a township may send it, for its own delegates."""
        return not (self.is_register or self.kept_by_the_county)

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def has(self, name: str) -> bool:
        return any(c.name == name for c in self.columns)

    @property
    def names_the_delegate(self) -> bool:
        """Whether 姓名 may stand in for an absent 代表编号."""
        return self.has("delegate_id") and self.has("name") and not self.is_register


def _same(*values: str) -> dict[str, str]:
    return {value: value for value in values}


LEVELS = {
    "全国级": "national",
    "省级": "provincial",
    "地市级": "prefecture",
    "县级": "county",
    "乡镇级": "township",
}
ACTIVITY_KINDS = (
    "入户走访",
    "接待选民",
    "政策宣讲",
    "主题活动",
    "小组活动",
    "志愿服务",
    "履职笔记",
)
EVENT_KINDS = ("会议", "视察", "执法检查", "专题调研", "学习培训")
RETURNED = "已退回"
# From the top of the network down; each belongs to one of a kind before its own.
STATION_KINDS = ("服务中心", "代表之家", "联络站", "联系点")
CHANNELS = ("集中视察", "执法检查", "专题调研", "代表暗访", "代表行动", "自动抓拍")
GUIDANCE_ITEMS = ("点位", "标牌", "制度", "信息公开", "运行管理")

_DELEGATE = Column("delegate_id", "代表编号", required=True)
_NAME = Column("name", "姓名")
_TOWNSHIP = Column("township", "镇街")
_DATE = Column("date", "日期", "date", required=True)

FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format(
            "townships",
            "镇街",
            (
                Column("township", "镇街", required=True),
                Column("kind", "类型", "choice", True, _same("镇", "街道", "管理区")),
                Column("households", "户数", "integer", low=0, high=1_000_000),
                Column("voters", "选民数", "integer", low=0, high=10_000_000),
                Column("leader", "包联领导"),
            ),
            key=("township",),
        ),
        Format(
            "stations",
            "阵地",
            (
                Column("station_id", "编号", required=True),
                Column("name", "名称", required=True),
                Column("kind", "类型", "choice", True, _same(*STATION_KINDS)),
                _TOWNSHIP,
                Column("parent_id", "上级编号"),
                Column("has_venue", "有场地", "boolean"),
                Column("has_equipment", "有设备", "boolean"),
                Column("has_delegates", "有代表", "boolean"),
                Column("has_rules", "有制度", "boolean"),
                Column("has_records", "有记录", "boolean"),
                Column("funding_10k", "经费万元", "number", low=0, high=100_000),
                Column("upgrade_round", "提升轮次", "integer", low=1, high=99),
            ),
            key=("station_id",),
        ),
        Format(
            "delegates",
            "代表名册",
            (
                _DELEGATE,
                Column("person_id", "人员编号"),
                Column("name", "姓名", required=True),
                Column("gender", "性别", "choice", choices=_same("男", "女")),
                Column("level", "层级", "choice", True, LEVELS),
                _TOWNSHIP,
                Column("district", "选区"),
                Column("group_name", "代表小组"),
                Column("station_id", "联络站编号"),
                Column(
                    "role", "身份", "choice", choices=_same("基层", "领导干部", "常委会组成人员")
                ),
                Column("expertise", "专业特长"),
                Column("start_date", "任职起", "date", required=True),
                Column("end_date", "任职止", "date", not_before="start_date"),
                Column("assigned_households", "包联户数", "integer", low=0, high=9999),
            ),
            key=("delegate_id",),
        ),
        Format(
            "assignments",
            "包联",
            (
                Column("leader", "领导", required=True),
                Column("unit_kind", "对象类型", "choice", True, _same("镇街", "代表小组")),
                Column("unit", "对象", required=True),
            ),
            key=("leader", "unit_kind", "unit"),
        ),
        Format(
            "plan",
            "年度计划",
            (
                Column("year", "年度", "integer", True, low=2000, high=2199),
                Column("task", "任务", required=True),
                Column("indicator", "指标"),
                Column("target", "目标", "number", True, low=0, high=10_000_000),
                Column("due", "截止日期", "date"),
                Column("lead", "牵头"),
            ),
            key=("year", "task"),
        ),
        Format(
            "supervised",
            "监督对象",
            (
                Column("kind", "类别", required=True),
                Column("object_id", "编号", required=True),
                Column("name", "名称", required=True),
                _TOWNSHIP,
                Column("method", "监管方式"),
                Column("status", "状态"),
            ),
            key=("object_id",),
        ),
        Format(
            "activities",
            "履职活动",
            (
                Column("record_id", "记录号"),
                _DELEGATE,
                _NAME,
                _TOWNSHIP,
                Column("kind", "类型", "choice", True, _same(*ACTIVITY_KINDS)),
                _DATE,
                Column("quantity", "数量", "integer", low=1, high=999, default=1),
                Column("place", "地点", "prose"),
                Column("station_id", "阵地编号"),
                Column("content", "内容", "prose"),
                Column("campaign", "主题"),
                Column("evidence", "佐证号"),
                Column(
                    "status",
                    "核实状态",
                    "choice",
                    choices=_same("待核实", "已核实", RETURNED),
                    default="待核实",
                ),
            ),
            date="date",
        ),
        Format(
            "attendance",
            "活动考勤",
            (
                Column("event_id", "活动号", required=True),
                Column("event_kind", "活动类型", "choice", True, _same(*EVENT_KINDS)),
                Column("title", "活动名称", "prose"),
                _DATE,
                _DELEGATE,
                _NAME,
                _TOWNSHIP,
                Column("result", "结果", "choice", True, _same("出席", "请假", "缺席")),
                Column("half_days", "半天数", "number", low=0.5, high=20, default=1),
            ),
            key=("event_id", "delegate_id"),
            date="date",
        ),
        Format(
            "opinions",
            "群众意见",
            (
                Column("opinion_id", "编号", required=True),
                _DELEGATE,
                _NAME,
                Column("date", "收集日期", "date", required=True),
                Column("content", "诉求", "prose", required=True),
                Column("category", "类别"),
                Column(
                    "source",
                    "来源",
                    "choice",
                    choices=_same("入户走访", "接待选民", "代表行动", "其他"),
                ),
                Column("tier", "办理层级", "choice", choices=_same("村", "镇", "市")),
                Column("routed", "转办日期", "date", not_before="date"),
                Column("closed", "办结日期", "date", not_before="date"),
                Column(
                    "outcome",
                    "结果",
                    "choice",
                    choices=_same("已解决", "正在办理", "列入计划", "解释说明"),
                ),
                Column("campaign", "主题"),
            ),
            key=("opinion_id",),
            date="date",
            lives_on=True,
        ),
        Format(
            "suggestions",
            "代表建议",
            (
                Column("suggestion_id", "建议号", required=True),
                Column("title", "标题", "prose", required=True),
                Column("delegate_id", "领衔代表编号", required=True),
                Column("cosigner_ids", "附议代表编号", "identifiers"),
                Column("category", "类别"),
                Column("date", "提出日期", "date", required=True),
                Column("assigned", "交办日期", "date", not_before="date"),
                Column("limit_months", "办理期限月", "integer", choices=_same("3", "6"), default=3),
                Column("agency", "承办单位"),
                Column("replied", "答复日期", "date", not_before="assigned"),
                Column(
                    "outcome",
                    "办理结果",
                    "choice",
                    choices=_same("已解决", "列入计划", "解释说明"),
                ),
                Column(
                    "satisfaction",
                    "满意度",
                    "choice",
                    choices=_same("满意", "基本满意", "不满意"),
                ),
                Column("priority", "重点督办", "boolean"),
            ),
            key=("suggestion_id",),
            date="date",
            lives_on=True,
        ),
        Format(
            "duty_reports",
            "述职",
            (
                _DELEGATE,
                _NAME,
                _DATE,
                Column("voters", "到会选民", "integer", low=0, high=100_000),
                Column("approve", "满意", "integer", low=0, high=100_000),
                Column("partly", "基本满意", "integer", low=0, high=100_000),
                Column("disapprove", "不满意", "integer", low=0, high=100_000),
            ),
            key=("delegate_id", "date"),
            date="date",
        ),
        Format(
            "adjustments",
            "加减分",
            (
                _DELEGATE,
                _DATE,
                Column(
                    "kind", "类型", "choice", True, _same("加分", "扣分", "等次上限", "不定等次")
                ),
                Column("points", "分值", "number", low=0, high=100),
                Column(
                    "grade", "等次", "choice", choices=_same("优秀", "称职", "基本称职", "不称职")
                ),
                Column("basis", "依据", "prose", required=True),
                Column("approved_by", "批准人", required=True),
            ),
            date="date",
            kept_by_the_county=True,
        ),
        Format(
            "issues",
            "问题整改",
            (
                Column("issue_id", "编号", required=True),
                Column("campaign", "主题", required=True),
                Column("channel", "发现渠道", "choice", True, _same(*CHANNELS)),
                _TOWNSHIP,
                Column("taskforce", "专班"),
                Column("date", "发现日期", "date", required=True),
                Column("due", "法定期限", "date", not_before="date"),
                Column("fixed", "整改日期", "date", not_before="date"),
                Column("content", "内容", "prose"),
            ),
            key=("issue_id",),
            date="date",
            lives_on=True,
            kept_by_the_county=True,
        ),
        # A later file fills in when a finding was mended: formats.md gives these rows no key, but
        # without one the same finding would then stand twice.
        Format(
            "guidance",
            "检查指导",
            (
                _DATE,
                Column("leader", "领导", required=True),
                Column("township", "镇街", required=True),
                Column("station_id", "阵地编号"),
                Column("item", "检查项", "choice", True, _same(*GUIDANCE_ITEMS)),
                Column("finding", "发现问题", "prose"),
                Column("fixed", "整改日期", "date", not_before="date"),
            ),
            key=("date", "leader", "township", "station_id", "item", "finding"),
            date="date",
            lives_on=True,
            kept_by_the_county=True,
        ),
    )
}
