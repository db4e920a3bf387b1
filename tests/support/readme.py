"""The parts of the README that follow from declarations; run this file to write them anew."""

# ruff: noqa: E402 - the rooms are imported from the path that is set first
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from data.uploads.formats import FORMATS, Column

README = ROOT / "README.md"
_PART = re.compile(r"(<!-- formats -->\n).*?(<!-- /formats -->)", re.DOTALL)


def formats() -> str:
    """One table for each upload format: column, whether required, what a cell may hold."""
    parts = []
    for fmt in FORMATS.values():
        key = "、".join(fmt.column(name).header for name in fmt.key)
        belongs = "登记表，按主键更新" if fmt.is_register else "每季度上传"
        lines = [f"**{fmt.title}** `{fmt.name}`（{belongs}{f'；主键：{key}' if key else ''}）", ""]
        lines += ["| 列名 | 英文列名 | 必填 | 可填内容 |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {c.header} | {c.name} | {'是' if c.required else ''} | {_content(c)} |"
            for c in fmt.columns
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _content(column: Column) -> str:
    if column.choices:
        text = "、".join(column.choices)
    elif column.low is not None:
        text = f"{column.low:,.10g} 到 {column.high:,.10g}"
    else:
        text = {
            "date": "日期",
            "boolean": "是、否",
            "identifiers": "代表编号，多个以；分隔",
            "integer": "整数",
            "number": "数",
        }.get(column.kind, "文字")
    return text + (f"（空 = {column.default}）" if column.default is not None else "")


def with_parts(text: str) -> str:
    """The README's text with its generated parts as they should be."""
    return _PART.sub(lambda m: f"{m[1]}\n{formats()}\n\n{m[2]}", text)


if __name__ == "__main__":
    README.write_text(with_parts(README.read_text("utf-8")), "utf-8")
