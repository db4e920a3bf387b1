"""The dashboard in a real browser, from a real server, as its users meet it."""

import csv
import io
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from looking import export, open_page, settled, store, table
from playwright.sync_api import Page, expect
from serving import ROOT, copy_tree, serving

CASES = Path(__file__).parents[1] / "cases"
PAGES = {
    "": "总览",
    "townships": "镇街对比",
    "ranking": "代表排名",
    "delegate": "代表档案",
    "loop": "五位一体",
    "matters": "意见建议",
    "stations": "阵地",
    "campaigns": "主题行动",
    "mine": "包联",
    "sessions": "会议与选举",
    "reports": "报表",
    "verify": "核对文件",
    "upload": "上传",
    "history": "上传记录",
    "backups": "备份",
}
FAILED = "没有显示成功"


def expected(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((CASES / name).read_text("utf-8-sig"))))


def test_first_start_shows_the_sample_county(page: Page, tmp_path: Path) -> None:
    """A fresh copy without a database loads the sample county, showing how far it is, then the
    charts, and says whose data it is. How long that takes is measured in ``tests/bench``.
    """
    tree = copy_tree(tmp_path / "fresh")
    with serving(tree, None) as address:
        page.goto(address)
        expect(page.get_by_text("正在载入示例数据")).to_be_visible(timeout=15_000)
        page.locator(".js-plotly-plot").first.wait_for(timeout=120_000)
        expect(page.get_by_text("人物和记录均为虚构")).to_be_visible()
        assert (tree / "data/files/delegates.duckdb").exists()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_cold_in_both_languages(page: Page, sample_server: str, path: str) -> None:
    """A deep link to any page works as the first thing a browser does, without an error, on wide
    screens and narrow ones; no English word is on a Chinese page, Streamlit's own included.
    """
    for language, title in (("zh", PAGES[path]), ("en", None)):
        page.set_viewport_size({"width": 1400, "height": 1000})
        open_page(page, f"{sample_server}/{path}?lang={language}")
        heading = page.locator("h1").inner_text()
        assert heading == title if title else not re.search("[一-鿿]", heading)
        assert page.get_by_text(FAILED).count() == 0
        assert page.locator("[data-testid=stException]").count() == 0
        for width in (1400, 800):
            page.set_viewport_size({"width": width, "height": 1000})
            settled(page)
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wider) <= 0, "the page scrolls sideways"
        if language == "zh":
            numbers = r"\b(U\+[0-9A-F]+|D\d{5}|[JWYZ](\d{4}Q?\d?-)?[A-Z]*\d+)\b"
            words = set(re.findall(r"[A-Za-z]{2,}", re.sub(numbers, "", visible_text(page))))
            assert words <= {"English", "Excel", "XLSX", "CSV", "WPS", "MB"}


def test_an_unknown_address_is_told_in_chinese(page: Page, sample_server: str) -> None:
    """Streamlit's own dialog about an unknown page shows our words, and none of its own."""
    open_page(page, f"{sample_server}/nope")
    page.locator("[data-testid=stDialog]").wait_for()
    title = (
        "getComputedStyle(document.querySelector('[data-testid=stDialog] h2'), '::after').content"
    )
    assert "页面不存在" in page.evaluate(title)
    assert set(re.findall(r"[A-Za-z]{2,}", visible_text(page))) <= {"English"}


def visible_text(page: Page) -> str:
    """The text a person sees: not hidden, not of size 0, not the name of an icon."""
    return page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            const seen = [];
            while (walker.nextNode()) {
                const parent = walker.currentNode.parentElement;
                const visible = parent.checkVisibility({visibilityProperty: true});
                const sized = getComputedStyle(parent).fontSize !== "0px";
                const icon = parent.closest("[data-testid=stIconMaterial], [data-testid=stAlertDynamicIcon], canvas, style, script");
                if (visible && sized && !icon) seen.push(walker.currentNode.textContent);
            }
            return seen.join("\\n");
        }"""
    )


def test_ranking_shows_the_worked_scores(page: Page, case_server: str) -> None:
    """The ranking of the cases on the page is the expected one: rank, score, grade."""
    open_page(page, f"{case_server}/ranking?period=2026&level=county")
    header, *rows = table(page, "代表排名表")
    place = {title: position for position, title in enumerate(header)}
    shown = [
        (row[place["名次"]], row[place["得分"]], row[place["等次"]]) for row in rows if len(row) > 3
    ]
    wanted = sorted(
        (int(r["rank"]), round(float(r["score"]), 9), r["grade"])
        for r in expected("expected-2026.csv")
        if r["level"] == "county" and r["rank"]
    )
    seen = [
        (int(rank), round(float(score), 9), grade)
        for rank, score, grade in shown
        if rank not in ("", "—")
    ]
    assert len(seen) >= 10
    assert sorted(seen) == wanted[: len(seen)]


def test_townships_show_the_worked_figures(page: Page, case_server: str) -> None:
    """The township table of the cases shows every expected mean score with its n."""
    open_page(page, f"{case_server}/townships?period=2026Q1-Q3")
    header, *rows = table(page, "镇街对比")
    place = {title: position for position, title in enumerate(header)}
    shown = {
        row[place["镇街"]]: (
            int(row[place["代表数"]]),
            int(row[place["有得分"]]),
            round(float(row[place["平均得分"]]), 9),
        )
        for row in rows
    }
    wanted = {
        r["township"]: (int(r["delegates"]), int(r["scored"]), round(float(r["mean_score"]), 9))
        for r in expected("expected-2026Q1-Q3-townships.csv")
    }
    assert shown == wanted


def test_a_delegates_receipt_adds_up_to_the_worked_score(page: Page, case_server: str) -> None:
    """The receipt's rows add up to the base, and base and adjustments to the expected score."""
    row = next(r for r in expected("expected-2026.csv") if r["delegate_id"] == "D00003")
    open_page(page, f"{case_server}/delegate?delegate=D00003&period=2026")
    header, *rows = table(page, "得分计算表")
    place = header.index("计入基础分")
    parts = [float(r[place]) for r in rows if r[place] not in ("", "—")]
    assert sum(parts) == pytest.approx(float(row["base"]), rel=1e-9)
    _titles, *sums = table(page, "得分合计")
    total = next(float(line[2]) for line in sums if line[0] == "得分")
    assert total == pytest.approx(float(row["score"]), rel=1e-9)
    assert sum(float(line[2]) for line in sums if line[0] != "得分") == pytest.approx(total)


def test_a_township_bar_leads_to_its_page_and_a_row_to_the_delegate(
    page: Page, sample_server: str
) -> None:
    """Charts and tables are clicked through; the URL carries codes, never a person's name."""
    open_page(page, f"{sample_server}/?period=2026Q2")
    page.locator(".js-plotly-plot .barlayer .point path").first.click(force=True)
    page.wait_for_url("**/townships*")
    settled(page)
    assert "period=2026Q2" in page.url
    assert "a=" in page.url
    open_page(page, f"{sample_server}/ranking?period=2026Q2&level=county")
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert box is not None
    name = table(page, "代表排名表")[1][2]
    page.mouse.move(box["x"] + 150, box["y"] + 52)
    page.wait_for_timeout(400)
    page.mouse.click(box["x"] + 150, box["y"] + 52)
    page.wait_for_url("**/delegate*")
    settled(page)
    assert re.search(r"delegate=D\d{5}", page.url)
    assert page.locator("h3").first.inner_text() == name


def test_filters_live_in_the_url_and_names_do_not(page: Page, sample_server: str) -> None:
    """A choice changes the URL, the URL restores the choice, a typed name stays out of it."""
    open_page(page, f"{sample_server}/ranking")
    page.get_by_role("combobox", name="等次").click()
    page.get_by_role("option", name="称职", exact=True).click()
    page.wait_for_url("**grade=*")
    settled(page)
    page.get_by_role("textbox", name="姓名").fill("王")
    page.get_by_role("textbox", name="姓名").press("Enter")
    settled(page)
    assert "王" not in page.url
    assert "%E7%8E%8B" not in page.url
    page.reload()
    page.wait_for_selector("h1")
    settled(page)
    header, *rows = table(page, "代表排名表")
    assert {row[header.index("预评等次")] for row in rows} == {"称职"}


def test_ranking_exports_what_it_shows(page: Page, case_server: str) -> None:
    """The CSV of the ranking holds the expected scores with all their digits."""
    open_page(page, f"{case_server}/ranking?period=2026&level=all")
    file = export(page, "CSV")
    assert re.fullmatch(
        r"代表排名表_2026_v\d+_[0-9a-f]{6}_\d{8}-\d{6}\.csv", file.suggested_filename
    )
    content = Path(file.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = {r["代表编号"]: r for r in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
    for r in expected("expected-2026.csv"):
        if float(r["eligible"]) > 0:
            assert (
                rows[r["delegate_id"]]["得分"] == ""
                if not r["score"]
                else float(rows[r["delegate_id"]]["得分"])
                == pytest.approx(float(r["score"]), rel=1e-9)
            )
            assert rows[r["delegate_id"]]["名次"] == r["rank"]


def test_an_office_starts_with_its_own_data(page: Page, tmp_path: Path) -> None:
    """An empty database says so on every page; registers and records dropped together are stored
    in the right order; the same files again are unchanged; a dirty file is refused whole.
    """
    from files import worked_cases

    files = []
    for sent in worked_cases():
        if sent.quarter is None or str(sent.quarter) == "2026Q3":
            files.append({"name": sent.filename, "mimeType": "text/csv", "buffer": sent.content})
    with serving(ROOT, tmp_path / "office.duckdb") as address:
        for path in PAGES:
            open_page(page, f"{address}/{path}")
            nothing = {"upload": "可一次放入多个文件", "history": "还没有上传过文件"}
            nothing |= {"backups": "还没有备份", "verify": "核对它是否被改动过"}
            said = nothing.get(path, "还没有履职记录")
            expect(page.get_by_text(said, exact=False).first).to_be_visible()
        drop = "[data-testid=stFileUploaderDropzoneInput]"
        for again in (False, True):
            open_page(page, f"{address}/upload")
            page.set_input_files(drop, files)
            page.get_by_text("入库预览").first.wait_for()
            settled(page)
            for tick in page.get_by_role("checkbox", name="已核对以上提醒").all():
                tick.check(force=True)
                settled(page)
            header, *rows = table(page, "入库预览")
            outcomes = {row[header.index("结果")] for row in rows}
            assert outcomes == {"无变化" if again else "可以入库"}
            if not again:
                store(page, len(files))
                header, *rows = table(page, "入库结果")
                assert {row[header.index("结果")] for row in rows} == {"已入库"}
        assert page.get_by_role("button", name="入库（0 个文件）").is_disabled()
        open_page(page, f"{address}/upload")
        page.set_input_files(
            drop,
            {
                "name": "坏.csv",
                "mimeType": "text/csv",
                "buffer": "代表编号,类型,日期,数量,内容\r\nD00001,入户走访,2026-08-01,1,好\r\n"
                "D99999,入户走访,2026-08-02,1,<script>alert(1)</script>\r\n".encode(),
            },
        )
        page.get_by_text("有错误，不能入库").wait_for()
        settled(page)
        expect(page.get_by_text("代表名册中没有这个代表编号", exact=False)).to_be_visible()
        expect(page.get_by_text("单元格里有网页标签或程序代码", exact=False)).to_be_visible()
        assert page.get_by_role("button", name="入库（").count() == 0
        open_page(page, f"{address}/ranking?period=2026Q3&level=township")
        header, *rows = table(page, "代表排名表")
        best = max(
            (r for r in expected("expected-2026Q3.csv") if r["level"] == "township" and r["rank"]),
            key=lambda r: float(r["score"]),
        )
        assert float(rows[0][header.index("得分")]) == pytest.approx(float(best["score"]), rel=1e-9)
    with duckdb.connect(tmp_path / "office.duckdb", read_only=True) as database:
        stored = database.execute("select count(*) from uploads").fetchall()
    assert stored == [(len(files),)]


def test_a_database_held_elsewhere_is_said_so(page: Page, tmp_path: Path, case_database) -> None:
    """A file that another program holds gives a sentence naming it and no figures; once that
    program has ended, trying again opens it.
    """
    copy = Path(shutil.copy(case_database, tmp_path / "held.duckdb"))
    before = copy.read_bytes()
    holder = duckdb.connect(copy)
    with serving(ROOT, copy) as address:
        page.goto(f"{address}/ranking")
        expect(page.get_by_text("正被另一个程序打开", exact=False)).to_be_visible(timeout=20_000)
        assert "held.duckdb" in page.locator("body").inner_text()
        assert page.locator("[data-testid=stDataFrame]").count() == 0
        holder.close()
        assert copy.read_bytes() == before
        page.get_by_role("button", name="重试").click()
        page.get_by_text("共 ").wait_for(timeout=20_000)


def test_delegates_without_a_score_and_unknown_ones_are_told(page: Page, case_server: str) -> None:
    """A delegate not in office, one without data, an unknown number, a made-up filter: words."""
    open_page(page, f"{case_server}/delegate?delegate=D00009&period=2026Q3")
    expect(page.get_by_text("不在该代表的任期内", exact=False)).to_be_visible()
    open_page(page, f"{case_server}/delegate?delegate=D77777&period=2026Q3")
    expect(page.get_by_text("代表名册中没有编号", exact=False)).to_be_visible()
    open_page(page, f"{case_server}/ranking?period=1999Q1&level=nobles&township=x")
    assert len(table(page, "代表排名表")) > 1


def test_each_correction_is_obeyed(page: Page, tmp_path: Path, case_database) -> None:
    """The clerk corrects format, then quarter, then format again: each time it is checked anew."""
    copy = Path(shutil.copy(case_database, tmp_path / "corrected.duckdb"))
    content = "代表编号,类型,日期,数量\r\nD00001,入户走访,2026-08-01,2\r\n".encode()
    with serving(ROOT, copy) as address:
        open_page(page, f"{address}/upload")
        page.set_input_files(
            "[data-testid=stFileUploaderDropzoneInput]",
            {"name": "某表.csv", "mimeType": "text/csv", "buffer": content},
        )
        page.get_by_text("可以入库").first.wait_for()
        for box, choice, told in (
            ("表格种类", "群众意见", "按“群众意见”读取时缺少必填列"),
            ("表格种类", "履职活动", "可以入库"),
            ("季度", "2026年第二季度", "日期不在 2026年第二季度 之内"),
            ("季度", "2026年第三季度", "可以入库"),
        ):
            settled(page)
            page.get_by_role("combobox", name=box).first.click()
            page.get_by_role("option", name=choice, exact=True).click()
            page.get_by_text(told, exact=False).first.wait_for(timeout=10_000)


def test_going_back_finds_the_filters(page: Page, sample_server: str) -> None:
    """After a row led to a delegate, the browser's way back shows the ranking as it was; a choice
    of period is taken back the same way.
    """
    open_page(page, f"{sample_server}/ranking?period=2026Q2&level=township&grade=称职")
    before = table(page, "代表排名表")[:5]
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 52)
    page.wait_for_timeout(400)
    page.mouse.click(box["x"] + 150, box["y"] + 52)
    page.wait_for_url("**/delegate*")
    settled(page)
    page.go_back()
    page.wait_for_url("**/ranking*")
    page.get_by_text("名次变化与2026年第一季度相比", exact=False).wait_for()
    settled(page)
    assert table(page, "代表排名表")[:5] == before
    open_page(page, f"{sample_server}/")
    page.get_by_role("combobox", name="考核期").click()
    page.get_by_role("option", name="2025年", exact=True).click()
    page.get_by_text("变化与2024年相比", exact=False).wait_for()
    settled(page)
    page.go_back()
    page.get_by_text("变化与2026年第二季度相比", exact=False).wait_for(timeout=10_000)
    page.get_by_role("link", name="镇街对比").click()
    page.wait_for_url("**/townships*")
    settled(page)
    assert "2025" not in page.url
