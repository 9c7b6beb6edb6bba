"""The page in a real browser: what it shows of real reports, of none, of hostile ones, and
to whom. Every test ends with a browser that has nothing to complain about.
"""

import json

import pytest

import reports
from browser import Browser, Keys, origin_of, quoted
from conftest import Daemon, free_port, running, table, wait_until
from http_client import Api
from reports import days_ago, detail, policy, sts, window

COUNTED = ("google.com", "microsoft.com")
LONG = "long " * 2048
# What somebody who writes reports may try, in any field that is theirs.
HOSTILE = {
    "script": "<script>alert('script')</script>",
    "image": "<img src=x onerror=alert('image')>",
    "attribute": "\" onmouseover=\"alert('attribute')\" x=\"",
    "vector": "'><svg/onload=alert('vector')>",
    "link": "javascript:alert('link')",
    "entity": "&lt;script&gt;alert('entity')&lt;/script&gt;",
    "override": "invoice\u202efdp.exe",
    "unseen": "goo\u200bgle.com\u2066\u0085",
    "piled": "Z" + "\u0301" * 300,
    "sql": "'; DROP TABLE report; --",
    "template": "{{constructor.constructor('alert(1)')()}}${alert(1)}",
    "long": LONG,
}


def fortnight(domain, **changes):
    return [reports.report(sts(domain, 50, **changes), day=day, reporter=reporter)
            for day in window(15) for reporter in COUNTED]


def hostile(text, day, reporter=None):
    """A report with `text` wherever a stranger may write."""
    one = reports.report(
        sts("hostile.example", 5, 3, [
            {**detail("certificate-expired", 2, text, text),
             "additional-information": text, "receiving-mx-helo": text,
             "receiving-ip": text, "sending-mta-ip": text},
            detail(text[:60], 1, "mx1.hostile.example")]),
        report_id=text, day=day)
    return {**one, "organization-name": text, "contact-info": reporter or text}


@pytest.fixture(scope="module")
def filled(first_start):
    domains = ("clean.example", "firm.example", "empty.example", "hostile.example",
               "bücher.example", ".hosted.example")
    with running(first_start, domains=domains) as daemon:
        files = fortnight("clean.example") + fortnight("xn--bcher-kva.example")
        files += [reports.report([
            sts("firm.example", 1000, 3, [detail("certificate-expired", 3)]),
            policy("tlsa", "firm.example", 900)], day=day) for day in window(15)]
        paths = reports.write_json(daemon.base / "in", files)
        daemon.cli("import", "--vouch", *paths)
        # Vouched for by the operator, and by nobody: both are shown.
        paths = reports.write_json(daemon.base / "hostile", [
            hostile(text, days_ago(3 + i), "a@" + "strange.example")
            for i, text in enumerate(HOSTILE.values())])
        daemon.cli("import", "--vouch", *paths)
        for i, text in enumerate(HOSTILE.values()):
            one = hostile(text, days_ago(3 + i))
            # [] for the headers: these strings would not survive in a Subject.
            daemon.send(reports.mail([], "hostile.example", payloads=[
                json.dumps(one).encode()]), to="tlsrpt@hostile.example")
        copy = files[-1]
        daemon.send(reports.mail(copy))
        daemon.send(reports.mail(reports.report(
            sts("firm.example", 7, 5, [detail("validation-failure", 5)]),
            day=days_ago(4), reporter="sender.example"), reporter="sender.example"))
        daemon.send(reports.mail([], payloads=[b"{<img src=x>"]), to="tlsrpt@firm.example",
                    sender='"<b>"@there.example')
        daemon.drained().evaluated()
        yield daemon


# --- what is shown ------------------------------------------------------------------


def test_list_of_domains(browser):
    def listed():
        browser.open()
        return dict(zip(browser.texts("tbody th"), browser.texts("tbody tr")))

    # A list tells what the worker found last.
    wait_until("all are evaluated", lambda: "Not known" not in str(listed()))
    rows = listed()
    assert "Not ready" in rows["firm.example"]
    assert "Not enough evidence" in rows["clean.example"]
    assert "every domain below it" in rows[".hosted.example"]
    (idn,) = [row for row in rows if row.startswith("xn--bcher-kva.example")]
    assert "bücher.example" in idn
    assert browser.driver.title == "Domains – tlsrptd"
    assert "reports stored" in browser.see("stored", "#state").text("#state")


def test_list_by_state_and_name(browser):
    wait_until("it is evaluated", lambda: "Not ready\n1" in browser.open().texts(".state"))
    browser.one(".state[href*=not_ready]").click()
    browser.see("Not ready\n1", ".chosen").settled()
    assert browser.texts("tbody th") == ["firm.example"]
    assert browser.place() == "#/?state=not_ready"
    browser.one("#search").send_keys("clean", Keys.ENTER)
    browser.see("No domain is like this").link("Show all domains")
    wait_until("all of them", lambda: len(browser.texts("tbody th")) == 6)
    browser.one("#search").send_keys("N.EXAMPLE", Keys.ENTER)
    wait_until("fewer", lambda: browser.texts("tbody th") == ["clean.example"])
    browser.driver.back()
    wait_until("all again", lambda: len(browser.texts("tbody th")) == 6)


def test_domain_says_what_stands_in_the_way_first(browser):
    browser.open("#/domains/firm.example")
    assert browser.text("h1") == "firm.example"
    assert browser.text(".verdict h2") == "Not ready"
    assert "Enforce would have refused" in browser.text(".verdict .sentence")
    first = browser.text(".obstacles > li")
    assert first.startswith("fail") and "No refused sessions" in first
    assert "What to do: Renew the certificate of mx1.firm.example" in first
    titles = browser.texts("main h2")
    assert titles.index("What stands in the way") < titles.index("Sessions by day")


def test_each_criterion_opens(browser):
    browser.open("#/domains/firm.example")
    items = browser.all(".criteria > li")
    assert len(items) == 17
    one = [item for item in items if "Sessions seen" in item.text][0]
    one.find_element("css selector", "summary").click()
    assert "sessions_seen" in one.text and "sessions 14,0" in one.text.replace("\n", " ")
    # What a criterion rests on leads to the report.
    refused = [item for item in items if "No refused sessions" in item.text][0]
    refused.find_element("css selector", "summary").click()
    refused.find_element("link text", "report 1").click()
    browser.see("Report of").settled()
    assert "certificate-expired" in browser.text()


def test_ready_domain_shows_the_plan(browser):
    browser.open("#/domains/clean.example?live=false")
    assert browser.text(".verdict h2") == "Ready to enforce"
    assert "From reports alone" in browser.text(".verdict")
    steps = browser.text(".steps")
    assert "version: STSv1\nmode: enforce\nmx: mx1.clean.example" in steps
    browser.one(".copyable button").click()
    browser.see("C", ".copyable [role=status]")  # Copied, or Selected: Ctrl+C


def figures(browser):
    return [text.split("\n")[0] for text in browser.texts(".figure")]


def test_counts_are_of_one_kind_and_never_added(browser):
    """Microsoft's doubled blocks: 1000 under sts, 900 of them under tlsa too."""
    browser.open("#/domains/firm.example")
    days = len(window(15))
    assert figures(browser)[:2] == [f"{1000 * days:,}", f"{3 * days}"], "distinct"
    browser.open("#/domains/firm.example?series=tlsa")
    assert figures(browser)[:2] == [f"{900 * days:,}", "0"]
    browser.open("#/domains/firm.example?series=sts&days=14")
    assert figures(browser)[:2] == ["12,000", "36"], "window(15) ends the day before yesterday"


def test_chart_is_drawn_and_has_its_numbers_as_a_table(browser):
    browser.open("#/domains/firm.example")
    wait_until("the chart is drawn", lambda: browser.script(
        "const chart = globalThis.Chart?.getChart(document.querySelector('canvas'));"
        "return chart && chart.data.labels.length === 30"
        " && chart.data.datasets.some((one) => one.data.includes(1000))"))
    assert "nobody vouches" in browser.text(".legend")
    browser.driver.find_element("xpath", "//summary[.='The numbers as a table']").click()
    cells = browser.text(".figures").split("\n")
    assert f"{days_ago(4)} 1 1,000 3 0 1 7 5 0" in cells, "vouched | nobody vouches"


def test_what_nobody_vouches_for_stands_apart(browser):
    browser.open("#/domains/firm.example")
    assert "1 report that nobody vouches for: 7 successful, 5 failed" in browser.text(
        ".headline")
    assert "validation-failure" not in browser.text(".failures")
    browser.driver.find_element(
        "xpath", "//summary[.='Failures that nobody vouches for']").click()
    browser.see("validation-failure")


def test_report_says_why_it_does_not_count(browser):
    browser.open("#/domains/firm.example")
    rows = browser.texts(".reports tbody tr")
    unvouched = [row for row in rows if "Sender" in row]
    assert len(unvouched) == 1 and "Nobody vouches for it" in unvouched[0]
    assert "Found: no DKIM signature." in unvouched[0]
    assert any("yes" in row for row in rows)
    # window(15) begins a day before the verdict's window.
    assert "Before the window" in rows[-1]
    browser.open("#/domains/clean.example")
    assert not any("A copy" in row for row in browser.texts(".reports tbody tr"))
    assert len(browser.texts(".reports tbody tr")) == 25
    browser.driver.find_element("xpath", "//button[.='Show more']").click()
    wait_until("the rest", lambda: len(browser.texts(".reports tbody tr")) > 25)


def test_what_is_held_says_why(browser):
    browser.open().see("in quarantine", "#state")
    browser.one("#state a").click()
    browser.see("Quarantine", "h1").settled()
    rows = browser.texts(".quarantine tbody tr")
    assert len(rows) == 1, rows
    assert '"<b>"@there.example' in rows[0] and "1 report held" in rows[0]


def test_no_report_yet(browser):
    browser.open("#/domains/empty.example")
    assert ('_smtp._tls.empty.example. TXT "v=TLSRPTv1; rua=mailto:tlsrpt@empty.example"'
            in browser.text())
    assert "port 25" in browser.text()
    assert "No failed session" in browser.text()


# --- what strangers wrote -----------------------------------------------------------


def open_everything(browser):
    """Every fold open, every cut text whole."""
    browser.script("for (const one of document.querySelectorAll('details')) one.open = true;"
                   "for (const one of document.querySelectorAll('button.inline')) one.click();")


def assert_nothing_of_it_lives(browser):
    found = browser.script(
        "return [...document.querySelectorAll('main script, main img, main svg[onload],"
        " main iframe, main [onerror], main [onmouseover], main [style]')]"
        ".filter((one) => !one.matches('canvas')).map((one) => one.outerHTML)")
    assert found == []
    links = browser.script("return [...document.links].map((one) => one.href)")
    assert all(browser.is_ours(link) for link in links), links
    assert browser.script("return document.documentElement.scrollWidth"
                          " <= document.documentElement.clientWidth"), "it bursts its box"


@pytest.mark.parametrize("width", [1200, 380])
def test_hostile_reports_in_the_domain(browser, width):
    browser.look(width=width)
    browser.load("#/domains/hostile.example")
    open_everything(browser)
    text = browser.text()
    for why, said in HOSTILE.items():
        if why not in ("override", "unseen", "piled", "long"):
            assert said in text, why
    assert "invoiceU+202Efdp.exe" in text and "\u202e" not in text
    assert "gooU+200Bgle.comU+2066U+0085" in text
    assert "Z" + "\u0301" * 4 + "U+0301" in text
    assert_nothing_of_it_lives(browser)


@pytest.mark.parametrize("why", HOSTILE)
def test_hostile_report_alone(filled, browser, why):
    page = Api(filled.ports["api"]).json(
        f"/v1/domains/hostile.example/reports?from={days_ago(60)}&limit=500")
    day = str(days_ago(3 + list(HOSTILE).index(why)))
    ids = [one["id"] for one in page["items"] if one["day"] == day]
    assert len(ids) == 2, "one vouched for by the operator, and one by nobody"
    for go, report_id in zip([browser.load, browser.open], ids):
        go("#/reports/" + quoted(report_id))
        open_everything(browser)
        assert "certificate-expired" in browser.text()
        assert_nothing_of_it_lives(browser)


# --- getting about ------------------------------------------------------------------


def test_links_reload_and_back(browser):
    browser.load().link("firm.example").see("firm.example", "h1").settled()
    assert browser.place() == "#/domains/firm.example"
    browser.one("#series option[value=sts]").click()
    browser.at("#/domains/firm.example?series=sts")
    browser.driver.refresh()
    browser.settled()
    assert browser.text("h1") == "firm.example"
    assert browser.script("return document.getElementById('series').value") == "sts"
    browser.driver.back()
    browser.at("#/domains/firm.example")
    browser.driver.back()
    browser.see("Domains", "h1").settled()
    assert browser.all("tbody tr")
    browser.driver.forward()
    browser.see("firm.example", "h1")


@table("why, place, says", [
    ("no such domain", "#/domains/other.example", "Not found"),
    ("no domain at all", "#/domains/%2e%2e", "There is no such place"),
    ("no such report", "#/reports/nothing", "Not found"),
    ("no such place", "#/a/b/c", "There is no such place"),
    ("a bad escape", "#/domains/%zz", "This did not work"),
    ("a range that is none", "#/domains/firm.example?days=x", "Sessions by day"),
    ("a series that is none", "#/domains/firm.example?series=<img>", "Sessions by day"),
    ("a cursor that is none", "#/?cursor=x", "This did not work"),
])
def test_deep_links_that_lead_nowhere(browser, why, place, says):
    browser.load(place)
    assert says in browser.text()


def test_everything_is_reached_by_keyboard(browser):
    browser.load()
    browser.press(Keys.TAB)
    assert browser.script("return document.activeElement.id") == "skip"
    browser.press(Keys.ENTER)
    wait_until("the keys go to the main part", lambda: browser.script(
        "return document.activeElement.id") == "main")
    assert browser.place() in ("", "#/")
    for _ in range(20):
        browser.press(Keys.TAB)
        if browser.script("return document.activeElement.innerText").startswith("firm.example"):
            break
    browser.press(Keys.ENTER).see("firm.example", "h1").settled()
    assert browser.script("return document.activeElement.tagName") == "H1"
    # Every fold, list and button is a stop: none is a thing to click only.
    stops = browser.script("return document.querySelectorAll("
                           "'main a, main button, main select, main summary').length")
    reached = set()
    for _ in range(stops + 5):
        browser.press(Keys.TAB)
        reached.add(browser.script("return document.activeElement.tagName"))
        if browser.script("return !document.querySelector('main')"
                          ".contains(document.activeElement)"):
            break
    assert {"A", "SELECT", "SUMMARY"} <= reached


def test_everything_has_a_name(browser):
    browser.open("#/domains/firm.example")
    nameless = browser.script(
        "return [...document.querySelectorAll('button, a, select, input, canvas, [role=img]')]"
        ".filter((one) => !one.hidden && !(one.textContent || one.ariaLabel || "
        "one.labels?.length)).map((one) => one.outerHTML)")
    assert nameless == []
    assert len(browser.all("h1")) == 1
    assert browser.one("html").get_attribute("lang") == "en"


# W3C, Web Content Accessibility Guidelines 2.1, 1.4.3.
MIN_CONTRAST = 4.5
CONTRAST = """
const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255)
  .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
const ground = (one) => {
  for (; one; one = one.parentElement) {
    const colour = parsed(getComputedStyle(one).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const found = [];
for (const one of document.querySelectorAll('body *')) {
  if (![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  if (one.closest('noscript, .skip') || one.offsetParent === null) continue;
  const [light, dark] = [luminance(parsed(getComputedStyle(one).color)), luminance(ground(one))]
    .sort((a, b) => b - a);
  const contrast = (light + 0.05) / (dark + 0.05);
  if (contrast < arguments[0]) found.push([one.outerHTML.slice(0, 90), contrast]);
}
return found;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["", "#/domains/firm.example",
                                   "#/domains/clean.example?live=false",
                                   "#/domains/empty.example"])
def test_text_is_readable(browser, scheme, place):
    browser.look(scheme=scheme)
    browser.open(place)
    assert browser.script(CONTRAST, MIN_CONTRAST) == []


@pytest.mark.parametrize("place", ["", "#/domains/firm.example",
                                   "#/domains/clean.example?live=false",
                                   "#/domains/hostile.example"])
def test_narrow_window_needs_no_sideways_scroll(browser, place):
    browser.look(width=380)
    browser.open(place)
    assert browser.script("return document.documentElement.scrollWidth") <= 380


# The last one that looks at `filled` through the list, which is long from here on.
def test_list_by_pages(filled, browser):
    """Pages are places: the back button is the page before."""
    names = [f"page{n}.example" for n in range(51)]
    filled.cli("domain", "add", *names)
    wait_until("they are listed", lambda: browser.open("#/?search=page").all(".pager a"))
    first = browser.texts("tbody th")
    assert len(first) == 50
    browser.link("Next page")
    wait_until("the rest", lambda: len(browser.texts("tbody th")) == 1)
    assert set(first + browser.texts("tbody th")) == set(names)
    browser.driver.back()
    wait_until("the first page", lambda: browser.texts("tbody th") == first)


# --- to whom, and when there is nothing ---------------------------------------------


@pytest.fixture
def fresh(request):
    """Browsers of a test, each with a profile of its own."""
    made = []

    def open_browser(daemon):
        made.append(Browser(origin_of(daemon)))
        return made[-1]

    yield open_browser
    for one in made:
        one.close()


def test_no_domain_yet(first_start, fresh):
    with running(first_start, domains=()) as daemon:
        for line in daemon.cli("domain", "list").split():
            if line.endswith(".example"):
                daemon.cli("domain", "remove", line)
        browser = fresh(daemon).open()
        assert "No domain yet" in browser.text()
        assert "tlsrptd domain add firm.example" in browser.text()
        assert browser.complaints() == []


def test_token(serving, fresh):
    token = serving.cli("token", "create").strip()
    api = Api(serving.ports["api"])
    wait_until("reads are closed", lambda: api.ask("GET", "/v1/domains").status == 401)
    browser = fresh(serving).open("#/domains/firm.example")
    assert "A token is needed" in browser.text()
    assert browser.script("return document.activeElement.id") == "token"
    browser.press("wrong", Keys.ENTER)
    wait_until("it is asked again", lambda: browser.script(
        "return document.getElementById('token')?.value === ''"))
    browser.press(token, Keys.ENTER).see("firm.example", "h1").settled()
    # Kept for the tab: a reload asks for nothing, and nothing else keeps it.
    browser.driver.refresh()
    browser.see("firm.example", "h1").settled()
    assert browser.script("return Object.values(localStorage).concat(document.cookie)") == [""]
    assert token not in browser.place() and token not in browser.driver.page_source
    assert all(token not in url for url in browser.requests())
    browser.one("#forget").click()
    browser.see("A token is needed")
    assert browser.script("return Object.keys(sessionStorage)") == []
    assert browser.complaints() == []


def test_token_of_one_domain(serving, fresh):
    serving.cli("domain", "add", "other.example")
    token = serving.cli("token", "create", "--for", "firm.example").strip()
    api = Api(serving.ports["api"], token)
    wait_until("the token opens", lambda: api.ask("GET", "/v1/domains").status == 200)
    browser = fresh(serving).open("#/domains/other.example")
    wait_until("the door is closed", lambda: browser.open(
        "#/domains/other.example").all("#token"))
    browser.press(token, Keys.ENTER)
    wait_until("an answer", lambda: not browser.all("#token"))
    browser.settled()
    assert any(words in browser.text() for words in ("Not for this token", "Not found"))
    browser.open("#/")
    assert browser.texts("tbody th") == ["firm.example"]
    assert browser.complaints() == []


def test_database_away_and_back(base, own_postgres, fresh):
    daemon = Daemon(base, database=own_postgres.dsn)
    try:
        daemon.start("--migrate")
        browser = fresh(daemon).open()
        assert browser.texts("tbody th") == ["firm.example"]
        own_postgres.stop()
        browser.driver.refresh()
        browser.see("The database is away")
        assert "nothing is lost" in browser.text()
        own_postgres.start()
        # By itself: nobody presses anything.
        browser.see("firm.example").settled()
        assert browser.complaints() == []
    finally:
        daemon.clean_up()


def test_daemon_away(daemon, fresh):
    daemon.flags += ["--api", f"127.0.0.1:{free_port()}"]
    browser = fresh(daemon.start()).open()
    daemon.stop()
    browser.script("location.hash = '#/domains/firm.example'")
    browser.see("No answer")
    assert "tries again by itself" in browser.text()
    daemon.start()
    browser.see("firm.example", "h1")


# --- how it is served ---------------------------------------------------------------


def test_the_daemon_says_where_it_is(filled):
    assert f"\nThe page: {origin_of(filled)}/\n" in filled.log_path.read_text()


def test_headers(filled):
    api = Api(filled.ports["api"])
    first = api.ask("GET", "/", Accept_Encoding="gzip")
    assert (first.status, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy_said = first.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                 "base-uri 'none'", "form-action 'none'", "trusted-types 'none'"):
        assert part in policy_said
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["referrer-policy"] == "no-referrer"
    again = api.ask("GET", "/", Accept_Encoding="gzip", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    script = api.ask("GET", "/page/chart.js", Accept_Encoding="gzip")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert b"Chart.js" in script.unpacked()[:100]
    assert api.ask("HEAD", "/page/main.js").body == b""


@table("why, method, target, status", [
    ("a file that is none", "GET", "/page/nothing.js", 404),
    ("a way out of the folder", "GET", "/page/../page/main.js", 400),
    ("an escaped way out", "GET", "/page/%2e%2e/main.js", 400),
    ("a change", "POST", "/", 404),
    ("data are no page", "GET", "/v1/nothing", 404),
])
def test_not_served(filled, why, method, target, status):
    answer = Api(filled.ports["api"]).ask(method, target)
    assert answer.status == status, answer.body
    assert "sandbox" in answer.headers["content-security-policy"]


def test_host_is_checked_for_the_page_too(filled):
    answer = Api(filled.ports["api"]).ask("GET", "/", Host="evil.example")
    assert answer.status == 403


def test_needs_no_token(serving):
    serving.cli("token", "create")
    api = Api(serving.ports["api"])
    wait_until("reads are closed", lambda: api.ask("GET", "/v1/domains").status == 401)
    assert api.ask("GET", "/").status == 200
    assert api.ask("GET", "/page/main.js").status == 200
