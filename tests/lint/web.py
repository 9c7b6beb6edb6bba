#!/usr/bin/env python3
"""What the page's files may not hold: any way by which a string becomes markup, code or
a style, and any address elsewhere.

The page shows what strangers wrote into reports. Its Content-Security-Policy would stop
most of what this looks for; a line that needs stopping should not be there at all.

  web.py [ROOT]     exit status: 0 clean, 1 findings
"""

import pathlib
import re
import sys

FOLDER = "api/web/static"
# Built from Debian's package, see the root CMakeLists.txt.
ELSEWHERE = {"chart.js"}

# In scripts: pattern, what it is.
TABOO = [
    (r"\b(inner|outer)HTML\b", "makes a string into markup"),
    (r"\binsertAdjacentHTML\b", "makes a string into markup"),
    (r"\bsetHTML(Unsafe)?\b|\bsrcdoc\b", "makes a string into markup"),
    (r"\bdocument\s*\.\s*write", "makes a string into markup"),
    (r"\bcreateContextualFragment\b|\bDOMParser\b", "makes a string into markup"),
    (r"\beval\b|\bnew\s+Function\b|\bFunction\s*\(", "makes a string into code"),
    (r"\bset(Timeout|Interval)\s*\(\s*['\"`]", "makes a string into code"),
    (r"javascript:", "makes a string into code"),
    (r"\bcssText\b|setAttribute\(\s*['\"]style", "makes a string into a style"),
    (r"\.on[a-z]+\s*=[^=]", "a listener by its attribute; addEventListener is the way"),
    (r"\bdocument\.cookie\b|\blocalStorage\b", "keeps something beyond the tab"),
    (r"\bcreateTreeWalker\b|\bcreatePolicy\b", "goes around Trusted Types"),
]
# The name of SVG's namespace is an address that nothing is fetched from.
ADDRESS = re.compile(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9-]+\.[a-z]", re.I)
IMPORT = re.compile(r"\b(?:from|import)\s*\(?\s*'([^']*)'")
LOADED = re.compile(r'(?:src|href)="([^"#]*)"')
INLINE = [
    (re.compile(r"<script(?![^>]*\bsrc=)", re.I), "a script in the document"),
    (re.compile(r"<style\b|\sstyle\s*=", re.I), "a style in the document"),
    (re.compile(r"<[^>]*\son[a-z]+\s*=", re.I), "a listener in the document"),
]
COMMENT = re.compile(r"^\s*(//|/?\*)")


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def check_script(name, text, names):
    for match in IMPORT.finditer(text):
        wanted = match.group(1)
        if not wanted.startswith("./") or wanted[2:] not in names:
            yield f"{name}:{line_of(text, match)}: imports {wanted}, which is no file here"
    for number, line in enumerate(text.splitlines(), 1):
        if COMMENT.match(line):
            continue
        for pattern, what in TABOO:
            if re.search(pattern, line):
                yield f"{name}:{number}: {what}: {line.strip()}"


def check_document(name, text, names):
    for pattern, what in INLINE:
        for match in pattern.finditer(text):
            yield f"{name}:{line_of(text, match)}: {what}"
    for match in LOADED.finditer(text):
        path = match.group(1)
        if path.startswith("/page/") and path[len("/page/"):] not in names:
            yield f"{name}:{line_of(text, match)}: loads {path}, which is no file here"


def check_unused(folder, names):
    """A module that nothing imports is a page that somebody forgot."""
    used = set()
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        used |= {wanted[2:] for wanted in IMPORT.findall(text)}
        used |= {path[len("/page/"):] for path in LOADED.findall(text)
                 if path.startswith("/page/")}
    for name in sorted(names - used - {"index.html"}):
        yield f"{FOLDER}/{name}: nothing loads it"


def findings(root):
    folder = pathlib.Path(root) / FOLDER
    names = {path.name for path in folder.iterdir()} | ELSEWHERE
    for path in sorted(folder.iterdir()):
        name = f"{FOLDER}/{path.name}"
        text = path.read_text(encoding="utf-8")
        for match in ADDRESS.finditer(text):
            yield f"{name}:{line_of(text, match)}: an address elsewhere: {match.group()}"
        if path.suffix == ".js":
            yield from check_script(name, text, names)
        if path.suffix == ".html":
            yield from check_document(name, text, names)
    yield from check_unused(folder, names)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    if not (root / FOLDER).is_dir():
        print(f"{root}: no page of ours there; give the folder of the project")
        return 1
    found = list(findings(root))
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(list((root / FOLDER).iterdir()))} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
