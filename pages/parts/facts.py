"""What every file that leaves says of itself: what it is, of which data and scheme, by whom, when."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from data.store import is_sample, version
from pages.words import _, language
from pages.words.terms import period_name


def _now() -> datetime:
    return datetime.now().replace(microsecond=0)  # noqa: DTZ005 - the office's own clock


@dataclass(frozen=True)
class Facts:
    """Of one file: equal facts and equal data, equal bytes.

    ``period`` is a period's code (2026Q3; "" of what has none), ``scheme`` the scheme's name,
    ``checksum`` what identifies its version; ``filters`` are the choices made, as label and choice;
    ``parts`` are those that narrow a part of the file alone, by its title.
    """

    title: str
    period: str
    scheme: str
    checksum: str
    by: str
    filters: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    at: datetime = field(default_factory=_now)
    version: int = field(default_factory=version)
    sample: bool = field(default_factory=is_sample)

    def lines(self) -> list[tuple[str, str]]:
        """Label and text of each fact, in the reader's language; the time of export is last."""
        return [
            *([(_("注意"), _("示例数据，人物和记录均为虚构。"))] if self.sample else []),
            (_("表名"), self.title),
            *([(_("考核期"), period_name(self.period))] if self.period else []),
            (_("考核方案"), self.scheme),
            (_("方案版本"), self.checksum[:12]),
            (_("数据版本"), str(self.version)),
            *self.filters,
            *self.parts,
            (_("导出人"), self.by or _("本机")),
            (_("导出时间"), f"{self.at:%Y-%m-%d %H:%M}"),
        ]

    def head(self) -> dict[str, str]:
        """What the press wants: title, period, foot and page numbers of a paper, and the caption
        that says of a picture what it is.
        """
        foot = _(
            "数据版本 {version} · 方案版本 {scheme} · 导出时间 {at}",
            version=self.version,
            scheme=self.checksum[:12],
            at=f"{self.at:%Y-%m-%d %H:%M}",
        )
        if self.sample:
            foot = f"{_('示例数据')} · {foot}"
        return {
            "title": self.title,
            "period": period_name(self.period) if self.period else "",
            "lang": language(),
            "foot": foot,
            "caption": " · ".join(
                [
                    *([period_name(self.period)] if self.period else []),
                    *(_("{label}：{value}", label=on, value=to) for on, to in self.narrowed()),
                    foot,
                    *([_("{label}：{value}", label=_("导出人"), value=self.by)] if self.by else []),
                ]
            ),
            "rows": _("共 {rows} 行", rows="{rows}"),
            "page": _("第 {page} 页，共 {pages} 页", page="{page}", pages="{pages}"),
            "page_alone": _("第 {page} 页", page="{page}"),
        }

    def narrowed(self) -> list[tuple[str, str]]:
        """The choices in force that leave something out."""
        every = _("全部")
        return [(label, choice) for label, choice in self.filters if not choice.startswith(every)]

    def anew(self) -> "Facts":
        """The same, of this moment and its data."""
        return replace(self, at=_now(), version=version(), sample=is_sample())

    def stem(self, *, versioned: bool = True) -> Sequence[str]:
        """The parts of the file's name: two files of one name have one content.

        Long ones are cut, so that the name fits every file system. Not ``versioned``: of what is
        made later, of the data of then.
        """
        choices = "_".join(choice for _label, choice in self.narrowed())
        return (
            _cut(self.title),
            *([self.period] if self.period else []),
            *([_cut(choices)] if choices else []),
            *([f"v{self.version}", self.checksum[:6]] if versioned else []),
            f"{self.at:%Y%m%d-%H%M%S}",
        )

    def said(self) -> dict[str, Any]:
        """What goes on record when the file leaves."""
        return {
            "title": self.title,
            "period": self.period or None,
            "scheme": self.scheme,
            "scheme_version": self.checksum[:12],
            "filters": [
                _("{label}：{value}", label=label, value=choice)
                for label, choice in (*self.filters, *self.parts)
            ],
            "version": self.version,
        }


def _cut(text: str) -> str:
    """At most 80 bytes of a text: two of them and the rest of a name stay under 255."""
    return text.encode()[:80].decode(errors="ignore")
