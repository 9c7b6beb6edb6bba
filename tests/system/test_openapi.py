"""api/rest/openapi.yaml beside the table of routes, and through a linter. No daemon.

Real answers are held against it in test_api.py.
"""

import re
import subprocess

from conftest import SOURCE
from http_client import METHODS, OPENAPI, OPENAPI_FILE, resolve

WEB = SOURCE / "tests/web"
# A row of api/rest/routes.cc: method, pattern, name, parameters, access.
ROW = re.compile(r'\{"([A-Z]+)",\s*"([^"]+)",\s*"(\w+)",\s*"([^"]*)",\s*Access::k(\w+),')


def described():
    """operationId -> method, path, names of the query, access."""
    found = {}
    for path, item in OPENAPI["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            parameters = [resolve(one) for one in
                          item.get("parameters", []) + operation.get("parameters", [])]
            assert {one["name"] for one in parameters if one["in"] == "path"} == set(
                re.findall(r"\{(\w+)\}", path)), path
            query = {one["name"] for one in parameters if one["in"] == "query"}
            open_to_all = operation.get("security") == []
            found[operation["operationId"]] = (method.upper(), path, query, open_to_all)
    return found


def routed():
    text = (SOURCE / "api/rest/routes.cc").read_text()
    table = text[text.index("kRoutes[]"):text.index("};")]
    rows = ROW.findall(table)
    assert len(rows) == len(re.findall(r"Access::", table)), "a row in another form"
    return {name: (method, pattern, set(parameters.split()), access == "Open")
            for method, pattern, name, parameters, access in rows}


def test_it_describes_the_routes_and_no_others():
    assert described() == routed()


def test_bounds_are_those_of_the_program():
    text = (SOURCE / "api/rest/parameters.h").read_text()
    number = {name: int(value) for name, value in re.findall(
        r"constexpr \S+ k(\w+)(?: = |\{)(\d+)", text)}
    limit = OPENAPI["components"]["parameters"]["Limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (number["DefaultLimit"],
                                                    number["MaxLimit"])
    assert f"At most {number['MaxDays']} days" in (
        OPENAPI["components"]["parameters"]["From"]["description"])


def test_the_linter_finds_nothing():
    install = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=WEB, capture_output=True, text=True, timeout=600)
    assert install.returncode == 0, install.stdout + install.stderr
    lint = subprocess.run(
        ["node_modules/.bin/redocly", "lint", "--config", "redocly.yaml",
         "--max-problems=50", str(OPENAPI_FILE)],
        cwd=WEB, capture_output=True, text=True, timeout=300,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(WEB / "node_modules"),
             "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"})
    said = lint.stdout + lint.stderr
    assert lint.returncode == 0 and "warning" not in said.lower(), said
