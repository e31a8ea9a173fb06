"""Reads a Dockerfile and a .dockerignore far enough to ask what they promise."""

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Step:
    """One instruction, its lines joined, comments gone."""

    word: str
    rest: str

    def words(self) -> list[str]:
        """The list of an exec form; empty for a shell form."""
        try:
            found = json.loads(self.rest[self.rest.index("[") :])
        except ValueError:
            return []
        return [str(word) for word in found]


def steps(path: Path) -> list[Step]:
    lines = [
        line for line in path.read_text("utf-8").splitlines() if not re.match(r"\s*(#|$)", line)
    ]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Step(*line.split(maxsplit=1)) for line in joined.splitlines()]


def stages(path: Path) -> list[list[Step]]:
    """The stages; what stands before the first FROM is left out."""
    found: list[list[Step]] = []
    for step in steps(path):
        if step.word == "FROM":
            found.append([])
        if found:
            found[-1].append(step)
    return found


def environment(stage: list[Step]) -> dict[str, str]:
    pairs = [
        pair
        for step in stage
        if step.word == "ENV"
        for pair in re.findall(r"(\S+?)=(\S*)", step.rest)
    ]
    return dict(pairs)


def copied(stage: list[Step]) -> list[str]:
    """What is copied from the context."""
    return [
        source
        for step in stage
        if step.word == "COPY" and "--from=" not in step.rest
        for source in step.rest.split()[:-1]
    ]


def allowed(ignore: Path, name: str) -> bool:
    """Whether a file of the context reaches the builder; the last rule that matches decides."""
    verdict = True
    for line in ignore.read_text("utf-8").splitlines():
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        pattern = rule.removeprefix("!")
        path = PurePosixPath(name)
        if any(_matches(str(part), pattern) for part in (path, *path.parents)):
            verdict = rule.startswith("!")
    return verdict


def _matches(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern[3:]) for part in path.split("/"))
    # A star stays inside its segment.
    return path.count("/") == pattern.count("/") and all(
        fnmatch(part, wanted)
        for part, wanted in zip(path.split("/"), pattern.split("/"), strict=True)
    )
