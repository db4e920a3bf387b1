"""Everything that can be wrong with a file or the database, each with its place and its sentence.

A problem is a code and places; its sentence says what is wrong and what to do. The Chinese
sentence stands here because the command line needs it as much as the pages do; it is also the
message that ``pages/words`` translates.
"""

import errno
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Level = Literal["error", "warning", "note"]

# Errors stop the file, warnings want a tick, notes only say what was passed over.
ERRORS = {
    # the file
    "empty_file": "文件是空的。请检查是否选错了文件。",
    "too_large": "文件大小为 {size} MB，超过上限 {limit} MB。请按季度或按镇街拆分后再上传。",
    "not_a_table": "这不是可以读取的表格（看起来是{what}）。请用 Excel 或 WPS 打开后另存为 XLSX 或 CSV，再上传。",
    "locked_workbook": "工作簿设有打开密码。请在 Excel 或 WPS 中取消密码后重新保存，再上传。",
    "damaged_workbook": "工作簿已损坏或不完整。请用 Excel 或 WPS 打开检查，另存为新的 XLSX 后再上传。",
    "inflated_workbook": "工作簿展开后过大（超过 {limit} MB）。请检查是否选错了文件，或另存为 CSV 后上传。",
    "unreadable_text": "从第 {offset} 个字节起不是有效的 UTF-8 或 GB18030 文字。"
    "请在 Excel 或 WPS 中另存为 XLSX 或“CSV UTF-8”，再上传。",
    "other_encoding": "文字编码看起来是 {encoding}，不能可靠读取。"
    "请在 Excel 或 WPS 中另存为 XLSX 或“CSV UTF-8”，再上传。",
    "broken_quotes": "引号没有配对，从这一行起无法分清单元格。请检查这一行及其附近的双引号。",
    "cell_too_long": "有单元格超过 {limit} 个字，多半是引号没有配对。请检查这一行的双引号。",
    "too_many_columns": "共有 {count} 列，超过上限 {limit} 列。请检查是否选错了文件。",
    "too_many_rows": "共有 {count} 行，超过上限 {limit} 行。请按季度或按镇街拆分后再上传。",
    "control_character": "单元格里有不可见的控制字符。请删除后重新输入该单元格。",
    "no_header": "没有找到表头。第一行应为列名，可先下载模板对照。",
    "row_above_header": "表头之上有像数据的一行，不会读取。请把它移到表头之下，或删去这一行。",
    "missing_columns": "按“{format}”读取时缺少必填列：{columns}。请补上列名，或改选正确的表格种类。",
    "repeated_column": "列“{column}”出现了两次。请只保留一列。",
    "no_rows": "只有表头，没有数据行。请检查是否选错了文件。",
    "too_many_cells": "这一行的单元格比表头多。请检查是否有多余的分隔符，或把内容放进双引号。",
    "cut_row": "文件在这一行中断，最后一行不完整。请重新导出整个文件。",
    "unknown_format": "无法判断这是哪一种表。请在“表格种类”中选定，或补全列名。",
    "replaced_in_batch": "同一批中的“{other}”也是{quarter}的同一种表，都有{townships}的记录，而其中一个要替换。"
    "请分两次入库，或合并成一个文件。",
    "of_the_county": "{format}由县级统一上传，镇街不能上传。",
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
    "lost_character": "有一个字在另存或转换时丢失了（显示为 ? 或方框）。请重新输入该单元格，并另存为 XLSX 或“CSV UTF-8”。",
    "digits_lost": "长数字被当作数值保存，末尾的数字已经丢失。请把这一列设为“文本”，重新输入完整的号码。",
    "cell_error": "单元格的公式出错，显示为 {value}。请改正公式，或直接填写内容。",
    "formula_without_value": "单元格里的公式没有计算结果。请用 Excel 或 WPS 打开，重新计算并保存后再上传。",
    "merged_cells": "{range} 是合并单元格，只有左上角一格有内容。请取消合并，在每一行都填写。",
    "text_too_long": "文字超过 {limit} 个字。请缩短。",
    # a row
    "duplicate_key": "与第 {other} 行重复（{columns}相同）。请只保留一行。",
    "key_taken": "这个编号已属于另一条记录（{whose}，{date}）。请换一个编号，以免顶替那条记录。",
    "outside_quarter": "日期不在 {quarter} 之内。请改正日期，或放到相应季度的文件中上传。",
    "wrong_order": "早于“{column}”（{other}）。请核对两个日期。",
    "unknown_delegate": "代表名册中没有这个代表编号。请核对编号，或先上传代表名册。",
    "unknown_cosigner": "代表名册中没有附议代表编号 {id}。请核对编号。",
    "unknown_township": "镇街表中没有“{value}”。请核对名称，或先上传镇街表。",
    "unknown_parent": "阵地表中没有这个上级编号。请核对编号，或把上级也填进本表。",
    "wrong_parent": "{above}不能是{kind}的上级。顺序为服务中心、代表之家、联络站、联系点，请核对类型和上级编号。",
    "unknown_group": "代表名册中没有代表小组“{value}”。请核对名称，或先上传代表名册。",
    "unknown_indicator": "考评方案中没有指标“{value}”。可填：{indicators}；没有对应指标的任务请留空。",
    "no_finding": "没有发现问题的请留空；写“{value}”会当作一个问题。",
    "finding_missing": "有整改日期却没有发现问题。请补填发现的问题，或删去整改日期。",
    "delegate_disagrees": "代表编号 {id} 在名册中是{expected}，与此处不符。请核对编号或姓名、镇街。",
    "no_delegate_named": "名册中没有当日在任的“{name}”。请填写代表编号。",
    "several_delegates_named": "名册中当日在任的“{name}”不止一位：{candidates}。请填写代表编号。",
    "delegate_elsewhere": "代表 {value} 属于{township}，不在您的镇街。请删去这一行，由该镇街或县级经办人上传。",
    "key_elsewhere": "这个编号已用于其他镇街的记录。请换一个编号，以免顶替那条记录。",
    "points_missing": "类型为“{kind}”时必须填写“{column}”。请补填。",
}
WARNINGS = {
    "delegate_renamed": "代表编号 {id} 原是“{name}”，入库后其全部履职记录都归“{value}”。请确认是更名而不是重号。",
    "finding_beside": "这次检查的同一检查项已登记过问题“{before}”，入库后另计一个。如果是同一个问题改了写法，请改用“替换”。",
    "percent_as_fraction": "这项指标按百分数计，目标“{value}”会当作 {value}%。如果是 {percent}%，请填 {percent}。",
    "unknown_station": "阵地表中没有编号“{value}”，这一条将不计入任何阵地。请核对编号，或先上传阵地表。",
    "unknown_column": "不认识的列，将不读取这一列。如是写错列名，请改正后重新上传。",
    "unread_sheet": "只读取工作表“{read}”；工作表“{value}”里也有内容，不会读取。如需上传，请另存为单独的文件。",
    "duplicate_row": "与第 {other} 行完全相同。如确为两次活动请勾选确认，否则请删去一行。",
    "record_number_reused": "这位代表本季度已有记录号相同而内容不同的记录，将另计一条。请确认不是重复登记。",
    "outside_mandate": "日期不在代表任期（{start} 至 {end}）之内，这一条将不计分。请核对。",
    "key_differs": "这个编号已登记为 {whose} {date} 的记录，入库后将以本行为准。请确认是更正而不是重号。",
    "answer_emptied": "此前已登记{column}“{before}”，这一行却为空，入库后将清除。请确认不是旧文件。",
    "votes_exceed": "满意、基本满意、不满意合计 {total} 票，多于到会选民 {voters} 人。请核对。",
    "outcome_missing": "有“{column}”却没有办理结果，将不计入办理成效。请补填。",
}
NOTES = {
    "title_row": "表头之前的行，已略过。",
    "total_row": "合计行，已略过。",
    "remark_row": "表格之后的说明行，已略过。",
    "repeated_header": "重复的表头行，已略过。",
    "more_problems": "问题太多，只列出 {listed} 个，另有 {count} 个没有列出。请先处理列出的问题。",
}
LISTED = 10_000  # problems of one file that are listed; more are only counted
# The database as a whole: code → sentence.
DATABASE = {
    "missing": "没有找到数据库文件 {path}。请核对路径，或从备份中恢复。",
    "lost": "数据库文件 {path} 不见了，它的日志 {left} 还在。请把数据库文件放回原处，或从备份中恢复；"
    "要新建数据库，请先把日志移到别处。",
    "directory": "{path} 是一个文件夹，不是数据库文件。请核对路径，或移走该文件夹。",
    "busy": "账号文件 {path} 正忙，这一步没有写入。请稍后再试。",
    "held": "数据库 {path} 正被另一个程序打开{holder}。"
    "请先关闭那个程序（多半是已在运行的考评系统），再重试。",
    "not_a_database": "{path} 不是本系统的数据库文件，或已损坏。文件未作任何改动。"
    "请移走该文件，或从备份中恢复。",
    "no_tables": "数据库 {path} 里没有任何表，可能是复制时漏了日志文件。文件未作任何改动。"
    "请连同 {path}.wal 重新复制，或从备份中恢复；要新建数据库，请先移走该文件。",
    "foreign": "{path} 是另一个程序的数据库，不是本系统的。文件未作任何改动。"
    "请核对路径，或从备份中恢复。",
    "newer": "{path} 由更新版本的程序写成。文件未作任何改动。请更新本程序后再打开。",
    "behind": "数据库 {path} 里少了已经入库的内容。有关上传的序号：{uploads}。"
    "可能是数据库的日志文件（.wal）丢失或不完整，或者放回了旧的数据库文件。文件未作任何改动。"
    "请放回正确的文件，或从备份中恢复。",
    "inconsistent": "数据库 {path} 里的数据与上传记录不一致。有关上传的序号：{uploads}。"
    "可能有其他程序改动过数据库。文件未作任何改动。请从备份中恢复。",
    "journal": "操作日志 {path} 已损坏，无法核对数据库是否完整。文件未作任何改动。"
    "请放回完好的操作日志，或从备份中恢复；确知数据库无误的，也可把操作日志移到别处后再试。",
    "denied": "没有读写 {path} 的权限。请检查文件和文件夹的权限。",
    "full": "磁盘空间不足，{path} 写不下。这一步没有存入任何内容。"
    "请清理磁盘，腾出空间后再试，不必重新启动。",
    "no_backup": "没能先做好备份（{path}：{reason}）。这一步没有存入任何内容。"
    "请检查备份文件夹后再试，不必重新启动。",
    "backup_missing": "没有找到备份 {path}。请在备份列表中另选一个。",
    "backup_damaged": "备份 {path} 已损坏或不完整，不能用来恢复。现有数据没有改动。请另选一个备份。",
    "unrecorded": "操作记录 {path} 写不进去或读不出来（{reason}）。"
    "请检查磁盘空间，以及这个文件和所在文件夹的权限，然后再试。",
    "accounts": "账号文件 {path} 已损坏，或不是本系统的，任何人都不能登录。文件未作任何改动。"
    "请放回完好的账号文件；没有的，把它移到别处，重新启动后重新设置账号。",
    "unopenable": "数据库 {path} 打不开：{reason}",
}
# Of these, the ones that putting back a backup mends.
MENDED_BY_A_BACKUP = frozenset(
    (
        *("missing", "lost", "not_a_database", "no_tables", "foreign"),
        *("behind", "inconsistent", "journal", "unopenable"),
    )
)
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


class Refused(Exception):
    """The file is no table of the format; ``problems`` say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(p.sentence for p in problems))
        self.problems = list(problems)


def more(count: int) -> Iterator[Problem]:
    """Says that of ``count`` faults of one sort only the first LISTED were looked at, if so."""
    if count > LISTED:
        details = {"listed": LISTED, "count": count - LISTED}
        yield Problem("more_problems", details=details)


def listed(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of one file, LISTED at the most and errors before others; the rest counted."""
    kept: dict[Level, list[Problem]] = {"error": [], "warning": [], "note": []}
    beyond = 0
    for problem in problems:
        if problem.code == "more_problems":
            beyond += problem.details["count"]
        elif len(kept[problem.level]) < LISTED:
            kept[problem.level].append(problem)
        else:
            beyond += 1
    every = [problem for of_level in kept.values() for problem in of_level]
    if beyond := beyond + max(0, len(every) - LISTED):
        details = {"listed": LISTED, "count": beyond}
        return [Problem("more_problems", details=details), *every[:LISTED]]
    return every


def level_of(code: str) -> Level:
    return "error" if code in ERRORS else "warning" if code in WARNINGS else "note"


class DatabaseUnavailable(Exception):
    """The database cannot be opened; ``code`` and ``details`` give the sentence of DATABASE."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(DATABASE[code].format(**details))
        self.code = code
        self.details = details


def unavailable(path: Path, error: Exception) -> DatabaseUnavailable:
    """What a refusal by DuckDB or the system means to the reader."""
    reason = str(error)
    if "Could not set lock" in reason or "being used by another process" in reason:
        holder = re.search(r"PID (\d+)", reason)
        return DatabaseUnavailable(
            "held", path=str(path), holder=f"（进程号 {holder[1]}）" if holder else ""
        )
    if is_full(error):
        return DatabaseUnavailable("full", path=str(path))
    if isinstance(error, PermissionError) or "ermission denied" in reason:
        return DatabaseUnavailable("denied", path=str(path))
    if "newer version" in reason or "storage version" in reason:
        return DatabaseUnavailable("newer", path=str(path))
    damage = ("Serialization Error", "not a valid DuckDB", "orrupt", "checksum", "enough bytes")
    if any(sign in reason for sign in damage):
        return DatabaseUnavailable("not_a_database", path=str(path))
    return DatabaseUnavailable("unopenable", path=str(path), reason=reason.splitlines()[0])


def is_full(error: Exception) -> bool:
    """Whether the disk, or what the office may use of it, is full."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    signs = ("No space left", "not enough space", "quota exceeded", "File too large")
    return any(sign in str(error) for sign in signs)
