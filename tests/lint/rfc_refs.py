#!/usr/bin/env python3
"""Every reference to an RFC has the one form that grep finds: RFC 8460, 4.4.

Section numbers follow the number of the RFC after a comma and a blank, an appendix as
"app. B", all of it on one line. Lower case without a blank ("rfc8460") is left alone:
that is a URL or a file name.

  rfc_refs.py [ROOT]     exit status: 0 clean, 1 findings
"""

import pathlib
import re
import sys

SUFFIXES = {".h", ".cc", ".sql", ".md", ".py", ".sh", ".cmake", ".txt", ".yaml", ".yml"}
# Nothing in build/ is ours; the corpus is other people's words; this folder holds the
# wrong forms on purpose.
SKIPPED = ["build", "tests/corpus", "tests/lint", "tests/web/node_modules"]

# What may stand between the end of a line and the text of the next: a comment marker.
BREAK = r"[ \t]*\n[ \t]*(?://+|#+|--|\*)?[ \t]*"
SECTION_WORD = r"(?:§|\b[Ss](?:ect?(?:ion)?s?)\b\.?|\b[Cc]hapter\b|\b[Aa]ppendix\b)"

RULES = [
    (re.compile(r"\bRFC[-_]?\d+"), "write a blank: RFC 8460"),
    (re.compile(r"\b(?:rfc|Rfc)[ \t]+\d+"), "write capitals: RFC 8460"),
    (re.compile(r"\bRFC(?:[ \t]{2,}|\t)\d+"), "one blank: RFC 8460"),
    (re.compile(r"\bRFC" + BREAK + r"\d+"), "on one line: RFC 8460"),
    (re.compile(r"\bRFC \d+," + BREAK + r"(?:\d+\.\d|app\. [A-Z]\b)"),
     "on one line: RFC 8460, 4.4"),
    (re.compile(r"\bRFC \d+,?[ \t]*" + SECTION_WORD), "without the word: RFC 8460, 4.4"),
    (re.compile(r"\bRFC \d+[ \t]*[ \t:/(][ \t]*\d+(?:\.\d+)*\b"),
     "with a comma: RFC 8460, 4.4"),
    (re.compile(r"\bRFC \d+,\d"), "a blank after the comma: RFC 8460, 4.4"),
    (re.compile(SECTION_WORD + r"[ \t]*[\dA-Z][\d.]*[ \t]+(?:of|in)[ \t]+(?:the[ \t]+)?RFC"),
     "the RFC first: RFC 8460, 4.4"),
]


def check_text(name, text):
    """What is wrong in `text`, one sentence each, in order."""
    found = []
    for pattern, remedy in RULES:
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            shown = " ".join(match.group().split())
            found.append((line, f"{name}:{line}: \"{shown}\": {remedy}"))
    return [sentence for _, sentence in sorted(found)]


def sources(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        skipped = any(name == skip or name.startswith(skip + "/") for skip in SKIPPED)
        if path.suffix in SUFFIXES and not hidden and not skipped and path.is_file():
            yield name


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found, count = [], 0
    for name in sources(root):
        count += 1
        text = (root / name).read_text(encoding="utf-8", errors="replace")
        found += check_text(name, text)
    if count == 0:
        print(f"{root}: nothing to read there; give the folder of the project")
        return 1
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{count} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
