"""Modules import only from lower floors, nothing imports in a circle, and no module is too long."""

import ast
from pathlib import Path

import pytest

import kg

PACKAGE = Path(kg.__file__).parent
FLOORS = {
    "errors": 0,
    "current": 1,
    "namespaces": 1,
    "settings": 1,
    "traditional": 1,
    "words": 1,
    "formats": 2,
    "queries": 2,
    "client": 2.5,  # speaks of kinds of answers, as formats.py names them
    "store": 3,
    "tables": 3,
    "engine": 3,
    "network": 3.5,  # on DESIGN's floor 3, but it draws what a store answers
    "analysis": 3.6,  # beside search; its answers carry edges as network draws them
    "search": 3.5,  # on DESIGN's floor 3, but it reads what a store answers
    "release": 4,
    "ask": 5,
    "web": 5,
    "cli_analyse": 5.5,
    "cli_files": 5.5,  # parts of the command line
    "cli_releases": 5.5,
    "cli_search": 5.5,
    "cli": 6,
    "__main__": 7,
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """Dotted name below the package."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Names below the package that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kg"):
            module = node.module.removeprefix("kg").removeprefix(".")
            found |= {f"{module}.{alias.name}".lstrip(".") for alias in node.names} | {module}
        elif isinstance(node, ast.Import):
            found |= {a.name.removeprefix("kg.") for a in node.names if a.name.startswith("kg.")}
    return found - {"", "__version__", name_of(path)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_its_own_floor_or_lower(path: Path) -> None:
    own = name_of(path).partition(".")[0]
    for module in imports_of(path):
        part = module.partition(".")[0]
        if part != own and own not in ("__init__", ""):
            assert FLOORS[part] < FLOORS[own], f"{name_of(path)} imports {module}"


def test_every_module_has_a_floor() -> None:
    assert {name_of(path).partition(".")[0] for path in MODULES} - {"__init__", ""} == set(FLOORS)


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {name_of(path) for path in MODULES}
    # A package is left out where one of its modules is meant: importing that runs no code twice.
    edges = {
        name_of(path): {m for m in imports_of(path) & names if not _names_module(path, m)}
        for path in MODULES
    }
    while leaves := {name for name, targets in edges.items() if not targets & edges.keys()}:
        edges = {name: targets for name, targets in edges.items() if name not in leaves}
    assert edges.keys() == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_about_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    # The tree of errors is one list, drawn on top and in one place on purpose.
    assert len(text.splitlines()) <= (450 if name_of(path) == "errors" else 300)


def _names_module(path: Path, package: str) -> bool:
    return any(other.startswith(f"{package}.") for other in imports_of(path)) or name_of(
        path
    ).startswith(f"{package}.")


def documented(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    """Public functions and classes of a module, and public methods."""
    bodies = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    nodes = [node for body in bodies for node in body.body]
    return [
        n
        for n in nodes
        if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")
    ]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_public_function_and_class_is_documented_and_nothing_is_caught_blindly(
    path: Path,
) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for definition in documented(tree):
        assert ast.get_docstring(definition), f"{name_of(path)}.{definition.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in ("", "Exception", "BaseException"), name_of(path)
