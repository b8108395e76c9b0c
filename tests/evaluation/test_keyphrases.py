"""Keywords by statistics alone."""

from techgpt_ui.evaluation.keyphrases import keyphrases


def test_english_keyphrases_are_frequent_here_and_rare_elsewhere() -> None:
    others = ["The method is applied to the data of the method.", "A method for data."]
    text = "Graph neural networks are a method. We train graph neural networks on data, as a graph neural network can."
    assert keyphrases([text], others, 1) == [["Graph neural networks"]]


def test_chinese_keyphrases_are_runs_of_words_that_end_in_a_noun() -> None:
    text = "知识图谱补全是知识图谱研究的重要任务。"
    assert keyphrases([text], ["重要研究任务"], 1) == [["知识图谱"]]


def test_phrases_do_not_cross_punctuation_or_function_words() -> None:
    (phrases,) = keyphrases(["neural nets, link prediction for state-of-the-art models v2.0"], [], 50)
    assert "nets link" not in phrases and "prediction for state-of-the-art" not in phrases
    assert {"neural nets", "link prediction", "state-of-the-art models v2.0"} <= set(phrases)


def test_a_text_without_words_has_no_keyphrases() -> None:
    assert keyphrases(["", "？！", "of the"], [], 5) == [[], [], []]


def test_without_texts_there_is_nothing() -> None:
    assert keyphrases([], ["some text"], 5) == []
