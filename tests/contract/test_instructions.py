"""Every instruction that upstream publishes, byte for byte, as a model trained on it must get it."""

import pytest

from techgpt_ui.inputs import check_inputs, worded
from techgpt_ui.presets import Library
from techgpt_ui.templates import fill

TEXT = "周蕙演唱了《女人树》。"

# (task, variant, inputs, the whole instruction)
PUBLISHED = [
    ("ner", "trained", {"text": TEXT}, f"抽取出下面文本的实体和实体类型：\n{TEXT}"),
    ("triples", "trained", {"text": TEXT}, f"请抽取出下面的关系三元组：\n{TEXT}"),
    ("keywords", "trained", {"text": TEXT}, f"请提取下面文本中的关键词。\n{TEXT}"),
    ("title_to_abstract", "trained", {"title": TEXT}, f"请把下列标题扩写成摘要, 不少于100字: {TEXT}"),
    ("title_to_abstract", "trained", {"title": TEXT, "length": 250}, f"请把下列标题扩写成摘要, 不少于250字: {TEXT}"),
    ("abstract_to_title", "trained", {"abstract": TEXT}, f"请把下列摘要缩写成标题:{TEXT}"),
    ("mrc", "trained", {"question": "谁唱的？", "passage": TEXT}, f"谁唱的？\n{TEXT}"),
    ("qa", "trained", {"question": "水的沸点是多少？"}, "水的沸点是多少？"),
    ("advice", "trained", {"question": "怎样学好数学？"}, "怎样学好数学？"),
    (
        "open_ie",
        "trained",
        {"fields": ["时间", "歌手"], "text": TEXT},
        f"请抽取出下列句子中的时间, 歌手:\n文本: {TEXT}",
    ),
    ("chat", "trained", {"message": "你好"}, "你好"),
    ("ner", "named-entities", {"text": TEXT}, f"{TEXT}\n请抽取出其中的命名实体。"),
    ("ner", "any-entities", {"text": TEXT}, f"这句话中是否有实体？如果有，请列举出来。\n{TEXT}"),
    ("ner", "specific-entities", {"text": TEXT}, f"{TEXT}\n请列示这段文本中的所有特定实体。"),
    ("triples", "triples-of-text", {"text": TEXT}, f"请给出文中的三元组\n{TEXT}"),
    (
        "triples",
        "subject-relation-object",
        {"text": TEXT},
        f"请给出下文中的所有关系三元组，三元组形式为<主语，关系，宾语>\n文本：{TEXT}",
    ),
    ("abstract_to_title", "abstract-and-field", {"abstract": TEXT, "field": "音乐"}, f"摘要：{TEXT}\n领域：音乐"),
    ("title_to_abstract", "title-and-field", {"title": TEXT, "field": "音乐"}, f"标题：{TEXT}\n领域：音乐"),
    (
        "copywriting",
        "subject-and-points",
        {"topic": "保温杯", "points": "轻便"},
        "给一个保温杯写一篇文案，突出轻便",
    ),
]


@pytest.mark.parametrize(("task_id", "variant_id", "inputs", "instruction"), PUBLISHED)
def test_the_instruction_is_the_published_one(
    library: Library, task_id: str, variant_id: str, inputs: dict[str, object], instruction: str
) -> None:
    task = library.task(task_id)
    variant = task.prompts.trained.variant(variant_id, "zh")
    assert fill(variant.instruction, worded(task, check_inputs(task, inputs), "zh")) == instruction


def test_every_instruction_that_is_marked_as_published_is_checked_here(library: Library) -> None:
    marked = {
        (task.id, variant.id)
        for task in library.tasks.values()
        for variant in task.prompts.trained.variants
        if variant.origin != "ours"
    }
    assert marked == {(task_id, variant_id) for task_id, variant_id, _, _ in PUBLISHED}


def test_what_upstream_does_not_publish_is_marked_as_ours_in_both_languages(library: Library) -> None:
    unpublished = {"terms", "domain", "context_qa", "copywriting", "translation", "code"}
    ours = {
        task.id: [variant for variant in task.prompts.trained.variants if variant.origin == "ours"]
        for task in library.tasks.values()
    }
    assert {task_id for task_id, variants in ours.items() if len(variants) == 2} == unpublished
    # These are published, and ours only add the names that are asked for.
    assert {task_id for task_id, variants in ours.items() if len(variants) == 1} == {"ner", "triples"}


@pytest.mark.parametrize(
    ("task_id", "variant", "names"), [("ner", "given-types", "types"), ("triples", "given-predicates", "predicates")]
)
def test_an_instruction_with_names_is_the_published_one_where_none_are_given(
    library: Library, task_id: str, variant: str, names: str
) -> None:
    published, ours = (library.task(task_id).prompts.trained.variant(wanted, "zh") for wanted in ("trained", variant))
    assert ours.origin == "ours"
    assert fill(ours.instruction, {"text": "甲", names: ""}) == fill(published.instruction, {"text": "甲"})
    assert "人物, 地点" in fill(ours.instruction, {"text": "甲", names: "人物, 地点"})


def test_there_are_sixteen_capabilities_under_the_agreed_names(library: Library) -> None:
    names = (
        "terms ner triples keywords title_to_abstract abstract_to_title domain mrc qa context_qa advice "
        "copywriting translation code open_ie chat"
    )
    assert sorted(library.tasks) == sorted(names.split())
