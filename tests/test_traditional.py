"""Traditional from simplified Chinese, and the texts that `kg format --traditional` adds."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import cli
from kg.release.formatting import format_text
from kg.traditional import EXCEPTIONS, to_traditional

FILE = """@prefix kg: <https://w3id.org/industry-kg/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

kg:x
  skos:prefLabel "x"@en ;
  skos:prefLabel "供应"@zh-Hans ;
  skos:altLabel "台账"@zh-Hans ;
  skos:altLabel "帳本"@zh-Hant ;
  skos:hiddenLabel "甲"@zh-Hans ;
  skos:hiddenLabel "乙"@zh-Hans ;
  .
"""


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("群体", "群體"),  # s2t would write 羣體
        ("数据", "數據"),  # s2twp would write 資料
        ("里程碑", "里程碑"),
        ("所签合同的件数，所签合同。", "所簽合同的件數，所簽合同。"),
        (
            "其他计算机制造、石英制品、煤制液体燃料的体制",
            "其他計算機製造、石英製品、煤製液體燃料的體制",
        ),
        ("LiDAR, 1 < 2", "LiDAR, 1 < 2"),
        ("", ""),
    ],
)
def test_characters_change_and_words_stay(simplified: str, traditional: str) -> None:
    assert to_traditional(simplified) == traditional


def test_every_exception_is_needed_and_holds_at_either_end() -> None:
    opencc = pytest.importorskip("opencc", reason="needs opencc").OpenCC("s2tw")
    for phrase, right in EXCEPTIONS.items():
        assert any(
            opencc.convert(before + phrase) != opencc.convert(before) + right
            for before in ("", "学")  # some phrases go wrong only after a word
        )
        assert to_traditional(f"{phrase}的{phrase}") == f"{right}的{right}"


def test_only_a_missing_text_is_added_and_none_unasked() -> None:
    assert "@zh-Hant" not in format_text(FILE, path="x.ttl").replace('"帳本"@zh-Hant', "")
    added = format_text(FILE, path="x.ttl", traditional=True)
    assert '  skos:prefLabel "供應"@zh-Hant ;' in added
    assert added.count("@zh-Hant") == 2 and '"帳本"@zh-Hant' in added
    assert format_text(added, path="x.ttl", traditional=True) == added


def test_the_command_writes_the_missing_texts(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(FILE)
    result = CliRunner().invoke(cli.main, ["format", "--traditional", str(path)])
    assert result.exit_code == 0
    assert path.read_text() == format_text(FILE, path="x.ttl", traditional=True)
