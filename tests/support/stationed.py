"""A small county with stations, in which every rule about them has its case.

西街道 has its home and one station, 东镇 two stations below its home, 南区 no home; 南区 sent
nothing, 西街道 nothing for the second quarter of 2026.
"""

from __future__ import annotations

from databases import sent

from data.period import Period
from data.uploads.check import Sent

ALL, NONE, SAID_NOTHING = "是是是是是", "否否否否否", "     "
TOWNSHIPS = [("西街道", "街道"), ("东镇", "镇"), ("南区", "管理区")]
# number, name, kind, township, number above, the five, funds, round
STATIONS = [
    ("C1", "中心", "服务中心", "", "", ALL, "20", "1"),
    ("H1", "东镇之家", "代表之家", "东镇", "C1", ALL, "8", "1"),
    ("H2", "西街之家", "代表之家", "西街道", "C1", "是是是否 ", "6", "2"),
    ("L1", "东一站", "联络站", "东镇", "H1", ALL, "2", "2"),
    ("L2", "西一站", "联络站", "西街道", "H2", "是是是是 ", "", ""),
    ("L3", "南站", "联络站", "南区", "", NONE, "1.5", ""),
    ("P1", "东一点", "联系点", "东镇", "L1", SAID_NOTHING, "", ""),
    ("P2", "东二点", "联系点", "东镇", "H1", ALL, "0.5", "2"),
]
# number, level, township, station, in office from and to
DELEGATES = [
    ("D1", "县级", "东镇", "L1", "2021-12-20", ""),
    ("D2", "乡镇级", "东镇", "L1", "2021-12-20", "2026-09-29"),
    ("D3", "乡镇级", "东镇", "H1", "2021-12-20", "2026-09-30"),
    ("D4", "县级", "西街道", "L1", "2021-12-20", ""),
    ("D5", "县级", "西街道", "", "2021-12-20", ""),
    ("D6", "县级", "南区", "Z9", "2021-12-20", ""),
    ("D7", "地市级", "", "C1", "2021-12-20", ""),
    ("D8", "全国级", "东镇", "", "2021-12-20", ""),
    ("D9", "县级", "西街道", "L2", "2026-10-01", ""),
]
# day, delegate, kind, station, status
ACTIVITIES = [
    ("2026-01-31", "D1", "接待选民", "L1", "已核实"),
    ("2026-02-10", "D4", "政策宣讲", "H2", ""),
    ("2026-03-31", "D1", "入户走访", "L1", ""),
    ("2026-04-01", "D1", "接待选民", "L1", ""),
    ("2026-06-30", "D3", "接待选民", "P1", ""),
    ("2026-07-01", "D1", "接待选民", "L1", ""),
    ("2026-07-20", "D7", "主题活动", "C1", ""),
    ("2026-08-01", "D1", "接待选民", "H1", "已退回"),
    ("2026-08-15", "D1", "入户走访", "", ""),
    ("2026-08-16", "D1", "接待选民", "Z8", ""),
    ("2026-09-01", "D4", "接待选民", "H2", ""),
    ("2026-09-30", "D1", "入户走访", "L1", ""),
    ("2026-09-30", "D2", "入户走访", "L1", ""),  # the day after the mandate
    ("2026-10-05", "D1", "接待选民", "L1", ""),
]
# day, leader, township, station, item, finding, mended
GUIDANCE = [
    ("2026-05-10", "周", "东镇", "L1", "标牌", "没有挂牌", "2026-05-20"),
    ("2026-08-10", "周", "东镇", "L1", "标牌", "", ""),
    ("2026-08-10", "周", "东镇", "L1", "制度", "没有上墙", ""),
    ("2026-10-10", "周", "东镇", "L1", "点位", "偏远", ""),
]
_FIVE = ("有场地", "有设备", "有代表", "有制度", "有记录")


def station_rows(stations: list[tuple[str, ...]]) -> list[dict[str, str]]:
    return [
        {
            "编号": number,
            "名称": name,
            "类型": kind,
            "镇街": township,
            "上级编号": above,
            **dict(zip(_FIVE, (one.strip() for one in five), strict=True)),
            "经费万元": funds,
            "提升轮次": upgraded,
        }
        for number, name, kind, township, above, five, funds, upgraded in stations
    ]


def registers(stations: list[tuple[str, ...]] | None = None) -> list[Sent]:
    """Townships, stations (these, if given) and roster, as uploads in this order."""
    places = [{"镇街": name, "类型": kind} for name, kind in TOWNSHIPS]
    roster = [
        {
            "代表编号": number,
            "姓名": f"{number}名",
            "层级": level,
            "镇街": home,
            "联络站编号": station,
            "任职起": start,
            "任职止": end,
        }
        for number, level, home, station, start, end in DELEGATES
    ]
    return [
        sent("townships", places),
        sent("stations", station_rows(STATIONS if stations is None else stations)),
        sent("delegates", roster),
    ]


def records() -> list[Sent]:
    """Activities and inspections of 2026, a file per quarter."""
    activities = [
        {"日期": day, "代表编号": who, "类型": kind, "阵地编号": station, "核实状态": status}
        for day, who, kind, station, status in ACTIVITIES
    ]
    guidance = [
        dict(
            zip(
                ("日期", "领导", "镇街", "阵地编号", "检查项", "发现问题", "整改日期"),
                visit,
                strict=True,
            )
        )
        for visit in GUIDANCE
    ]
    return [
        sent(name, of_quarter, quarter)
        for name, rows in (("activities", activities), ("guidance", guidance))
        for number in range(1, 5)
        for quarter in [Period(2026, number, number)]
        if (of_quarter := [row for row in rows if (int(row["日期"][5:7]) + 2) // 3 == number])
    ]


def county() -> list[Sent]:
    return [*registers(), *records()]
