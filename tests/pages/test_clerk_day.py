"""A clerk's day in a real browser: a clean quarter, a dirty file mended, a late township, a wrong
file taken back, a backup put back. The ranking is looked at after each.
"""

import io
import re
import zipfile
from pathlib import Path

import xlsxwriter
from files import csv_bytes
from looking import open_page, settled, store, table
from playwright.sync_api import Page, expect
from python_calamine import load_workbook
from serving import ROOT, serving

DROP = "[data-testid=stFileUploaderDropzoneInput]"
HEADER = ["代表编号", "姓名", "类型", "日期", "数量", "内容"]
DAYS = [f"2026-07-{day:02}" for day in range(1, 25)]


def activities(*delegates: str, kind: str = "入户走访") -> list[list[str]]:
    return [[number, "", kind, day, "2", "𠮷家"] for number in delegates for day in DAYS]


def drop(page: Page, name: str, content: bytes) -> None:
    page.set_input_files(DROP, {"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_text("行数据").first.wait_for()
    settled(page)


def preview(page: Page) -> dict[str, str]:
    header, row = table(page, "入库预览")
    return dict(zip(header, row, strict=True))


def ranking(page: Page, address: str) -> list[list[str]]:
    open_page(page, f"{address}/ranking?period=2026Q3&level=township")
    return table(page, "代表排名表")


def registers() -> list[dict[str, object]]:
    towns = [["镇街", "类型"], *([t, "镇"] for t in ("龙山镇", "石鼓镇", "浪河镇"))]
    roster = [["代表编号", "姓名", "层级", "镇街", "任职起"]]
    roster += [
        [f"{n:03}", f"张{c}", "乡镇级", town, "2021-12-20"]
        for n, (c, town) in enumerate(
            zip("甲乙丙丁戊己", ["龙山镇"] * 2 + ["石鼓镇"] * 2 + ["浪河镇"] * 2, strict=True), 1
        )
    ]
    return [
        {"name": "镇街.csv", "mimeType": "text/csv", "buffer": csv_bytes(towns, "gb18030")},
        {"name": "名册.csv", "mimeType": "text/csv", "buffer": csv_bytes(roster, "utf-16")},
    ]


def mended(workbook: bytes, cells: dict[tuple[int, int], str]) -> bytes:
    """The workbook with some cells (row from 1, column from 0) typed anew, as Excel would save."""
    rows = load_workbook(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        paper = book.add_worksheet()
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                paper.write_string(r, c, cells.get((r + 1, c), str(cell)))
    return content.getvalue()


def test_a_clerks_day(page: Page, tmp_path: Path) -> None:
    """Each step does what it said it would, and nothing else; every figure can be had back."""
    with serving(ROOT, tmp_path / "office.duckdb") as address:
        # A clean quarter of two townships, registers first.
        open_page(page, f"{address}/upload")
        page.set_input_files(DROP, registers())
        page.get_by_text("入库预览").first.wait_for()
        settled(page)
        store(page, 2)
        clean = csv_bytes([HEADER, *activities("001", "002", "003")], "gb18030")
        open_page(page, f"{address}/upload")
        drop(page, "2026Q3-两镇.csv", clean)
        said = preview(page)
        assert (said["新增"], said["更新"], said["文件中没有"]) == ("72", "0", "0")
        expect(page.get_by_text("还没有履职活动记录的镇街：浪河镇")).to_be_visible()
        expect(page.get_by_text("还没有履职活动记录的代表：1 位")).to_be_visible()
        store(page, 1)
        two_townships = ranking(page, address)

        # A dirty file, mended with the problem workbook. It is the late township's.
        late = activities("005", "006")
        late[3][3], late[5][0], late[7][4] = "2026-07-32", "999", "两"
        open_page(page, f"{address}/upload")
        drop(page, "2026Q3-浪河镇.csv", csv_bytes([["浪河镇代表活动"], HEADER, *late]))
        expect(page.get_by_text("有错误，不能入库")).to_be_visible()
        assert page.get_by_role("button", name="入库（").count() == 0
        with page.expect_download() as download:
            page.get_by_role("button", name="下载问题表").click()
        workbook = Path(download.value.path()).read_bytes()
        assert download.value.suggested_filename == "2026Q3-浪河镇-问题.xlsx"
        comments = zipfile.ZipFile(io.BytesIO(workbook)).read("xl/comments1.xml").decode()
        assert re.findall(r'<comment ref="(\w+)"', comments) == ["A1", "D6", "A8", "E10"]
        assert "不是日期" in comments
        good = mended(workbook, {(6, 3): "2026-08-02", (8, 0): "005", (10, 4): "3"})
        open_page(page, f"{address}/upload")
        drop(page, "2026Q3-浪河镇-问题.xlsx", good)
        assert preview(page)["新增"] == "48"
        store(page, 1)
        three_townships = ranking(page, address)
        assert len(three_townships) >= len(two_townships)
        assert three_townships != two_townships

        # A wrong file: it replaces one township's rows by a single one. The preview says so.
        open_page(page, f"{address}/upload")
        drop(
            page,
            "2026Q3-错.csv",
            csv_bytes([HEADER, ["003", "", "接待选民", "2026-08-01", "1", "x"]]),
        )
        page.get_by_role("combobox", name="入库方式").click()
        page.get_by_role("option", name="替换").click()
        page.get_by_text("将替换掉 24 行").wait_for()
        settled(page)
        expect(page.get_by_text("石鼓镇 现有 24 行，去掉 24 行")).to_be_visible()
        page.get_by_label("经办人").fill("李四")
        page.get_by_label("经办人").press("Tab")
        settled(page)
        assert page.get_by_role("button", name="入库（1 个文件）").is_disabled()
        page.get_by_text("确认替换：去掉 24 行，更新 0 行").click()
        settled(page)
        page.get_by_role("button", name="入库（1 个文件）").click()
        page.wait_for_timeout(400)
        page.reload()  # a refresh in the middle: the history tells what became of it
        page.wait_for_timeout(1500)
        assert ranking(page, address) != three_townships
        open_page(page, f"{address}/history?upload=5")
        _header, *rows = table(page, "上传记录")
        assert [row[0] for row in rows] == ["5", "4", "3", "2", "1"]
        page.get_by_role("button", name="撤销这次上传").click()
        page.get_by_text("第 3 号上传的 24 行改为有效", exact=False).wait_for()
        settled(page)
        page.get_by_label("经办人").fill("李四")
        page.get_by_label("原因").fill("传错了文件")
        page.get_by_label("原因").press("Tab")
        settled(page)
        page.get_by_role("button", name="撤销这次上传", exact=True).click()
        page.get_by_text("第 5 号上传已撤销").wait_for()
        assert ranking(page, address) == three_townships

        # The morning's state is put back from its backup; then the evening's, from the one before.
        for back_to, expected in ((two_townships, "3"), (three_townships, None)):
            open_page(page, f"{address}/backups")
            header, *rows = table(page, "备份列表")
            uploads = [row[header.index("有效上传")] for row in rows]
            place = uploads.index(expected) if expected else 0
            page.get_by_role("combobox", name="选择备份").click()
            page.get_by_role("option").nth(place).click()
            settled(page)
            page.get_by_label("经办人").fill("赵主任")
            page.get_by_label("经办人").press("Tab")
            settled(page)
            page.get_by_text("恢复后，此后的上传不再计入").click()
            settled(page)
            page.get_by_role("button", name="恢复到这个备份").click()
            page.get_by_text("已恢复到").wait_for()
            assert ranking(page, address) == back_to
        open_page(page, f"{address}/backups")
        page.get_by_role("button", name="开始演练").click()
        page.get_by_text("备份完好，可以恢复").wait_for()
        open_page(page, f"{address}/history?upload=3")
        with page.expect_download() as download:
            page.get_by_role("button", name="下载原文件").click()
        assert Path(download.value.path()).read_bytes() == clean


def test_two_clerks(page: Page, tmp_path: Path) -> None:
    """What is stored is what the clerk saw on clicking: where somebody else's upload has changed
    it, nothing is stored, the files stay, and the new preview is shown.
    """
    header = ["编号", "代表编号", "收集日期", "诉求", "办结日期", "结果"]
    matter = ["O1", "001", "2026-07-01", "路灯"]
    solved, explained = (
        csv_bytes([header, [*matter, "2026-07-09", outcome]]) for outcome in ("已解决", "解释说明")
    )
    with serving(ROOT, tmp_path / "office.duckdb") as address:
        open_page(page, f"{address}/upload")
        page.set_input_files(DROP, registers())
        page.get_by_text("入库预览").first.wait_for()
        settled(page)
        store(page, 2)
        open_page(page, f"{address}/upload")
        drop(page, "2026Q3.csv", csv_bytes([header, [*matter, "", ""]]))
        store(page, 1)
        other = page.context.new_page()
        for clerk, content in ((page, solved), (other, explained)):
            open_page(clerk, f"{address}/upload")
            drop(clerk, "2026Q3.csv", content)
            assert preview(clerk)["更新"] == "1"
            clerk.get_by_label("经办人").fill("王")
            clerk.get_by_label("经办人").press("Tab")
            settled(clerk)
        page.get_by_role("button", name="入库（1 个文件）").click()
        page.get_by_text("完成：").wait_for()
        other.get_by_role("button", name="入库（1 个文件）").click()
        other.get_by_text("其他人刚刚更新了数据，本次没有入库").wait_for()
        settled(other)
        other.get_by_text("更新 1 行").click()
        settled(other)
        expect(other.get_by_role("cell", name="已解决")).to_be_visible()
        store(other, 1)
        open_page(page, f"{address}/history")
        header, *rows = table(page, "上传记录")
        assert [row[header.index("更新")] for row in rows] == ["1", "1", "0", "0", "0"]


def test_the_same_dirty_file_twice(page: Page, tmp_path: Path) -> None:
    """Two files with the same content and faults are two files, each with its problem workbook."""
    dirty = csv_bytes([HEADER, ["x", "", "入户走访", "2026-07-01", "1", ""]])
    with serving(ROOT, tmp_path / "office.duckdb") as address:
        open_page(page, f"{address}/upload")
        page.set_input_files(
            DROP,
            [{"name": n, "mimeType": "text/csv", "buffer": dirty} for n in ("a.csv", "b.csv")],
        )
        page.get_by_role("button", name="下载问题表").nth(1).wait_for()
        settled(page)
        assert page.get_by_text("有错误，不能入库").count() == 2


def test_the_same_clean_file_twice(page: Page, tmp_path: Path) -> None:
    """One file dropped twice is previewed as stored once and unchanged once."""
    towns = registers()[0]
    with serving(ROOT, tmp_path / "office.duckdb") as address:
        open_page(page, f"{address}/upload")
        page.set_input_files(DROP, [towns, towns])
        page.get_by_text("入库预览").first.wait_for()
        settled(page)
        header, *rows = table(page, "入库预览")
        assert [row[header.index("结果")] for row in rows] == ["可以入库", "无变化"]
