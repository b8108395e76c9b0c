"""CSL: the table of papers, the lines of the benchmark, papers as JSON."""

import pytest

from tests.gold.conftest import Read, Refuse
from tests.gold.views import notices

TABLE = (
    "钢的研究\t 我们研究钢😀.\t钢_硬度_钢_\t材料科学与工程\t工学\n"
    "论仁\t本文论仁.\t仁_儒家\t哲学\t哲学\n"
)  # fmt: skip
BENCHMARK = {
    "title": "to title\t我们研究钢.\t钢的研究\n",
    "keywords": "to keywords\t我们研究钢. 钢的研究\t钢_硬度\n",
    "category": "to category\t钢的研究\t工学\n",
    "discipline": "to discipline\t我们研究钢.\t材料科学与工程\n",
}
CLUE = {"id": 1, "abst": "我们研究钢.", "keyword": ["钢", "硬度"], "label": "1"}


@pytest.mark.parametrize(
    ("task", "inputs"),
    [
        ("abstract_to_title", {"abstract": " 我们研究钢😀."}),
        ("title_to_abstract", {"title": "钢的研究"}),
        ("keywords", {"text": " 我们研究钢😀. 钢的研究"}),
        ("domain", {"text": "钢的研究"}),
    ],
)
def test_the_table_serves_four_tasks(read: Read, task: str, inputs: dict[str, str]) -> None:
    gold = read(TABLE, "csl.tsv", task=task)
    assert (gold.format, len(gold.documents), gold.documents[0].inputs) == ("csl", 2, inputs)


def test_a_heading_is_no_paper(read: Read) -> None:
    heading = "title\tabstract\tkeywords\tdiscipline\tcategory\n"
    assert len(read(heading + TABLE, "csl.tsv", task="keywords").documents) == 2


def test_the_table_needs_a_task(refuse: Refuse) -> None:
    assert refuse(TABLE, "csl.tsv").code == "gold_which_task"


def test_keywords_are_parted_by_underscores_once_each(read: Read) -> None:
    gold = read(TABLE, "csl.tsv", task="keywords")
    assert gold.documents[0].items == ("钢", "硬度")
    assert notices(gold) == ["gold_blank_items", "gold_repeated_items"]


def test_the_domain_is_the_category_of_the_title(read: Read) -> None:
    assert read(TABLE, "csl.tsv", task="domain").kinds == ("哲学", "工学")


def test_the_discipline_of_the_abstract_is_a_format_of_its_own(read: Read) -> None:
    gold = read(TABLE, "csl.tsv", task="domain", format="csl_discipline")
    assert gold.kinds == ("哲学", "材料科学与工程") and gold.documents[0].inputs == {"text": " 我们研究钢😀."}


def test_category_and_discipline_may_have_changed_places(read: Read) -> None:
    swapped = "钢的研究\t我们研究钢.\t钢\t工学\t材料科学与工程\n"
    assert read(swapped, "csl.tsv", task="domain").kinds == ("工学",)


@pytest.mark.parametrize(
    ("kind", "task", "text"),
    [
        ("keywords", "keywords", "我们研究钢. 钢的研究"),
        ("category", "domain", "钢的研究"),
        ("discipline", "domain", "我们研究钢."),
    ],
)
def test_lines_of_the_benchmark_tell_their_task(read: Read, kind: str, task: str, text: str) -> None:
    gold = read(BENCHMARK[kind], "dev.tsv")
    assert (gold.format, gold.task, gold.documents[0].inputs) == ("csl", task, {"text": text})


def test_titles_of_the_benchmark_can_be_turned_round(read: Read) -> None:
    found = [
        read(BENCHMARK["title"], "dev.tsv", task=task).documents[0]
        for task in ("abstract_to_title", "title_to_abstract")
    ]
    assert [(one.inputs, one.texts) for one in found] == [
        ({"abstract": "我们研究钢."}, ("钢的研究",)),
        ({"title": "钢的研究"}, ("我们研究钢.",)),
    ]


def test_a_file_of_all_tasks_is_read_for_one_and_the_rest_is_told(read: Read) -> None:
    gold = read("".join(BENCHMARK.values()), "all.tsv", task="keywords")
    assert len(gold.documents) == 1 and notices(gold) == ["gold_unannotated"]


def test_the_benchmark_as_json_reads_alike(read: Read) -> None:
    row = dict(zip(("prompt", "text_a", "text_b"), BENCHMARK["category"].strip().split("\t"), strict=True))
    gold = read([row])
    assert (gold.format, gold.documents[0].label) == ("csl", "工学")


def test_papers_as_json_read_like_the_table(read: Read) -> None:
    row = {
        "title": "钢的研究",
        "abstract": "我们研究钢.",
        "keywords": ["钢", "硬度"],
        "category": "工学",
        "discipline": "材料",
    }
    assert read([row], task="keywords").documents[0].items == ("钢", "硬度")
    assert read([row], task="domain").documents[0].label == "工学"


def test_keywords_that_clue_made_up_are_left_out(read: Read) -> None:
    gold = read([CLUE, CLUE | {"label": "0"}])
    assert (gold.task, len(gold.documents)) == ("keywords", 1) and notices(gold) == ["gold_unannotated"]
    assert gold.documents[0].inputs == {"text": "我们研究钢."}


def test_a_line_with_other_columns_is_told_with_its_number(refuse: Refuse) -> None:
    error = refuse(TABLE + "钢\t铁\n", "csl.tsv", task="domain", format="csl")
    assert error.code == "gold_table_columns" and "line 3" in error.message.en
