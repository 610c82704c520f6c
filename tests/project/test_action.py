"""The GitHub action has the right form, and its steps do what they say, with stand-ins for `rag` and `gh`."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
RUN = {step.get("name", step.get("id")): step for step in STEPS if "run" in step}
TEXT = (ROOT / "action.yml").read_text("utf-8")


def test_each_step_has_the_form_of_a_composite_action() -> None:
    assert {"name", "description", "inputs", "outputs", "runs"} == ACTION.keys()
    assert ACTION["runs"]["using"] == "composite"
    for step in STEPS:
        assert ("run" in step) != ("uses" in step)
        assert step.keys() <= {"id", "name", "if", "shell", "env", "run", "uses", "with"}
        assert ("shell" in step) == ("run" in step)
    for given in ACTION["inputs"].values():
        assert given.keys() <= {"description", "required", "default"}
        assert given["description"]
        assert given.get("required") or "default" in given


def test_actions_of_others_are_pinned_by_commit() -> None:
    for step in STEPS:
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
    assert len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", TEXT)) == sum("uses" in step for step in STEPS)


def test_inputs_and_steps_that_are_named_exist() -> None:
    inputs = set(re.findall(r"inputs\.([\w-]+)", TEXT))
    assert inputs == set(ACTION["inputs"])
    ids = {step["id"] for step in STEPS if "id" in step}
    assert {name for name, _ in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", TEXT)} <= ids
    for name, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", TEXT):
        (step,) = [one for one in STEPS if one.get("id") == name]
        assert f"{output}=" in step["run"]


@pytest.mark.parametrize("name", RUN)
def test_scripts_are_bash_and_hold_no_text_of_others(name: str) -> None:
    script = RUN[name]["run"]
    # An input that is inserted into a script could add commands to it; in a variable it is only text.
    assert "${{" not in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


RAG = """#!/usr/bin/env bash
echo "rag $*" >> "$CALLS"
if [[ $1 == compare ]]; then echo "<!-- rag compare -->"; echo "compared as ${*: -1}"; exit "${COMPARE:-0}"; fi
while (($#)); do if [[ $1 == --report ]]; then echo "# Evaluation" > "$2/report.md"; fi; shift; done
echo '{}'
exit "${CODE:-0}"
"""
GH = """#!/usr/bin/env bash
echo "gh $*" >> "$CALLS"
if [[ $2 == --paginate ]]; then echo "${KNOWN:-}"; exit; fi
exit "${GH_CODE:-0}"
"""


class Runner:
    """A GitHub runner, as far as the scripts use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        for name, text in (("rag", RAG), ("gh", GH)):
            (folder / "bin" / name).write_text(text, encoding="utf-8")
            (folder / "bin" / name).chmod(0o755)

    def run(self, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(self.folder),
            "CALLS": str(self.folder / "calls"),
            **{
                name: str(self.folder / name.lower())
                for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")
            },
            **{name: str(value) for name, value in RUN[step]["env"].items() if "${{" not in str(value)},
            **variables,
        }
        script = RUN[step]["run"]
        return subprocess.run(
            ["bash", "-c", script], env=env, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def read(self, name: str) -> str:
        file = self.folder / name
        return file.read_text("utf-8") if file.exists() else ""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


GIVEN = {"SET": "set.jsonl", "CORPUS": "corpus", "BASELINE": "", "SINCE": "true", "MIN": "", "MAX": ""}


def test_without_a_baseline_the_report_is_the_comment(runner: Runner) -> None:
    done = runner.run("Evaluate", **GIVEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert "::notice::" not in done.stdout
    assert "--baseline" not in runner.read("calls")
    assert runner.read("quellentreu-report/comment.md").startswith("<!-- rag compare -->\n\n# Evaluation")
    assert runner.read("github_step_summary") == runner.read("quellentreu-report/comment.md")
    assert "code=0\n" in runner.read("github_output")


def test_a_baseline_that_is_not_there_yet_is_no_error_but_a_line(runner: Runner) -> None:
    done = runner.run("Evaluate", **{**GIVEN, "BASELINE": "none.json"})
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("::notice::There is no baseline none.json yet")
    assert "--baseline" not in runner.read("calls")


@pytest.mark.parametrize("since", ["true", "false"])
def test_bounds_and_a_baseline(runner: Runner, since: str) -> None:
    (runner.folder / "base line.json").write_text("{}", encoding="utf-8")
    given = {
        **GIVEN,
        "BASELINE": "base line.json",
        "SINCE": since,
        "MIN": "answer_contains=0.7\n\n  recall@5 = 0.9\n",
        "MAX": "false_answer_rate=0.3",
    }
    done = runner.run("Evaluate", **given, CODE="1")
    assert done.returncode == 0, done.stderr  # only the last step fails, after everything is reported
    asked, markdown, page = runner.read("calls").splitlines()
    assert "--baseline base line.json" in asked
    assert ("--since base line.json" in asked) == (since == "true")
    assert "--min answer_contains=0.7 --min recall@5=0.9 --max false_answer_rate=0.3 --json" in asked
    assert markdown.endswith("--format markdown")
    assert page.endswith("--format html")
    assert "compared as markdown" in runner.read("github_step_summary")
    assert "code=1\n" in runner.read("github_output")
    assert runner.run("Bounds", CODE="1").returncode == 1


def test_a_baseline_of_another_set_falls_back_to_the_report(runner: Runner) -> None:
    (runner.folder / "b.json").write_text("{}", encoding="utf-8")
    assert runner.run("Evaluate", **{**GIVEN, "BASELINE": "b.json"}, COMPARE="2").returncode == 0
    assert "# Evaluation" in runner.read("quellentreu-report/comment.md")


def test_bad_input_fails_at_once(runner: Runner) -> None:
    assert runner.run("Evaluate", **GIVEN, CODE="2").returncode == 2
    assert "folder=" not in runner.read("github_output")


@pytest.mark.parametrize(
    ("known", "method"), [("", "POST repos/o/r/issues/7/comments"), ("42", "PATCH repos/o/r/issues/comments/42")]
)
def test_one_comment_is_written_and_then_renewed(runner: Runner, known: str, method: str) -> None:
    given = {"GH_TOKEN": "t", "REPOSITORY": "o/r", "NUMBER": "7", "FOLDER": str(runner.folder)}
    done = runner.run("Comment", **given, KNOWN=known)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"gh api --method {method} --field body=@{runner.folder}/comment.md" in runner.read("calls")
    forked = runner.run("Comment", **given, KNOWN=known, GH_CODE="1")
    assert forked.returncode == 0
    assert forked.stdout.startswith("::warning::")


GUIDE = (ROOT / "docs" / "ci.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_the_guide_has_commands_and_options_that_exist() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text("utf-8")
    plugin = (ROOT / "rag" / "evaluation" / "pytest_plugin.py").read_text("utf-8")
    assert len(blocks("sh")) == 3
    for script in blocks("sh"):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    lines = "\n".join([*blocks("sh"), *blocks("yaml")]).replace("\\\n", " ").splitlines()
    ours = [line for line in lines if line.strip(" -").startswith("rag ")]
    assert len(ours) >= 8
    for line in ours:
        command = re.sub(r"^[ -]*rag (\w+).*", r"\1", line)
        assert f"## `rag {command}`" in commands
        for option in re.findall(r"--[a-z-]+", line.partition(" > ")[0]):
            assert option in commands
    for option in re.findall(r"--rag-[a-z-]+", GUIDE):
        assert f'"{option}"' in plugin


def test_the_workflows_of_the_guide_use_inputs_that_exist() -> None:
    github, gitlab = (yaml.safe_load(block) for block in blocks("yaml"))
    checkout, action = github["jobs"]["evaluate"]["steps"]
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", checkout["uses"])
    assert action["with"].keys() <= ACTION["inputs"].keys()
    assert {name for name, given in ACTION["inputs"].items() if given.get("required")} <= action["with"].keys()
    (said,) = re.findall(r"Inputs: (.*?); outputs: (.*?)\.", GUIDE)
    assert set(re.findall(r"`([\w-]+)`", said[0])) == ACTION["inputs"].keys()
    assert set(re.findall(r"`([\w-]+)`", said[1])) == ACTION["outputs"].keys()
    assert gitlab["answers"]["artifacts"]["reports"]["junit"] == "junit.xml"
