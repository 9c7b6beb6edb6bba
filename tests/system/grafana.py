"""The dashboards as Grafana asks them: their queries out of the JSON, with what Grafana
puts in place of its macros and variables.

Only what the dashboards use is known here; anything else with a `$` is an error.
"""

import datetime
import json
import re

from conftest import SOURCE

FOLDER = SOURCE / "dashboards"
FILES = sorted(FOLDER.glob("*.json"))
UTC = datetime.timezone.utc


def load(path):
    return json.loads(path.read_text())


def panels(dashboard):
    """Every panel, those folded into rows included."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries(dashboard):
    """(what asks, SQL) of every panel and every variable of a dashboard."""
    for panel in panels(dashboard):
        for target in panel["targets"]:
            yield panel["title"], target["rawSql"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield "variable " + variable["name"], variable["query"]


def sqlstring(values):
    """${name:sqlstring}: quoted, several with commas between."""
    if isinstance(values, str):
        values = [values]
    assert values, "Grafana has no option to offer"
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def expand(sql, variables, first, last):
    """`sql` with the range of times from `first` to `last`."""
    def moment(time):
        return "'" + time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") + "'"

    text = sql.replace("$__timeFrom()", moment(first)).replace("$__timeTo()",
                                                               moment(last))
    text = re.sub(r"\$\{(\w+):sqlstring\}", lambda m: sqlstring(variables[m[1]]), text)
    assert "$" not in text, "a macro that is not known here: " + text
    return text
