"""Debian's Chromium on the page, and everything it has to complain about.

A browser that showed the page without a complaint is the promise: no error in the
console, no violation of the Content-Security-Policy, no request to anywhere else.
"""

import json
import os
import shutil
import tempfile
import urllib.parse

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from conftest import wait_until

# Runs before any script of the page, in each document.
LISTEN = """
window.complaints = [];
addEventListener('securitypolicyviolation', (event) => complaints.push(
  'policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
addEventListener('error', (event) => complaints.push('error: ' + event.message));
addEventListener('unhandledrejection', (event) => complaints.push('promise: ' + event.reason));
for (const name of ['alert', 'confirm', 'prompt']) {
  window[name] = () => complaints.push('a stranger ran ' + name);
}
"""
WAIT_SECONDS = 60  # bounds a wait for an event


class Browser:
    def __init__(self, origin, token=None):
        self.origin = origin
        self.profile = tempfile.mkdtemp(prefix="tlsrptd-browser-")
        options = Options()
        options.binary_location = shutil.which("chromium")
        options.page_load_strategy = "eager"
        for flag in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=1200,900", f"--user-data-dir={self.profile}",
                     "--disable-background-networking", "--no-first-run",
                     "--no-proxy-server", "--lang=en"):
            options.add_argument(flag)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium has none for root
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(
            service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(WAIT_SECONDS)
        self.driver.set_script_timeout(WAIT_SECONDS)
        self.command("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)

    def close(self):
        try:
            self.driver.quit()
        finally:
            shutil.rmtree(self.profile, ignore_errors=True)

    def command(self, name, **words):
        """Of the Chrome DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, words)

    def look(self, scheme="light", width=1200):
        """As a person with that system and that window."""
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900,
                     deviceScaleFactor=1, mobile=False)

    def load(self, place=""):
        """A fresh load of a place such as "#/domains/firm.example", as by a deep link."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.origin}/{place}")
        return self.settled()

    def open(self, place=""):
        """Shows a place as by a link of the page, which asks for its data anew: a load
        costs forty requests more."""
        if not self.driver.current_url.startswith(self.origin + "/"):
            return self.load(place)
        self.script("""
            document.querySelector('main').firstElementChild.isOld = true;
            if (location.hash === arguments[0]) dispatchEvent(new Event('hashchange'));
            else location.hash = arguments[0];""", place or "#/")
        return self.settled()

    def settled(self):
        """Everything that was asked for is there: nothing says that it loads."""
        wait_until("the page is there", lambda: self.script(
            "return document.readyState === 'complete'"
            " && document.querySelector('main').children.length > 0"
            " && !document.querySelector('main').firstElementChild.isOld"
            " && !document.querySelector('noscript + *, main > noscript')"
            " && !document.querySelector('.loading')"), WAIT_SECONDS)
        return self

    def at(self, place):
        """Waits until the address names the place, as it does a moment after `back`."""
        wait_until(f"the place is {place}", lambda: self.place() == place, WAIT_SECONDS)
        return self.settled()

    def script(self, text, *words):
        return self.driver.execute_script(text, *words)

    def text(self, css="main"):
        return self.one(css).text

    def texts(self, css):
        """Of each as it is read: one question, however many there are."""
        return self.script("""
            return [...document.querySelectorAll(arguments[0])]
                .map((one) => one.innerText.replaceAll('\t', ' ').trim());""", css)

    def one(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def see(self, text, css="main"):
        """Waits until it is there to be read."""
        wait_until(f"{text!r} on the page", lambda: text in self.script(
            "return document.querySelector(arguments[0])?.innerText ?? ''", css),
            WAIT_SECONDS)
        return self

    def link(self, text):
        self.driver.find_element(By.LINK_TEXT, text).click()
        return self

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()
        return self

    def place(self):
        return self.driver.execute_script("return location.hash")

    def complaints(self):
        """What went wrong since this was asked last, but requests that were refused."""
        found = self.script("return window.complaints.splice(0)")
        for line in self.driver.get_log("browser"):
            if line["level"] == "SEVERE" and "Failed to load resource" not in line["message"]:
                found.append(line["message"])
        return found + [url for url in self.requests() if not self.is_ours(url)]

    def requests(self):
        """Addresses that were asked for since this was asked last."""
        found = []
        for line in self.driver.get_log("performance"):
            event = json.loads(line["message"])["message"]
            if event["method"] != "Network.requestWillBeSent":
                continue
            # The browser's own first tab is no page of ours.
            if not event["params"]["documentURL"].startswith("chrome:"):
                found.append(event["params"]["request"]["url"])
        return found

    def is_ours(self, url):
        return url.startswith(self.origin + "/") or url == "about:blank"


def origin_of(daemon):
    return f"http://127.0.0.1:{daemon.ports['api']}"


def quoted(text):
    return urllib.parse.quote(text, safe="")
