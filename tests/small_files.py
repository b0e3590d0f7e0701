"""The repository's files without the large reference layers: what most tests need, built in 3 s."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
_LARGE = (
    "a-share*",
    "shenzhen-20-8*",
    "industry-chain-atlas*",
    "gbt4754*",
    "listed-industry*",
    "eligibility.ttl",
    "award-claims*",
    "press-claims*",
    "tables",
)


def copy_files(target: Path, *folders: str) -> Path:
    """Copies ontology/, graph/ and queries/, or the folders named, without the large layers.

    The two articles are then the only sources.
    """
    ignore = shutil.ignore_patterns(*_LARGE)
    for folder in folders or ("ontology", "graph", "queries"):
        source = ROOT / folder
        if folder == "ontology":  # its module of that name is not a layer
            shutil.copytree(source, target / folder, ignore=shutil.ignore_patterns(*_LARGE[:5]))
        else:
            shutil.copytree(source, target / folder, ignore=ignore)
    return target
