"""Reads a Dockerfile: as much of the language as ours uses, and an error for the rest."""

import json
import re
import shlex

KNOWN = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE",
         "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


class Dockerfile:
    """Its instructions, in order: (name, rest of the line)."""

    def __init__(self, text):
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
        self.steps = []
        arguments = {}
        for line in filter(None, map(str.strip, joined.splitlines())):
            name, rest = line.split(None, 1)
            assert name in KNOWN, f"not read here: {name}"
            if name == "ARG":
                key, value = rest.split("=", 1)
                arguments[key] = value
            elif name == "FROM":
                rest = re.sub(r"\$\{(\w+)\}", lambda m: arguments[m.group(1)], rest)
            self.steps.append((name, rest))

    def stages(self):
        """The steps of each stage, its FROM first."""
        stages = []
        for name, rest in self.steps:
            if name == "FROM":
                stages.append([])
            if stages:
                stages[-1].append((name, rest))
        return stages

    def last(self, wanted):
        """The rest of the last such instruction: what the image is left with."""
        return [rest for name, rest in self.steps if name == wanted][-1]

    def words(self, wanted):
        """The last such instruction in its exec form: a list of words."""
        return json.loads(self.last(wanted))

    @property
    def environment(self):
        """ENV of the image."""
        pairs = [shlex.split(rest) for name, rest in self.stages()[-1] if name == "ENV"]
        return dict(pair.split("=", 1) for words in pairs for pair in words)
