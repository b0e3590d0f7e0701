"""SQLite's FTS5 and tantivy as the label index: hard look-ups on the release in use, speed at many names.

Run `python tests/benchmarks/label_engines.py [NAMES]` where tantivy is installed too; it is no dependency.
Tantivy twice: as it comes, with pairs of characters ranked by BM25; and with the tokens, the ways and the
rank of kg.search, for a comparison of engines alone. Its index holds neither the names that a hit shows nor
facets, which the file of FTS5 does. Times are of the processor, which other work beside it moves less.
"""

import csv
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import labels
import tantivy
from tantivy import Filter, Occur, Order, Query, TextAnalyzerBuilder, Tokenizer

from kg.namespaces import expand
from kg.search.folding import grams, is_han, words
from kg.search.index import _Row, write_index
from kg.search.lookup import LabelIndex
from kg.search.needle import Needle
from kg.search.things import Thing, read_things
from kg.search.ways import GUESSES
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore

ROOT = Path(__file__).parents[2]
COLUMNS = ("name", "word", "gram", "spelt", "initials")
LIMIT, ENOUGH = 10, 5
Ask = Callable[[str], list[str]]


def open_fts5(things: Iterable[Thing], folder: Path) -> Ask:
    index = LabelIndex(write_index(things, folder))
    return lambda text: [hit.iri for hit in index.suggest(text, limit=LIMIT)]


def _write(
    things: Iterable[Thing], folder: Path, columns: Iterable[str],
    texts: Callable[[Thing], Iterable[tuple[str, str]]], analyzer: tantivy.TextAnalyzer,
) -> tantivy.Index:  # fmt: skip
    folder.mkdir(parents=True)
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("iri", stored=True, tokenizer_name="raw")
    for column in columns:
        schema.add_text_field(column, tokenizer_name="ours")
    schema.add_unsigned_field("rank", stored=True, fast=True)
    index = tantivy.Index(schema.build(), path=str(folder))
    index.register_tokenizer("ours", analyzer)
    writer = index.writer(heap_size=256_000_000, num_threads=1)
    for rank, thing in enumerate(things):
        document = tantivy.Document()
        document.add_text("iri", thing.iri)
        document.add_unsigned("rank", rank)
        for column, text in texts(thing):
            document.add_text(column, text)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def open_plain(things: Iterable[Thing], folder: Path) -> Ask:
    """One and two neighbouring characters of every name, ranked by BM25."""
    analyzer = TextAnalyzerBuilder(Tokenizer.ngram(1, 2, False)).filter(Filter.lowercase()).build()
    index = _write(things, folder, ["name"], lambda t: (("name", n.text) for n in t.names), analyzer)  # fmt: skip
    searcher = index.searcher()

    def ask(text: str) -> list[str]:
        tokens = list(dict.fromkeys(analyzer.analyze(text)))[:40]
        terms = [(Occur.Should, Query.term_query(index.schema, "name", token)) for token in tokens]
        hits = searcher.search(Query.boolean_query(terms), LIMIT).hits if terms else []
        return [searcher.doc(address)["iri"][0] for _, address in hits]

    return ask


def open_own(things: Iterable[Thing], folder: Path) -> Ask:
    """The tokens of kg.search in fields, asked in its ways; its slips by tantivy's automaton."""
    analyzer = TextAnalyzerBuilder(Tokenizer.whitespace()).build()
    index = _write(things, folder, COLUMNS, lambda t: zip(COLUMNS, _Row(t).tokens(), strict=True), analyzer)  # fmt: skip
    schema, searcher = index.schema, index.searcher()

    def run(queries: list[Query], occur: Occur = Occur.Should, *, by_rank: bool = True) -> list[str]:  # fmt: skip
        if not queries:
            return []
        query = Query.boolean_query([(occur, one) for one in queries])
        order = {"order_by_field": "rank", "order": Order.Asc} if by_rank else {}
        return [searcher.doc(a)["iri"][0] for _, a in searcher.search(query, LIMIT, **order).hits]

    def terms(field: str, texts: Iterable[str]) -> list[Query]:
        return [Query.term_query(schema, field, text) for text in texts]

    def begins(field: str, texts: Iterable[str]) -> list[Query]:
        return [Query.fuzzy_term_query(schema, field, t, distance=0, prefix=True) for t in texts]

    def word(text: str) -> Query:
        if is_han(text):
            return Query.boolean_query([(Occur.Must, q) for q in terms("gram", grams(text)[:16])])
        either = begins("word", [text]) + begins("name", [text])
        return Query.boolean_query([(Occur.Should, query) for query in either])

    def slips(needle: Needle) -> list[Query]:
        return [
            Query.fuzzy_term_query(schema, field, text, distance=1, transposition_cost_one=True)
            for text in needle.slippable
            for field in ("name", "word")
        ]

    def ask(text: str) -> list[str]:
        needle = Needle(text)
        typed = needle.typed_sounds
        steps: list[tuple[str, Callable[[], list[str]]]] = [
            ("exact", lambda: run(terms("name", needle.texts))),
            ("pinyin", lambda: run(terms("spelt", typed))),
            ("prefix", lambda: run(begins("name", needle.texts))),
            ("word", lambda: run([word(one) for one in words(text)[:8]], Occur.Must)),
            ("pinyin", lambda: run(begins("spelt", typed))),
            ("initials", lambda: run(terms("initials", typed)) + run(begins("initials", typed))),
            ("sound", lambda: run(terms("spelt", needle.sounds))),
            ("slip", lambda: run(slips(needle))),
            ("similar", lambda: run(terms("gram", filter(is_han, needle.pairs)), by_rank=False)),
        ]
        found: dict[str, str] = {}
        for way, step in steps:
            sure = found and next(iter(found.values())) == "exact"
            if len(found) >= LIMIT or (way in GUESSES and (sure or len(found) >= ENOUGH)):
                break
            for iri in step():
                found.setdefault(iri, way)
        return list(found)[:LIMIT]

    return ask


ENGINES = {"FTS5": open_fts5, "tantivy, as it comes": open_plain, "tantivy, our tokens": open_own}


def measure(things: Callable[[], Iterable[Thing]], texts: list[str], wanted: list[str]) -> None:
    """Prints a row of a table for each engine: recall where it is known what is wanted, then costs."""
    for name, open_engine in ENGINES.items():
        with tempfile.TemporaryDirectory() as folder:
            wall, started = time.perf_counter(), time.process_time()
            ask = open_engine(things(), Path(folder) / "index")
            built = f"{time.process_time() - started:.1f} s of processor, {time.perf_counter() - wall:.1f} s"  # fmt: skip
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
            places, times, walls = [], [], []
            for number, text in enumerate(texts):
                wall, started = time.perf_counter(), time.process_time()
                found = ask(text)
                times.append((time.process_time() - started) * 1000)
                walls.append((time.perf_counter() - wall) * 1000)
                if wanted:
                    places.append(found.index(wanted[number]) if wanted[number] in found else 99)
            recall = f"{places.count(0)} / {sum(p < ENOUGH for p in places)} of {len(places)}" if wanted else "-"  # fmt: skip
            times.sort()
            walls.sort()
            at = int(len(times) * 0.95)
            ms = f"{statistics.median(times):.1f} / {times[at]:.1f} ms ({walls[at]:.1f})"
            print(f"| {name} | {recall} | {ms} | {size / 1e6:.1f} MB | {built} |", flush=True)  # noqa: T201


def main() -> None:
    """The hard look-ups on the release in use, then as many generated names as asked for."""
    settings = Settings.from_environment()
    store = EmbeddedStore(settings.data / "current")
    with tempfile.TemporaryDirectory() as folder:
        found = list(read_things(store.rows, Path(folder) / "scratch"))
    with (ROOT / "tests/data/lookups.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    texts, wanted = [row["text"] for row in rows], [expand(row["iri"]) for row in rows]
    print(f"{sum(len(thing.names) for thing in found):,} names of {len(found):,} things")  # noqa: T201
    measure(lambda: found, texts, wanted)
    number = int(sys.argv[1] if len(sys.argv) > 1 else 1_000_000) // labels.NAMES_OF_A_FIRM
    print(f"{number * labels.NAMES_OF_A_FIRM:,} names of {number:,} things")  # noqa: T201
    measure(lambda: labels.firms(number), list(labels.lookups(number, 250)), [])


if __name__ == "__main__":
    main()
