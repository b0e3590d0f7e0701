"""The README's commands run as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.analysis.registry import ANALYSES
from kg.cli import main
from kg.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
KG_COMMANDS = [line.partition("#")[0].strip() for line in SHELL if line.startswith(".venv/bin/kg ")]


@pytest.mark.parametrize("command", KG_COMMANDS)
def test_a_kg_command_of_the_readme_runs(command: str, settings: Settings, tmp_path: Path) -> None:
    words = command.replace(".venv/bin/kg", f"{sys.executable} -m kg", 1)
    environment = {**os.environ, **settings.to_environment()}
    result = subprocess.run(
        words,
        shell=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout or list(tmp_path.iterdir())


EXAMPLES = re.findall(r"^\| [^|]+ \| `([^`]+)` \| ([^|]+) \| [^|]+ \|$", README.partition("## Worked examples")[2].partition("\n## ")[0], re.MULTILINE)  # fmt: skip


def test_each_of_the_ten_kinds_of_analysis_has_a_worked_example() -> None:
    shown = {command.split()[0] for command, _ in EXAMPLES}
    assert {
        "niches", "removal", "chain-leadership", "matching", "next-tier", "award-totals",
        "ladder-flows", "portfolios", "city-ranking", "consistency", "policy-timeline",
    } <= shown <= set(ANALYSES)  # fmt: skip


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[c.split()[0] for c, _ in EXAMPLES])
def test_a_worked_example_answers_what_the_readme_shows(
    command: str, shown: str, settings: Settings
) -> None:
    words = ["analyse", *command.split(), "-f", "csv", "--lang", "en"]
    result = CliRunner().invoke(main, words, env=settings.to_environment())
    assert result.exit_code == 0, result.output
    pattern = re.compile(".*".join(re.escape(part) for part in re.findall(r"`([^`]+)`", shown)))
    lines = [line for line in result.stdout.splitlines() if pattern.search(line)]
    assert lines, f"no line with {shown}"


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")
def test_the_curl_commands_of_the_readme_are_answered(server_url: str) -> None:
    block = next(b for b in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "curl" in b)
    script = block.replace("http://127.0.0.1:8000", server_url).replace("curl ", "curl -sSf ")
    result = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "segment,firm" in result.stdout and "id/segment/lidar" in result.stdout
    assert "Beijing" in result.stdout


def test_the_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {line.split()[1] for line in SHELL if line.startswith("make ")}
    assert {"serve", "test", "check", "bench"} <= targets
    for target in targets:
        assert f"\n{target}:" in makefile


def test_continuous_integration_runs_make_test() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
