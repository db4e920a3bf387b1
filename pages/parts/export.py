"""The export buttons: what the page shows, as a file that names its period and version.

No file leaves without its line in the record of deeds.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from data import deeds
from data.access import Right, Visitor
from data.store import is_sample, version
from pages.exports.table import Column, as_csv, as_xlsx, file_name
from pages.parts import access
from pages.words import _, language, speak
from pages.words.terms import period_name

MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
ICONS = {"xlsx": ":material/table_view:", "csv": ":material/csv:"}


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

    def workbook() -> bytes:
        now = (exported, f"{_now():%Y-%m-%d %H:%M}")
        return as_xlsx(frame, columns, *sheets, [*about, now])

    offer(
        here,
        "export",
        {"xlsx": workbook, "csv": partial(as_csv, frame, columns)},
        stem,
        title,
        {
            "title": title,
            "period": period,
            "filters": [f"{label}: {choice}" for label, choice in shown],
            "version": version(),
            "rows": len(frame),
        },
    )


def offer(
    by: Visitor,
    right: Right,
    builders: Mapping[str, Callable[[], bytes]],
    stem: Sequence[str],
    key: str,
    said: Mapping[str, deeds.Value],
) -> None:
    """A button for the file of each kind (*xlsx*, *csv*), named by ``stem``.

    A file is built on the click, in the reader's language, for who still has the ``right``, and
    leaves once what is ``said`` of it is on record.
    """
    labels = {"xlsx": _("导出 Excel"), "csv": _("导出 CSV")}
    with st.container(horizontal=True):
        for kind, build in builders.items():
            st.download_button(
                labels[kind],
                partial(_hand_out, by, right, language(), build, {**said, "kind": kind}),
                file_name(*stem, ending=f".{kind}"),
                mime=MIME[kind],
                key=f"{kind}_{key}",
                on_click="ignore",
                icon=ICONS[kind],
            )


def _hand_out(
    by: Visitor,
    right: Right,
    spoken: str,
    build: Callable[[], bytes],
    said: Mapping[str, deeds.Value],
) -> bytes:
    speak(spoken)  # this is another thread, with a language of its own
    deeds.demand(by, right)
    content = build()
    deeds.handed_out("export", by, **said)
    return content


def _now() -> datetime:
    return datetime.now()  # noqa: DTZ005 - the office's own clock
