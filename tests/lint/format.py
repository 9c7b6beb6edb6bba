#!/usr/bin/env python3
"""Every tracked .h and .cc is as clang-format 14 leaves it, by .clang-format.

Another major version breaks lines in other places, so with any other this is skipped,
and says so.

  format.py [ROOT]     exit status: 0 clean, 1 findings, 77 skipped (ctest knows it)
"""

import pathlib
import re
import shutil
import subprocess
import sys

WANTED = 14  # Debian 12's; Debian 13 has the package clang-format-14 no more
SKIPPED = 77
SUFFIXES = (".h", ".cc")
# Files on one command line: far below any limit of its length.
BATCH = 200


def major_version(text):
    """14 of "Debian clang-format version 14.0.6", or None."""
    match = re.search(r"version (\d+)\.", text)
    return int(match.group(1)) if match else None


def find_tool():
    """The path of a clang-format of the wanted version, or None and why there is none."""
    seen = []
    for name in (f"clang-format-{WANTED}", "clang-format"):
        path = shutil.which(name)
        if path is None:
            continue
        out = subprocess.run([path, "--version"], capture_output=True, text=True)
        if major_version(out.stdout) == WANTED:
            return path, ""
        seen.append(f"{path} is {out.stdout.strip() or 'silent about its version'}")
    return None, "; ".join(seen) or "no clang-format is installed"


def sources(root):
    """What git tracks; where git has no say (a tarball), every source of ours."""
    git = shutil.which("git")
    if git and (root / ".git").exists():
        out = subprocess.run([git, "-C", str(root), "ls-files", "-z"], capture_output=True)
        if out.returncode == 0:
            names = [name.decode() for name in out.stdout.split(b"\0") if name]
            return [n for n in names if n.endswith(SUFFIXES) and (root / n).exists()]
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*"))]
    return [n for n in names if n.endswith(SUFFIXES)
            and not n.startswith(("build/", "."))]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    tool, why = find_tool()
    if tool is None:
        print(f"SKIPPED: needs clang-format {WANTED} (package clang-format-{WANTED}): {why}")
        return SKIPPED
    names = sources(root)
    if not names:
        print(f"{root}: no sources of ours there; give the folder of the project")
        return 1
    bad = []
    for at in range(0, len(names), BATCH):
        out = subprocess.run([tool, "--dry-run", "-Werror", *names[at:at + BATCH]],
                             cwd=root, capture_output=True, text=True)
        if out.returncode != 0:
            sys.stdout.write(out.stderr)
            files = re.findall(r"^(.+?):\d+:\d+: error:", out.stderr, re.M)
            # No file named: the tool itself failed, which must not pass for clean.
            bad += files or [f"({tool} failed)"]
    bad = sorted(set(bad))
    if bad:
        print(f"remedy: {tool} -i " + " ".join(bad))
    print(f"{len(names)} files, {len(bad)} not formatted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
