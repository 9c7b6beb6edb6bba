"""Plain HTTP to the daemon, and its OpenAPI description held against what it answers.

http.client rather than urllib: the target is sent as it is written here.
"""

import gzip
import http.client
import json

import jsonschema
import yaml

from conftest import SOURCE

OPENAPI_FILE = SOURCE / "api/rest/openapi.yaml"
OPENAPI = yaml.safe_load(OPENAPI_FILE.read_text())
METHODS = ("get", "post", "patch", "delete")


class Answer:
    def __init__(self, method, target, response):
        self.method = method
        self.target = target
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def unpacked(self):
        assert self.headers.get("content-encoding") == "gzip", self.headers
        return gzip.decompress(self.body)


class Api:
    """Requests to one listener, each on a connection of its own."""

    def __init__(self, port, token=None):
        self.port = port
        self.token = token

    def ask(self, method, target, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = "Bearer " + self.token
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body=body, headers=headers)
            return Answer(method, target, connection.getresponse())
        finally:
            connection.close()

    def get(self, target, status=200, **headers):
        """The answer, which is as the description says, with that status."""
        answer = self.ask("GET", target, **headers)
        assert answer.status == status, (target, answer.status, answer.body)
        check(answer)
        return answer

    def json(self, target, status=200):
        return self.get(target, status).json()

    def all_pages(self, target):
        """The items of every page."""
        items, cursor = [], ""
        while True:
            joint = "&" if "?" in target else "?"
            page = self.json(target + (f"{joint}cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return items


def operation_of(method, target):
    """The operation that describes a request, and its path."""
    segments = target.split("?")[0].split("/")
    for path, item in OPENAPI["paths"].items():
        wanted = path.split("/")
        if len(wanted) == len(segments) and all(
                want.startswith("{") or want == got
                for want, got in zip(wanted, segments)):
            return item[method.lower()]
    raise AssertionError(f"openapi.yaml knows no {method} {target}")


CHECKED = set()  # (operationId, status) of every answer that was held against the file


def check(answer):
    """Fails where an answer is not what openapi.yaml says about it."""
    operation = operation_of(answer.method, answer.target)
    responses = operation["responses"]
    described = responses.get(str(answer.status)) or responses.get(
        f"{answer.status // 100}XX")
    where = f"{operation['operationId']} {answer.status}"
    assert described, f"{where} is not in openapi.yaml: {answer.body[:500]}"
    described = resolve(described)
    CHECKED.add((operation["operationId"], answer.status))
    content = described.get("content")
    if content is None:
        assert answer.body == b"", where
        return
    media_type = answer.headers["content-type"].split(";")[0]
    assert media_type in content, f"{where}: {media_type}"
    if media_type.endswith("json"):
        validate(answer.json(), content[media_type]["schema"], where)


def resolve(node):
    while "$ref" in node:
        target = OPENAPI
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def validate(value, schema, where):
    # The schemas of OpenAPI 3.1 are JSON Schema 2020-12; "#/components/..." is the file's.
    validator = jsonschema.Draft202012Validator(
        dict(schema, components=OPENAPI["components"]),
        format_checker=jsonschema.FormatChecker())
    errors = sorted(validator.iter_errors(value), key=lambda e: list(e.absolute_path))
    assert not errors, where + ": " + "; ".join(
        f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in errors[:5])
