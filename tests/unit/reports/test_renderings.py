"""The report's files: safe to open, complete, and the same figures in each."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from gateway.domain.costs import CostRow
from gateway.reports import csv_file, page, table
from gateway.reports.costs import Beside, CostReport, as_json, build, record
from gateway.reports.span import back, days

NASTY = '<script>alert("x")</script>&\x1b[31m'
VOID = {"meta", "rect", "path", "br", "i"}


def rows():
    paid = {"requests": 10, "served": 10, "attempts": 10, "closed_cost": 3_000_000_000, "local_cost": 2_000_000_000}
    return [
        CostRow("support", **paid, served_local=7, reference=9_000_000_000, referenced=10, compared_cost=5_000_000_000),
        CostRow(NASTY, **paid),
        CostRow("=HYPERLINK(1)", requests=1, referenced=1, reference=1, compared_cost=2_000_000_000),
    ]


def report(by="team") -> CostReport:
    trend = [CostRow("2026-11-01", requests=2, closed_cost=5), CostRow("2026-11-03", requests=3, local_cost=9)]
    return build(by, "2026-11-01", "2026-11-30", rows(), Beside(trend))


class Strict(HTMLParser):
    """Reports tags that are not closed, and everything that would be loaded."""

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.tags, self.text = [], [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "srcset", "action", "data"}]

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(text):
    parser = Strict()
    parser.feed(text)
    parser.close()
    return parser


class TestPage:
    def test_it_loads_nothing_and_runs_nothing(self):
        text = page.render(report())
        found = parsed(text)

        assert found.addresses == []
        assert not found.tags & {"script", "link", "iframe", "img", "object"}
        assert "url(" not in text
        assert "@import" not in text
        assert "://" not in text
        assert "default-src 'none'" in text

    def test_names_are_shown_not_obeyed(self):
        assert "<script>" not in page.render(report())
        assert "&lt;script&gt;" in page.render(report())
        assert "\x1b" not in page.render(report())

    def test_every_tag_is_closed(self):
        assert parsed(page.render(report())).open == []

    def test_it_shows_the_total_each_group_and_how_savings_are_reckoned(self):
        text = " ".join(parsed(page.render(report())).text)

        assert "$10.00" in text
        assert "support" in text
        assert "44.4%" in text
        assert "Savings are that minus the spend" in text
        assert "10 requests have no reference and are not included" in text

    def test_shapes_stay_inside_their_charts(self):
        shapes = re.findall(r'<rect class="[^"]*" x="([\d.]+)"(?: y="[\d.]+")? width="([\d.]+)"', page.render(report()))

        assert len(shapes) > 8
        for x, width in shapes:
            assert 0 <= float(x) + float(width) <= 1000.1

    def test_what_was_paid_back_is_no_shape_of_less_than_nothing(self):
        days = [CostRow("2026-11-01", requests=1, closed_cost=9), CostRow("2026-11-02", closed_cost=-5)]
        text = page.render(build("team", "2026-11-01", "2026-11-30", [CostRow("a", closed_cost=-5)], Beside(days)))

        assert re.findall(r'(?:width|height|y)="-', text) == []

    def test_it_shows_the_dearest_groups_and_says_how_many_more_there_are(self):
        many = [CostRow(f"key{number:03d}", requests=1, closed_cost=1000 - number) for number in range(40)]
        text = page.render(build("key", "a", "b", many))

        assert "and 28 more in the table" in text
        assert text.count("key039") == 2

    @pytest.mark.parametrize("by", ["day", "target"])
    def test_every_grouping_gives_a_page(self, by):
        assert parsed(page.render(report(by))).open == []

    def test_a_span_without_a_request_gives_a_page_that_says_so(self):
        assert "No request in this span" in page.render(build("team", "a", "b", []))

    def test_it_can_be_read_in_the_dark_and_on_a_phone(self):
        text = page.render(report())

        assert "prefers-color-scheme: dark" in text
        assert "width=device-width" in text
        assert "max-width: 720px" in text


class TestCsv:
    def test_it_has_a_line_for_each_group_and_one_for_the_total(self):
        found = list(csv.DictReader(io.StringIO(csv_file.render(report()))))

        assert [row["team"] for row in found[:2]] == [NASTY.replace("\x1b", "\ufffd"), "support"]
        assert (found[-1]["team"], found[-1]["spend_usd"]) == ("total", "10.0")
        assert found[0]["savings_usd"] == ""

    @pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x"])
    def test_no_name_is_run_as_a_formula(self, name):
        text = csv_file.render(build("model", "a", "b", [CostRow(name, requests=1)]))

        assert next(iter(csv.DictReader(io.StringIO(text))))["model"] == "'" + name

    @pytest.mark.parametrize("name", ["\t=1", "\r=1", "a\nb,c", 'a"b'])
    def test_no_name_breaks_a_line(self, name):
        found = list(csv.reader(io.StringIO(csv_file.render(build("model", "a", "b", [CostRow(name, requests=1)])))))

        assert {len(row) for row in found} == {len(record(build("model", "a", "b", []).total))}
        assert len(found) == 3


class TestObserved:
    """What enforcing would have changed is shown for teams that are only observed."""

    REPORT = build("team", "a", "b", [CostRow("search", requests=9, would_drop=4), CostRow("legal", requests=1)])

    def test_a_message_for_people_says_how_many(self):
        console = Console(width=120, file=io.StringIO(), color_system=None)
        console.print(table.render(self.REPORT, 120))
        assert "4 requests would have lost a target in enforce mode: search 4" in console.file.getvalue()

    def test_programs_get_it_a_row(self):
        assert [row["would_drop"] for row in as_json(self.REPORT)["rows"]] == [4, 0]


class TestTable:
    @pytest.mark.parametrize("width", [60, 80, 120, 250])
    def test_it_fits_and_shows_what_matters_at_any_width(self, width):
        console = Console(width=width, file=io.StringIO(), color_system=None)
        console.print(table.render(report(), width))
        lines = console.file.getvalue().splitlines()

        assert max(map(len, lines)) <= width
        assert "spend" in lines[2]
        assert any(line.strip().startswith("total") and "$10.00" in line for line in lines)
        assert not any("…" in line for line in lines)

    def test_names_are_neither_markup_nor_obeyed_by_the_terminal(self):
        console = Console(width=200, file=io.StringIO(), color_system=None)
        rows = [CostRow("[red]x[/]\x1b]0;x\x07", requests=1)]
        console.print(table.render(build("model", "a", "b", rows), 200))

        assert "[red]x[/]" in console.file.getvalue()
        assert "\x1b" not in console.file.getvalue()

    def test_a_span_without_a_request_says_so(self):
        console = Console(width=100, file=io.StringIO())
        console.print(table.render(build("team", "a", "b", []), 100))

        assert "no request in this span" in console.file.getvalue()


class TestSpan:
    NOW = 1_795_348_800 * 10**9  # 2026-11-22 12:00 UTC
    DAY = 86_400 * 10**9

    def test_without_days_it_is_the_running_month(self):
        span = days(None, None, self.NOW)

        assert (span.first, span.last) == ("2026-11-01", "2026-11-22")
        assert (span.to_ns - span.from_ns) // self.DAY == 22

    def test_both_days_are_included(self):
        span = days("2026-11-05", "2026-11-05", self.NOW)

        assert span.to_ns - span.from_ns == self.DAY

    def test_with_a_last_day_only_it_begins_with_that_month(self):
        assert days(None, "2026-09-10", self.NOW).first == "2026-09-01"

    @pytest.mark.parametrize(("first", "last"), [("2026-11-06", "2026-11-05"), ("soon", None), (None, "2026-02-30")])
    def test_what_is_not_a_span_is_reported(self, first, last):
        with pytest.raises(ValueError, match=r"before|is not a date"):
            days(first, last, self.NOW)

    def test_back_from_now(self):
        span = back(3600 * 10**9, self.NOW)

        assert (span.first, span.last) == ("2026-11-22 11:00", "2026-11-22 12:00")
        assert span.to_ns > self.NOW
