"""The label index at a million names: how long a suggestion takes, and what the index costs."""

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kg.search.index import write_index
from kg.search.lookup import LabelIndex
from kg.search.things import Name, Thing
from kg.traditional import to_traditional

NAMES_OF_A_FIRM: Final = 4

_CITIES: Final = [
    "深圳",
    "北京",
    "上海",
    "广州",
    "杭州",
    "苏州",
    "宁波",
    "武汉",
    "成都",
    "重庆",
    "东莞",
    "合肥",
    "西安",
    "长沙",
    "厦门",
    "青岛",
]
_FIELDS: Final = [
    "科技",
    "技术",
    "机电",
    "光电",
    "电子",
    "精密",
    "新材料",
    "智能装备",
    "生物医药",
    "半导体",
    "自动化",
    "软件",
    "激光",
    "能源",
    "传感",
    "医疗器械",
]
_BRAND: Final = (
    "华兴瑞达恒信创新立德博远天元汇智鑫隆海纳鹏程安泰盛世金威兆奥科比优速腾聚众擎乐逐际雷鸟"
    "拓竹影石杰普特绿联欣旺汉光诺康伟业美迪思明朗坤宏图锐捷同方紫东迅驰卓越凯旋"
)


def firms(number: int, seed: int = 1) -> Iterator[Thing]:
    """Firms with a short name in two scripts, a registered and an English name, the best known first."""
    draw = random.Random(seed)
    for at in range(number):
        city, field = draw.choice(_CITIES), draw.choice(_FIELDS)
        brand = "".join(draw.sample(_BRAND, draw.choice((2, 2, 3))))
        english = "".join(draw.choice("bcdfghklmnprstvwz") + draw.choice("aeiou") for _ in brand)
        names = [
            Name(0, brand + field, "zh-hans"),
            Name(0, to_traditional(brand + field), "zh-hant"),
            Name(0, f"{english.title()} {draw.choice(('Technology', 'Precision', 'Laser'))} Co., Ltd.", "en"),
            Name(1, f"{city}市{brand}{field}股份有限公司", "zh-hans"),
        ]  # fmt: skip
        facets = {"type": ["urn:type:firm"], "city": [f"urn:city:{_CITIES.index(city)}"]}
        yield Thing(f"urn:firm:{at}", names, facets, statements=number - at)


def lookups(number: int, count: int, seed: int = 2) -> Iterator[str]:
    """What people type on the way to a name: every beginning, other scripts, pinyin, slips, parts."""
    draw = random.Random(seed)
    chosen = set(draw.sample(range(number), count))
    for at, firm in enumerate(firms(number)):
        if at not in chosen:
            continue
        short, traditional, english, registered = (name.text for name in firm.names)
        slip = draw.randrange(len(short))
        yield short[: draw.randint(1, len(short))]
        yield traditional[: draw.randint(1, len(traditional))]
        yield english[: draw.randint(1, len(english))]
        yield registered[: draw.randint(1, len(registered))]
        yield registered[3 : 3 + draw.randint(2, 6)]
        yield short[:slip] + draw.choice("木未勾仅贝") + short[slip + 1 :]
        yield registered.replace(short[0], draw.choice("木未勾仅贝"))
        yield f"{registered[:2]} {short[-2:]}"


def suggestions(folder: Path, names: int) -> Iterator[tuple[str, str, str]]:
    """Rows of (what, figure, bound) over an index of that many names."""
    number = names // NAMES_OF_A_FIRM
    started = time.perf_counter()
    path = write_index(firms(number), folder)
    yield f"label index of {names:,} names: made in", f"{time.perf_counter() - started:.0f} s", ""
    yield "label index: size", f"{path.stat().st_size / 1e6:.0f} MB", ""
    index = LabelIndex(path)
    for way, where in (("suggest", None), ("suggest within a city", {"city": "urn:city:3"})):
        times = []
        for text in lookups(number, 250):
            started = time.perf_counter()
            index.suggest(text, where=where)
            times.append((time.perf_counter() - started) * 1000)
        times.sort()
        figure = f"{statistics.median(times):.1f} ms median, {times[int(len(times) * 0.95)]:.1f} ms p95, {times[-1]:.0f} ms at most"
        yield f"{way}, {len(times):,} texts", figure, "p95 <= 30 ms"
