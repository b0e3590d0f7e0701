"""The wheel carries the data: `pip install` and `kg` work in any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_data_templates_and_static_files(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "kg/files/ontology/kg.ttl",
        "kg/files/ontology/shapes/core.shacl.ttl",
        "kg/files/graph/src/A.trig",
        "kg/files/queries/rank-path.rq",
        "kg/files/queries/rules/R01_within_area.rq",
        "kg/files/queries/pictures/lanes.rq",
        "kg/web/templates/base.html",
        "kg/web/static/site.css",
        "kg/web/static/kgnet.js",
        "kg/py.typed",
    ):
        assert name in names
    assert not [name for name in names if name.startswith(("tests/", ".kg/", "kg/files/.kg"))]


def test_an_installed_wheel_builds_and_answers_outside_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    site, folder = tmp_path / "site", tmp_path / "anywhere"
    folder.mkdir()
    zipfile.ZipFile(wheel).extractall(site)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KG_")}
    environment |= {"PYTHONPATH": str(site), "XDG_DATA_HOME": str(tmp_path / "home")}

    def kg(*words: str) -> str:
        command = [sys.executable, "-m", "kg", *words]
        result = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    assert kg("build").startswith("release ")
    assert "Shenzhen" in kg("query", "rank-path", "-f", "csv")
    assert (tmp_path / "home" / "industry-kg" / "current").is_symlink()
