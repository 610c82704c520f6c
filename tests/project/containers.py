"""Reads a Containerfile and reports what is unsafe or wrong in it, as far as possible without building it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PINNED = re.compile(r"[\w./-]+:v?\d+(\.\d+)+[\w.-]*(@sha256:[0-9a-f]{64})?")
_SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|API_?KEY", re.IGNORECASE)


@dataclass(frozen=True)
class Instruction:
    line: int
    name: str
    words: str


@dataclass
class Stage:
    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [one.words for one in self.instructions if one.name == name]


def instructions(text: str) -> list[Instruction]:
    """Return the instructions of a file, with continued lines joined and comments left out."""
    found: list[Instruction] = []
    begun, parts = 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#") or (not line.strip() and not parts):
            continue
        begun = begun if parts else number
        parts.append(line.strip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            name, _, words = " ".join(parts).partition(" ")
            found.append(Instruction(begun, name.upper(), words.strip()))
            parts = []
    return found


def stages(text: str) -> list[Stage]:
    """Return the stages of a file; instructions before the first stage are left out."""
    found: list[Stage] = []
    for one in instructions(text):
        if one.name == "FROM":
            base, _, name = re.sub(r"\s+AS\s+", "\0", one.words, flags=re.IGNORECASE).partition("\0")
            found.append(Stage(name, base))
        elif found:
            found[-1].instructions.append(one)
    return found


def faults(text: str, root: Path) -> list[str]:
    """Return the faults of a file, one line each."""
    found: list[str] = []
    known = stages(text)
    names: list[str] = []
    for stage in known:
        if stage.base not in names and not _PINNED.fullmatch(stage.base) and not _chosen(stage.base, names):
            found.append(f"{stage.base} is not pinned")
        names.append(stage.name)
        found += _of_stage(stage, names, root)
    for one in instructions(text):
        if one.name in {"ENV", "ARG"} and any(
            _SECRET.search(name) and value.strip('"') for name, value in re.findall(r"(\w+)=(\S+)", one.words)
        ):
            found.append(f"line {one.line}: a secret")
    return found + _of_last(known[-1])


def _chosen(base: str, names: list[str]) -> bool:
    """Tell whether a base is a build argument that chooses one of the earlier stages."""
    before, argument, _ = base.partition("${")
    return bool(argument) and any(name.startswith(before) for name in names if before)


def _of_stage(stage: Stage, names: list[str], root: Path) -> list[str]:
    found = []
    for one in stage.instructions:
        if one.name == "ADD":
            found.append(f"line {one.line}: ADD fetches and unpacks; use COPY")
        if one.name == "COPY":
            options = re.findall(r"--(\w+)=(\S+)", one.words)
            *sources, _ = [word for word in one.words.split() if not word.startswith("--")]
            origin = dict(options).get("from")
            if origin is not None and origin not in names:
                found.append(f"line {one.line}: no stage {origin}")
            if origin is None:
                found += [f"line {one.line}: no {path}" for path in sources if not (root / path).exists()]
                found += [f"line {one.line}: {path} is ignored" for path in sources if not carried(path, root)]
        if one.name == "RUN":
            if "apt-get install" in one.words and "--no-install-recommends" not in one.words:
                found.append(f"line {one.line}: apt-get install without --no-install-recommends")
            if "apt-get install" in one.words and "rm -rf /var/lib/apt/lists" not in one.words:
                found.append(f"line {one.line}: the lists of apt stay")
            if re.search(r"\bsudo\b|curl[^|]*\|\s*(ba)?sh|chmod 777", one.words):
                found.append(f"line {one.line}: sudo, a script from elsewhere, or a folder for all")
        if one.name in {"CMD", "ENTRYPOINT"} and not one.words.startswith("["):
            found.append(f"line {one.line}: a shell would not pass signals on")
        if one.name == "WORKDIR" and not one.words.startswith("/"):
            found.append(f"line {one.line}: WORKDIR is no whole path")
    return found


def _of_last(stage: Stage) -> list[str]:
    found = []
    users = stage.all("USER")
    if not users or re.match(r"(root|0)(:|$)", users[-1]):
        found.append("the image runs as root")
    if not stage.all("HEALTHCHECK"):
        found.append("no HEALTHCHECK")
    if not stage.all("CMD"):
        found.append("no CMD")
    return found


def carried(path: str, root: Path) -> bool:
    """Tell whether `.containerignore` lets a path through; it ignores everything except the paths it names."""
    lines = (root / ".containerignore").read_text("utf-8").splitlines()
    return f"!{path.removeprefix('./')}" in lines


def command(stage: Stage) -> list[str]:
    """Return the command of a stage."""
    words: list[str] = json.loads(stage.all("CMD")[-1])
    return words
