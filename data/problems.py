"""Everything that can be wrong with a file or the database, each with its place and its sentence.

A problem is a code and places; its sentence says what is wrong and what to do. The Chinese
sentence stands here because the command line needs it as much as the pages do; it is also the
message that ``pages/words`` translates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["error", "warning", "note"]

# Errors stop the file, warnings want a tick, notes only say what was passed over.
ERRORS = {
    # the file
    "empty_file": "文件是空的。请检查是否选错了文件。",
    "too_large": "文件大小为 {size} MB，超过上限 {limit} MB。请按季度或按镇街拆分后再上传。",
    "not_a_table": "这不是表格文件（看起来是{what}）。请在 Excel 或 WPS 中另存为 CSV 后上传。",
    "unreadable_text": "从第 {offset} 个字节起不是有效的 UTF-8 或 GB18030 文字。"
    "请在 Excel 或 WPS 中重新另存为“CSV UTF-8”。",
    "broken_quotes": "引号没有配对，从这一行起无法分清单元格。请检查这一行及其附近的双引号。",
    "cell_too_long": "有单元格超过 {limit} 个字，多半是引号没有配对。请检查这一行的双引号。",
    "too_many_columns": "共有 {count} 列，超过上限 {limit} 列。请检查是否选错了文件。",
    "control_character": "单元格里有不可见的控制字符。请删除后重新输入该单元格。",
    "no_header": "没有找到表头。第一行应为列名，可先下载模板对照。",
    "row_above_header": "表头之上有像数据的一行，不会读取。请把它移到表头之下，或删去这一行。",
    "missing_columns": "按“{format}”读取时缺少必填列：{columns}。请补上列名，或改选正确的表格种类。",
    "repeated_column": "列“{column}”出现了两次。请只保留一列。",
    "no_rows": "只有表头，没有数据行。请检查是否选错了文件。",
    "too_many_cells": "这一行的单元格比表头多。请检查是否有多余的分隔符，或把内容放进双引号。",
    "cut_row": "文件在这一行中断，最后一行不完整。请重新导出整个文件。",
    "unknown_format": "无法判断这是哪一种表。请在“表格种类”中选定，或补全列名。",
    "unknown_quarter": "无法判断属于哪个季度。请在“季度”中选定。",
    # a cell
    "required": "必填项为空。请补填。",
    "bad_date": "不是日期。请写成 2026-07-01 这样的形式。",
    "bad_number": "不是数字。请只填阿拉伯数字。",
    "bad_integer": "应为整数。请改为整数。",
    "out_of_range": "应在 {low} 到 {high} 之间。请核对。",
    "bad_choice": "不在允许的取值之内。可填：{choices}。",
    "ambiguous_level": "“市级”含义不明：是地市级还是县级？请写明“地市级”或“县级”。",
    "bad_boolean": "请填“是”或“否”。",
    "formula": "单元格内容像公式（以 = + - @ 开头）。请改为普通文字。",
    "markup": "单元格里有网页标签或程序代码。请改为普通文字。",
    "sql": "单元格里有数据库语句。请改为普通文字。",
    "lost_character": "有一个字在另存或转换时丢失了（显示为 ? 或方框）。请重新输入该单元格，并另存为“CSV UTF-8”。",
    "text_too_long": "文字超过 {limit} 个字。请缩短。",
    # a row
    "duplicate_key": "与第 {other} 行重复（{columns}相同）。请只保留一行。",
    "key_taken": "这个编号已属于另一条记录（{delegate}，{date}）。请换一个编号，以免顶替那条记录。",
    "outside_quarter": "日期不在 {quarter} 之内。请改正日期，或放到相应季度的文件中上传。",
    "wrong_order": "早于“{column}”（{other}）。请核对两个日期。",
    "unknown_delegate": "代表名册中没有这个代表编号。请核对编号，或先上传代表名册。",
    "unknown_cosigner": "代表名册中没有附议代表编号 {id}。请核对编号。",
    "unknown_township": "镇街表中没有“{value}”。请核对名称，或先上传镇街表。",
    "delegate_disagrees": "代表编号 {id} 在名册中是{expected}，与此处不符。请核对编号或姓名、镇街。",
    "no_delegate_named": "名册中没有当日在任的“{name}”。请填写代表编号。",
    "several_delegates_named": "名册中当日在任的“{name}”不止一位：{candidates}。请填写代表编号。",
    "points_missing": "类型为“{kind}”时必须填写“{column}”。请补填。",
}
WARNINGS = {
    "delegate_renamed": "代表编号 {id} 原是“{name}”，入库后其全部履职记录都归“{value}”。请确认是更名而不是重号。",
    "unknown_column": "不认识的列，将不读取这一列。如是写错列名，请改正后重新上传。",
    "duplicate_row": "与第 {other} 行完全相同。如确为两次活动请勾选确认，否则请删去一行。",
    "record_number_reused": "这位代表本季度已有记录号相同而内容不同的记录，将另计一条。请确认不是重复登记。",
    "outside_mandate": "日期不在代表任期（{start} 至 {end}）之内，这一条将不计分。请核对。",
    "key_differs": "这个编号已登记为 {delegate} {date} 的记录，入库后将以本行为准。请确认是更正而不是重号。",
    "answer_emptied": "此前已登记{column}“{before}”，这一行却为空，入库后将清除。请确认不是旧文件。",
    "votes_exceed": "满意、基本满意、不满意合计 {total} 票，多于到会选民 {voters} 人。请核对。",
    "outcome_missing": "有“{column}”却没有办理结果，将不计入办理成效。请补填。",
}
NOTES = {
    "title_row": "表头之前的行，已略过。",
    "total_row": "合计行，已略过。",
    "repeated_header": "重复的表头行，已略过。",
}
# The database as a whole: code → sentence.
DATABASE = {
    "missing": "没有找到数据库文件 {path}。请核对路径。",
    "lost": "数据库文件 {path} 不见了，只剩下它的日志 {path}.wal。"
    "请把数据库文件放回原处，或从备份中恢复；要新建数据库，请先移走日志。",
    "directory": "{path} 是一个文件夹，不是数据库文件。请核对路径，或移走该文件夹。",
    "held": "数据库 {path} 正被另一个程序打开{holder}。"
    "请先关闭那个程序（多半是已在运行的考评系统），再重试。",
    "not_a_database": "{path} 不是本系统的数据库文件，或已损坏。文件未作任何改动。"
    "请移走该文件，或从备份中恢复。",
    "no_tables": "数据库 {path} 里没有任何表，可能是复制时漏了日志文件。文件未作任何改动。"
    "请连同 {path}.wal 重新复制，或从备份中恢复；要新建数据库，请先移走该文件。",
    "foreign": "{path} 是另一个程序的数据库，不是本系统的。文件未作任何改动。请核对路径。",
    "newer": "{path} 由更新版本的程序写成。请更新本程序后再打开。",
    "denied": "没有读写 {path} 的权限。请检查文件和文件夹的权限。",
    "unopenable": "数据库 {path} 打不开：{reason}",
}
SENTENCES: Mapping[str, str] = {**ERRORS, **WARNINGS, **NOTES}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file, where it is and what to do about it.

    ``row`` is the row number as the spreadsheet shows it (1 = first row of the file), ``column``
    the canonical header, ``value`` the cell as read, ``details`` what the sentence names.
    """

    code: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        return level_of(self.code)

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format(**{"value": self.value, **self.details})


def level_of(code: str) -> Level:
    return "error" if code in ERRORS else "warning" if code in WARNINGS else "note"


class DatabaseUnavailable(Exception):
    """The database cannot be opened; ``code`` and ``details`` give the sentence of DATABASE."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(DATABASE[code].format(**details))
        self.code = code
        self.details = details
