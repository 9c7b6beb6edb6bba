#!/usr/bin/env python3
"""Which room may include which: fails on any edge that is not in the table below.

Reads the #include lines of every .h and .cc in the rooms, and the USES lists of the
root CMakeLists.txt. An edit in a parser builds in seconds only as long as the pure
rooms see neither Asio nor a database, and an api that cannot reach the writer cannot
change a row.

  includes.py [ROOT]     exit status: 0 clean, 1 findings
"""

import pathlib
import re
import sys

# Room -> the rooms it may use, besides itself. A folder with C++ in it that is not here
# is a finding: a new room is a decision, and is written down in this table.
MODEL = ["base", "store/model"]
DATABASE = ["base", "base/ops", "sql"]
ROOMS = {
    "base": [],
    "base/net": ["base"],
    "base/ops": ["base"],
    "sql": [],
    "store/model": ["base"],
    "store/pg": DATABASE,
    "store/schema": DATABASE + ["store/pg"],
    "store/embedded": DATABASE + ["store/pg"],
    "store/work": DATABASE + ["store/pg"],
    "store/fleet": DATABASE + ["store/model", "store/pg", "store/work"],
    "store/receipts": DATABASE + ["store/model", "store/pg"],
    "store/writer": DATABASE + ["store/model", "store/pg", "store/receipts",
                                "store/work"],
    "store/queries": DATABASE + ["store/model", "store/pg", "store/receipts"],
    # What an administrator turns: domains and tokens, no report.
    "store/admin": DATABASE + ["store/model", "store/pg", "store/work"],
    "ingest/mail": ["base"],
    "ingest/unpack": MODEL + ["ingest/mail"],
    "ingest/dkim": MODEL + ["ingest/mail"],
    "ingest/report": MODEL,
    "ingest/spool": ["base"],
    "ingest/smtp": ["base", "base/net", "base/ops", "ingest/spool"],
    # To see that a body is gzip, zip or JSON, and nothing more of it.
    "ingest/https": MODEL + ["base/net", "base/ops", "ingest/spool", "ingest/unpack"],
    "ingest/import": MODEL + ["base/net", "base/ops", "ingest/unpack", "ingest/spool",
                              "ingest/flow", "store/writer"],
    # Made-up reports as text, and looks that nobody took.
    "ingest/demo": MODEL,
    "ingest/probe": MODEL + ["base/net", "base/ops"],
    "ingest/flow": MODEL + ["base/net", "base/ops", "ingest/mail", "ingest/unpack",
                            "ingest/dkim", "ingest/report", "ingest/spool",
                            "store/writer"],
    "ingest/rework": MODEL + ["base/ops", "ingest/mail", "ingest/unpack", "ingest/report",
                              "ingest/spool", "ingest/flow", "store/receipts",
                              "store/writer"],
    "api/readiness": MODEL,
    # store/pg for the connections; what they may write is the business of their roles.
    "api/fleet": MODEL + ["base/ops", "api/readiness", "store/pg", "store/queries",
                          "store/work", "store/fleet"],
    "api/rest": MODEL + ["base/net", "base/ops", "api/readiness", "api/fleet", "store/pg",
                         "store/queries", "store/admin"],
    # Files, answered as the API answers: the same entity tags, the same headers.
    "api/web": ["base", "api/rest"],
    "cmd": None,  # everything: it connects the rooms
}

# Bytes and values: no socket, no database.
PURE = ["base", "store/model", "ingest/mail", "ingest/unpack", "ingest/dkim",
        "ingest/report", "ingest/demo", "api/readiness"]
WORLDLY = ["boost/asio", "boost/asio.hpp", "boost/beast", "boost/beast.hpp", "pqxx",
           "libpq-fe.h", "sqlite3.h", "unbound.h"]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include\b[ \t]*(.*)$', re.M)
TARGET = re.compile(r'^(?:"([^"]+)"|<([^>]+)>)')
ROOM_CALL = re.compile(r'\btlsrptd_room\s*\(([^)]*)\)')
KEYWORDS = {"USES", "LIBS", "EXECUTABLE"}


def may_use(room, other):
    return room == other or ROOMS[room] is None or other in ROOMS[room]


def under(path, folder):
    return path == folder or path.startswith(folder + "/")


def without_comments(text):
    """`text` without /* */ comments, its line numbers kept."""
    return re.sub(r"/\*.*?\*/", lambda match: "\n" * match.group().count("\n"), text,
                  flags=re.S)


def check_file(root, name):
    """What is wrong with the includes of the file `name`, relative to `root`."""
    room = str(pathlib.PurePosixPath(name).parent)
    if room not in ROOMS:
        yield f"{name}: the folder {room} is no room of tests/lint/includes.py"
        return
    text = without_comments((root / name).read_text(encoding="utf-8", errors="replace"))
    for match in INCLUDE.finditer(text):
        where = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        target = TARGET.match(match.group(1))
        if not target:
            yield f"{where}: cannot tell what is included: {match.group().strip()}"
            continue
        quoted, system = target.groups()
        path = quoted or system
        other = str(pathlib.PurePosixPath(path).parent)
        if quoted or any(under(path, known) for known in ROOMS):
            if other not in ROOMS:
                yield (f"{where}: \"{path}\": includes are relative to the root and name "
                       "a room")
            elif not may_use(room, other):
                yield f"{where}: {room} may not use {other} ({path})"
        elif room in PURE and any(under(path, taboo) for taboo in WORLDLY):
            yield f"{where}: {room} is pure and may not include <{path}>"


def check_cmake(root):
    """USES lists that allow more than the table."""
    path = root / "CMakeLists.txt"
    if not path.exists():
        return
    text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
    for match in ROOM_CALL.finditer(text):
        where = f"CMakeLists.txt:{text.count(chr(10), 0, match.start()) + 1}"
        room, *words = match.group(1).split()
        if room not in ROOMS:
            yield f"{where}: {room} is no room of tests/lint/includes.py"
            continue
        keyword = None
        for word in words:
            if word in KEYWORDS:
                keyword = word
            elif keyword == "USES" and word not in ROOMS:
                yield f"{where}: {room} USES {word}, which is no room"
            elif keyword == "USES" and not may_use(room, word):
                yield f"{where}: {room} may not use {word}"


def check_cycles():
    """Nothing walks back: following the table never leads to where it began."""
    for start in ROOMS:
        seen, todo = set(), list(ROOMS[start] or [])
        while todo:
            room = todo.pop()
            if room not in seen:
                seen.add(room)
                todo += ROOMS[room] or []
        if start in seen:
            yield f"tests/lint/includes.py: {start} uses itself through other rooms"


def sources(root):
    for top in sorted({room.split("/")[0] for room in ROOMS}):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc") and path.is_file():
                yield path.relative_to(root).as_posix()


def findings(root):
    root = pathlib.Path(root)
    yield from check_cycles()
    yield from check_cmake(root)
    for name in sources(root):
        yield from check_file(root, name)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    names = list(sources(root))
    if not names:
        print(f"{root}: no sources of ours there; give the folder of the project")
        return 1
    found = list(findings(root))
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(names)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
