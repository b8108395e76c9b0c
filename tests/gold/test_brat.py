"""brat: a text, and its annotations in a file beside it."""

import zipfile
from pathlib import Path

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.gold import read_gold
from tests.gold.conftest import Refuse
from tests.gold.views import notices, surfaces, triples

TEXT = "索尼 was founded in 𠮷野 by Akio\nMorita 😀 in 1946."
ANN = """T1\tOrganization 0 2\t索尼
T2\tLocation 18 20\t𠮷野
T3\tPerson 24 35\tAkio Morita
T4\tPart 3 6;7 14\twas founded
R1\tfounded-by Arg1:T1 Arg2:T3
R2\tpart-of Arg1:T4 Arg2:T1
E1\tFound:T1 Agent:T3
A1\tNegation E1
N1\tReference T1 Wiki:1\tSony
#1\tAnnotatorNotes T1\ta note
*\tEquiv T1 T2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "corpus")


def make(folder: Path, text: str = TEXT, ann: str = ANN) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_bytes(text.encode())
    (folder / "a.ann").write_bytes(ann.encode())
    return folder


def refusal(path: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_gold(path, task="ner")
    return caught.value


def test_spans_are_entities_also_over_a_line_end(folder: Path) -> None:
    gold = read_gold(folder, task="ner")
    assert (gold.name, gold.format) == ("corpus", "brat")
    assert surfaces(gold) == [[("索尼", "Organization"), ("𠮷野", "Location"), ("Akio\nMorita", "Person")]]


def test_relations_are_triples_of_their_spans(folder: Path) -> None:
    assert triples(read_gold(folder, task="triples")) == [[("索尼", "founded-by", "Akio\nMorita")]]


def test_all_that_is_left_out_is_told(folder: Path) -> None:
    told = {"discontinuous", "events", "attributes", "normalisations", "notes", "equivalences"}
    assert set(notices(read_gold(folder, task="ner"))) == {f"gold_{code}" for code in told}
    assert "gold_relations_of_left_out" in notices(read_gold(folder, task="triples"))


def test_files_without_relations_serve_entities_alone(tmp_path: Path) -> None:
    assert read_gold(make(tmp_path / "c", ann="T1\tOrg 0 2\t索尼\n")).task == "ner"


@pytest.mark.parametrize("name", ["a.ann", "a.txt"])
def test_one_of_the_two_files_names_the_other(folder: Path, name: str) -> None:
    assert len(read_gold(folder / name, task="ner").documents[0].mentions) == 3


def test_an_archive_is_read_like_its_folder(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as archive:
        archive.write(folder / "a.txt", "data/a.txt")
        archive.write(folder / "a.ann", "data/a.ann")
        archive.writestr("data/annotation.conf", "[entities]")
        archive.writestr("__MACOSX/data/._a.ann", "x")
    assert surfaces(read_gold(tmp_path / "corpus.zip", task="ner")) == surfaces(read_gold(folder, task="ner"))


def test_an_archive_of_one_file_is_that_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "gold.zip", "w") as archive:
        archive.writestr("gold.jsonl", '{"text": "x", "label": "y"}')
    assert read_gold(tmp_path / "gold.zip").format == "jsonl"


def test_folders_within_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    corpus = tmp_path / "c"
    corpus.mkdir()
    for name in ("b", "a"):
        make(corpus / name, text=name, ann=f"T1\tX 0 1\t{name}\n")
    assert [document.inputs["text"] for document in read_gold(corpus).documents] == ["a", "b"]


def test_a_text_without_annotations_is_told_and_left_out(folder: Path) -> None:
    (folder / "b.txt").write_text("alone", encoding="utf-8")
    gold = read_gold(folder, task="ner")
    assert len(gold.documents) == 1 and "gold_unannotated" in notices(gold)


@pytest.mark.parametrize("counted", ["as brat does", "as other tools do"])
def test_offsets_of_texts_with_bom_and_crlf_move_along(tmp_path: Path, counted: str) -> None:
    own = "\ufeffLine one.\r\nSony 😀 here."
    seen = own if counted == "as brat does" else own.removeprefix("\ufeff").replace("\r\n", "\n")
    at = seen.index("Sony")
    gold = read_gold(make(tmp_path / "c", own, f"T1\tOrg {at} {at + 6}\tSony 😀\r\n"))
    assert gold.documents[0].inputs["text"] == "Line one.\nSony 😀 here."
    assert surfaces(gold) == [[("Sony 😀", "Org")]]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("T9\tOrg 0 2\tother", "gold_surface"),
        ("T9\tOrg 5 999\tx", "gold_offsets"),
        ("T9\tOrg 2 2\t", "gold_offsets"),
        ("T1\tOrg 0 2\t索尼", "gold_duplicate_id"),
        ("R9\tx Arg1:T1 Arg2:T77", "gold_unknown_id"),
        ("T9 Org 0 2 索尼", "gold_ann_line"),
        ("?", "gold_ann_line"),
    ],
)
def test_a_bad_annotation_is_told_with_file_and_line(tmp_path: Path, line: str, code: str) -> None:
    error = refusal(make(tmp_path / "c", ann=f"{ANN}{line}\n"))
    assert error.code == code and "a.ann, line 12" in error.message.en


def test_annotations_without_a_text_are_refused(folder: Path) -> None:
    (folder / "b.ann").write_text("T1\tX 0 1\ta\n", encoding="utf-8")
    assert refusal(folder).code == "gold_no_text"


def test_a_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "gold_no_pairs"


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"PK\x03\x04"])
def test_a_broken_archive_is_refused(refuse: Refuse, content: bytes) -> None:
    assert refuse(content, "corpus.zip").code == "gold_bad_archive"


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.ann", b" " * (201 * 1024 * 1024))
    assert refusal(tmp_path / "bomb.zip").code == "gold_too_large"


def test_the_same_files_have_the_same_digest_and_others_another(folder: Path, tmp_path: Path) -> None:
    first = read_gold(folder, task="ner").sha256
    assert first == read_gold(make(tmp_path / "copy"), task="ner").sha256
    assert first != read_gold(make(tmp_path / "other", text=TEXT + "."), task="ner").sha256
