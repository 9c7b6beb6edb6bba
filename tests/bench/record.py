"""Prints what a bench prints and puts it into docs/performance.md, between the lines

    <!-- bench NAME -->
    <!-- end -->

with the date, the machine and the command. What stands around it - what is wanted, what
it means - is written by hand and stays.

  some_bench ARGUMENTS | record.py NAME "COMMAND"
"""

import datetime
import os
import pathlib
import platform
import re
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/performance.md"


def machine():
    """"AMD EPYC, 2 processors, 24 GiB, Linux 6.1"."""
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    memory = int(re.search(r"MemTotal:\s+(\d+)",
                           pathlib.Path("/proc/meminfo").read_text()).group(1))
    release = ".".join(platform.release().split(".")[:2])
    return (f"{model.group(1).strip() if model else platform.machine()}, "
            f"{os.cpu_count()} processors, {round(memory / 1024 ** 2)} GiB, Linux {release}")


def main():
    name, command = sys.argv[1:]
    load = os.getloadavg()[0]
    printed = []
    for line in sys.stdin:
        print(line, end="", flush=True)
        printed.append(line)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    block = (f"<!-- bench {name} -->\n`{command}`, {today}, {machine()}, load {load:.1f} "
             "when it began:\n\n```\n" + "".join(printed) + "```\n<!-- end -->\n")
    text = PAGE.read_text()
    place = re.compile(rf"<!-- bench {re.escape(name)} -->\n.*?<!-- end -->\n", re.DOTALL)
    if not printed:
        sys.exit(f"{name}: nothing was printed; {PAGE.name} stays as it is")
    if not place.search(text):
        sys.exit(f'{PAGE}: no line "<!-- bench {name} -->"; say where the figures go')
    PAGE.write_text(place.sub(lambda _: block, text))


main()
