"""Every command works on the repository's own data and says what is wrong otherwise."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kg import cli
from kg.settings import Settings
from small_files import copy_files

ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(settings: Settings) -> object:
    """Runs `kg` with these words over the release of the checkout."""

    def call(*words: str, **more: object) -> Result:
        return CliRunner().invoke(cli.main, list(words), env=settings.to_environment(), **more)  # type: ignore[arg-type]

    return call


@pytest.mark.parametrize("name", sorted(cli.main.commands))
def test_a_command_has_help_with_an_example_and_a_place_in_the_readme(name: str) -> None:
    command: click.Command = cli.main.commands[name]
    assert command.help and "Example: kg " in command.help
    assert CliRunner().invoke(cli.main, [name, "--help"]).exit_code == 0
    assert f"`kg {name}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_saved_query_is_answered_in_the_wanted_format(run: object) -> None:
    result = run("query", "city-counts", "-p", "city=pl:beijing", "-f", "csv")  # type: ignore[operator]
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["value"] for row in rows if row["modality"] == "explicit"} == {"1210"}


def test_query_text_needs_no_prefix_lines(run: object) -> None:
    result = run("query", "-e", "SELECT ?c { seg:lidar kg:partOfChain ?c }", "-f", "json")  # type: ignore[operator]
    bindings = json.loads(result.stdout)["results"]["bindings"]
    assert [row["c"]["value"].rpartition("/")[2] for row in bindings] == ["humanoid"]


def test_query_text_may_come_from_standard_input_or_a_file(run: object, tmp_path: Path) -> None:
    assert run("query", "-", input="ASK { ?s a kg:City }").stdout == "yes\n"  # type: ignore[operator]
    path = tmp_path / "ask.rq"
    path.write_text("#+ summary: Is there a city?\nASK { ?s a kg:Nothing }", encoding="utf-8")
    assert run("query", str(path)).stdout == "no\n"  # type: ignore[operator]


def test_a_graph_is_answered_as_turtle(run: object) -> None:
    result = run("query", "-e", "CONSTRUCT WHERE { ch:humanoid a ?type }")  # type: ignore[operator]
    assert "ch:humanoid a kg:IndustryChain" in result.stdout


def test_a_table_shows_short_names_and_a_wide_one_a_value_a_line(run: object) -> None:
    narrow = run("query", "-e", "SELECT ?c { ?c a kg:IndustryChain }")  # type: ignore[operator]
    assert "ch:humanoid" in narrow.stdout and "┃" in narrow.stdout
    wide = run("query", "city-counts")  # type: ignore[operator]
    assert "city  pl:shenzhen" in wide.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["query", "nope"], 1, "no saved query 'nope'"),
        (["query"], 1, "no query; give a name, a file or -e TEXT"),
        (["query", "-e", "SELECT"], 1, "line 1, column 7"),
        (["query", "city-counts", "-p", "city"], 1, "write NAME=VALUE"),
        (["query", "city-counts", "-p", "town=x"], 1, "has no parameter 'town'"),
        (["query", "-e", "ASK {}", "-f", "docx"], 1, "no format 'docx'"),
        (["export", "--graph", "src/Z"], 1, "no graph <https://w3id.org/industry-kg/graph/src/Z>"),
        (["view", "-o", "x.html"], 1, "give either a chain"),
        (["view", "--chain", "nope", "-o", "x.html"], 1, "no industry chain"),
        (["rollback", "nope"], 1, "no release 'nope'"),
        (["build", "--colour"], 2, "No such option"),
        (["serve", "--port", "x"], 2, "not a valid integer"),
    ],
)
def test_a_mistake_ends_with_its_message_and_exit_code(
    run: object, words: list[str], code: int, message: str
) -> None:
    result = run(*words)  # type: ignore[operator]
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bad_setting_is_named(run: object) -> None:
    result = CliRunner().invoke(cli.main, ["releases"], env={"KG_WORKERS": "many"})
    assert (result.exit_code, result.stderr) == (2, "KG_WORKERS='many' is not a valid int\n")


def test_an_export_that_fails_leaves_no_file(run: object, tmp_path: Path) -> None:
    assert run("export", "--graph", "src/Z", "-o", str(tmp_path / "z.ttl")).exit_code == 1  # type: ignore[operator]
    assert list(tmp_path.iterdir()) == []


def test_a_view_is_one_html_file_that_names_no_other_host(run: object, tmp_path: Path) -> None:
    target = tmp_path / "图.html"
    assert run("view", "--focus", "e:inovance", "-o", str(target)).exit_code == 0  # type: ignore[operator]
    text = target.read_text(encoding="utf-8")
    assert "汇川技术" in text and "<link" not in text.replace('<link rel="icon"', "")


def test_a_view_is_written_in_utf_8_where_the_locale_is_not(
    settings: Settings, tmp_path: Path
) -> None:
    environment = {**os.environ, **settings.to_environment(), "LC_ALL": "C", "PYTHONUTF8": "0"}
    words = [
        sys.executable,
        "-m",
        "kg",
        "view",
        "--chain",
        "humanoid",
        "-o",
        str(tmp_path / "a.html"),
    ]
    assert subprocess.run(words, env=environment, check=False).returncode == 0
    assert "人形机器人" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.fixture
def own_root(tmp_path: Path) -> dict[str, str]:
    """A copy of the files that a test may change, and its environment."""
    root = tmp_path / "root"
    copy_files(root)
    return Settings.from_environment({}, root=root, data=tmp_path / "data").to_environment()


def test_build_releases_and_rollback_go_there_and_back(own_root: dict[str, str]) -> None:
    def kg(*words: str) -> Result:
        return CliRunner().invoke(cli.main, list(words), env=own_root)

    assert kg("build").exit_code == 0
    first = kg("releases").stdout.split()[1]
    chains = Path(own_root["KG_ROOT"], "graph/ref/chains.ttl")
    chains.write_text(
        chains.read_text(encoding="utf-8").replace('"Humanoid robots"', '"Humanoids"'),
        encoding="utf-8",
    )
    assert kg("build").exit_code == 0
    listed = kg("releases").stdout.splitlines()
    assert len(listed) == 2 and listed[0].startswith("* ") and first in listed[1]
    assert kg("rollback").stdout == f"release {first}\n"
    label = 'SELECT ?l { ch:humanoid skos:prefLabel ?l FILTER(LANG(?l) = "en") }'
    assert "Humanoid robots" in kg("query", "-e", label).stdout


def test_a_broken_file_is_named_with_its_line_and_the_release_stays(
    own_root: dict[str, str],
) -> None:
    def kg(*words: str) -> Result:
        return CliRunner().invoke(cli.main, list(words), env=own_root)

    assert kg("build").exit_code == 0
    before = kg("releases").stdout
    path = Path(own_root["KG_ROOT"], "graph/ref/chains.ttl")
    path.write_text(
        path.read_text(encoding="utf-8").replace("kg:feeds", "kgg:feeds", 1), encoding="utf-8"
    )
    result = kg("build")
    assert result.exit_code == 1
    assert "graph/ref/chains.ttl:" in result.stderr
    assert "prefix 'kgg' is not declared; did you mean 'kg'?" in result.stderr
    assert kg("releases").stdout == before


def test_format_sorts_files_and_check_only_names_them(own_root: dict[str, str]) -> None:
    path = Path(own_root["KG_ROOT"], "graph/ref/persons.ttl")
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n<http://x/a> <http://x/c> 1 ; <http://x/b> 2 .\n", encoding="utf-8")
    checked = CliRunner().invoke(cli.main, ["format", "--check"], env=own_root)
    assert (checked.exit_code, checked.stdout) == (1, f"{path}\n")
    assert CliRunner().invoke(cli.main, ["format"], env=own_root).exit_code == 0
    assert "<http://x/a>\n  <http://x/b> 2 ;\n  <http://x/c> 1 ;\n  .\n" in path.read_text(
        encoding="utf-8"
    )
    assert CliRunner().invoke(cli.main, ["format", "--check"], env=own_root).exit_code == 0


def test_format_refuses_what_sorting_would_lose(own_root: dict[str, str]) -> None:
    path = Path(own_root["KG_ROOT"], "graph/ref/persons.ttl")
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "# a remark below the head\n", encoding="utf-8")
    result = CliRunner().invoke(cli.main, ["format", str(path)], env=own_root)
    assert result.exit_code == 1
    assert f"persons.ttl:{text.count(chr(10)) + 1}: a comment below the head" in result.stderr
    assert path.read_text(encoding="utf-8").endswith("# a remark below the head\n")


def test_a_taken_port_is_named(settings: Settings, server_url: str) -> None:
    port = server_url.rpartition(":")[2]
    result = CliRunner().invoke(cli.main, ["serve", "--port", port], env=settings.to_environment())
    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
