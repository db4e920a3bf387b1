"""The export buttons: what the page shows, as a file that names its period and version.

No file leaves without its line in the record of deeds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from data import deeds
from data.access import Visitor
from data.store import is_sample, version
from pages.exports.table import Column, as_csv, as_xlsx, file_name
from pages.parts import access
from pages.words import _
from pages.words.terms import period_name


def buttons(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    title: str,
    period: str,
    scheme: pd.Series,
    shown: Sequence[tuple[str, str]] = (),
) -> None:
    """Offer the frame as CSV and XLSX to who may take it away; the files are built on the click.

    ``shown`` are the filters in force, as label and choice, for the workbook's second sheet.
    """
    here = access.visitor()
    if not here.may("export"):
        return
    exported = _("导出时间")
    about = [
        (_("表名"), title),
        (_("考核期"), period_name(period)),
        (_("考核方案"), scheme["name"]),
        (_("方案版本"), scheme["checksum"][:12]),
        (_("数据版本"), str(version())),
        *shown,
        (_("行数"), str(len(frame))),
    ]
    if is_sample():
        about.insert(0, (_("注意"), _("示例数据，人物和记录均为虚构。")))
    sheets = (title, _("说明"))
    stem = (title, period, f"v{version()}", f"{_now():%Y%m%d-%H%M}")

    # The builders run on another thread, without a language or a session: all is said before.
    def workbook() -> bytes:
        now = (exported, f"{_now():%Y-%m-%d %H:%M}")
        return as_xlsx(frame, columns, *sheets, [*about, now])

    said = {
        "title": title,
        "period": period,
        "filters": [f"{label}: {choice}" for label, choice in shown],
        "version": version(),
        "rows": len(frame),
    }
    with st.container(horizontal=True):
        st.download_button(
            _("导出 Excel"),
            partial(_hand_out, here, workbook, {**said, "kind": "xlsx"}),
            file_name(*stem, ending=".xlsx"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"xlsx_{title}",
            on_click="ignore",
            icon=":material/table_view:",
        )
        st.download_button(
            _("导出 CSV"),
            partial(_hand_out, here, partial(as_csv, frame, columns), {**said, "kind": "csv"}),
            file_name(*stem, ending=".csv"),
            "text/csv",
            key=f"csv_{title}",
            on_click="ignore",
            icon=":material/csv:",
        )


def _hand_out(by: Visitor, build: Callable[[], bytes], said: dict[str, deeds.Value]) -> bytes:
    """The file, once it is certain that the visitor may have it and that this is on record."""
    deeds.demand(by, "export")
    content = build()
    deeds.handed_out("export", by, **said)
    return content


def _now() -> datetime:
    return datetime.now()  # noqa: DTZ005 - the office's own clock
