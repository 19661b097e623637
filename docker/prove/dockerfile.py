"""Reads a Dockerfile into stages of instructions, and says which files of a folder its builder would see.

Must never carry anything out, or skip an instruction that it does not know.
"""

import dataclasses
import fnmatch
import json
import pathlib
import re
import shlex

# An instruction in its shell or exec form.
KNOWN = {
    "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "STOPSIGNAL", "USER",
    "VOLUME", "WORKDIR",
}  # fmt: skip


@dataclasses.dataclass
class Step:
    """One instruction: its word, its flags without their dashes, and the rest as it is written."""

    word: str
    flags: dict
    text: str

    def words(self):
        """The rest as words: a JSON list, or what a shell would make of it."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)

    def pairs(self):
        """The rest as NAME=value, of ENV and LABEL."""
        return dict(word.split("=", 1) for word in self.words())


@dataclasses.dataclass
class Stage:
    """The steps that begin with one FROM."""

    base: str
    name: str
    steps: list

    def last(self, word):
        """The step that holds in the end, of several with this word."""
        return [step for step in self.steps if step.word == word][-1]

    def health(self):
        """The words of its health check."""
        return json.loads(self.last("HEALTHCHECK").text.removeprefix("CMD"))

    def environment(self):
        """What ENV says, all of it."""
        return {name: value for step in self.steps if step.word == "ENV" for name, value in step.pairs().items()}


def read(path):
    """The stages of a Dockerfile."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    stages = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip():
            continue
        word, rest = line.split(None, 1)
        flags = {}
        while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
            flags[match[1]] = match[2]
            rest = rest[match.end() :]
        if word not in KNOWN:
            raise ValueError(f"{path}: {word} is not known here")
        if word == "FROM":
            base, _, name = rest.strip().partition(" AS ")
            stages.append(Stage(base, name, []))
        else:
            stages[-1].steps.append(Step(word, flags, rest.strip()))
    return stages


def context(root):
    """The files of a folder that its .dockerignore lets through."""
    rules = [line for line in (root / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]

    def kept(path):
        verdict = True
        for rule in rules:
            pattern = rule.lstrip("!")
            names = [str(part) for part in (path, *path.parents)]
            if any(fnmatch.fnmatch(name, pattern) for name in names):
                verdict = rule[0] == "!"
        return verdict

    folders = {pathlib.PurePath(rule.lstrip("!")).parts[0] for rule in rules if rule[0] == "!"}
    paths = (path for folder in folders for path in [root / folder, *(root / folder).rglob("*")])
    return sorted(path for path in paths if path.is_file() and kept(path.relative_to(root)))
