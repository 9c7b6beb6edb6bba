"""The page over `tlsrptd demo`: every place that shows some of it says so, nothing real is
marked, and the browser has nothing to complain about.
"""

import pytest

import reports
from conftest import running
from http_client import Api
from reports import days_ago, sts
from test_demo import NAMES, VERDICTS

# As the page calls them (api/web/static/words.js).
WORDS = {("ready", None): "Ready to enforce", ("not_ready", None): "Not ready",
         ("insufficient_evidence", None): "Not enough evidence",
         ("enforcing", "ok"): "Enforcing", ("enforcing", "at_risk"): "Enforcing, at risk"}


@pytest.fixture(scope="module")
def filled(first_start):
    with running(first_start) as daemon:
        daemon.cli("import", "--vouch", *reports.write_json(
            daemon.base / "in", [reports.report(sts("firm.example"), day=days_ago(3))]))
        daemon.cli("demo")
        daemon.drained().evaluated()
        yield daemon


def marks(browser, css):
    """The mark as it is to be read: dashed and in words, no colour alone."""
    found = browser.all(f"{css} .demo")
    assert all(mark.is_displayed() for mark in found)
    return [mark.text for mark in found]


def test_list(browser):
    browser.open()
    rows = {row.find_element("css selector", "th a").text: row
            for row in browser.all("tbody tr")}
    assert set(rows) >= {"firm.example", *NAMES}
    for name, row in rows.items():
        marked = [mark.text for mark in row.find_elements("css selector", ".demo")]
        assert marked == (["demo"] if name in NAMES else []), name
    assert "tlsrptd demo --remove" in browser.text()
    assert browser.texts(".state")[0] == "All\n1", "the demo is in no number"


@pytest.mark.parametrize("domain, verdict", [
    (domain, WORDS[verdict, health]) for domain, _, verdict, health in VERDICTS])
def test_domain(browser, domain, verdict):
    browser.open(f"#/domains/{domain}")
    assert marks(browser, "h1") == ["demo"]
    assert "nothing about it is real" in browser.text()
    assert verdict in browser.text(".verdict h2")


def test_report(filled, browser):
    (forged,) = Api(filled.ports["api"]).all_pages(
        "/v1/domains/ready.demo.example/reports?vouched=false")
    browser.open("#/reports/" + forged["id"])
    assert marks(browser, "h1") == ["demo"]
    assert "by nobody" in browser.text()


def test_a_report_about_an_mx_host_leads_back_to_the_domain(browser):
    browser.open("#/domains/ready.demo.example")
    row = [row for row in browser.all(".reports tbody tr") if "neighbour" in row.text][0]
    row.find_element("css selector", "th a").click()
    browser.see("Report of", "h1").settled()
    assert "mx1.ready.demo.example" in browser.text(".facts")
    browser.one(".crumbs a:last-child").click()
    browser.see("ready.demo.example", "h1").settled()
    assert browser.place() == "#/domains/ready.demo.example"


def test_nothing_real_is_marked(filled, browser):
    browser.open("#/domains/firm.example")
    assert marks(browser, "main") == []
    (report,) = Api(filled.ports["api"]).all_pages("/v1/domains/firm.example/reports")
    browser.open("#/reports/" + report["id"])
    assert marks(browser, "main") == []


def test_of_the_demo_alone_nothing_is_counted(filled, browser):
    filled.cli("domain", "remove", "firm.example")
    try:
        browser.load()
        assert len(browser.texts("tbody th")) == len(NAMES)
        assert browser.texts(".state") == []
    finally:
        filled.cli("domain", "add", "firm.example")


def test_the_mark_goes_with_the_demo(filled, browser):
    """The last one: the demo is gone afterwards."""
    filled.cli("demo", "--remove")
    browser.open()
    assert browser.texts("tbody th") == ["firm.example"]
    assert "demo" not in browser.text()
    browser.open("#/domains/ready.demo.example")
    assert "Not found" in browser.text()
