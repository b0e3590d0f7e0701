"""The README's commands run as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
