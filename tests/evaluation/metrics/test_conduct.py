"""How answers came about."""

import pytest

from techgpt_ui.evaluation.metrics import conduct
from techgpt_ui.schema import Usage
from tests.evaluation.metrics.outcomes import item, mention, outcome

TEXT = "Ada in London"


def test_counts_and_times() -> None:
    usage = Usage(prompt_tokens=10, completion_tokens=5, ttft_s=None, total_s=1)
    found = (mention(TEXT, "Ada", "person"), mention(TEXT, "Paris", "place"))
    outcomes = [
        outcome({}, {}, {"mentions": found, "usage": usage, "finish_reason": "stop"}),
        outcome({}, {}, {"mentions": (), "usage": usage, "finish_reason": "length", "status": "unparsed"}),
        outcome({}, {}, None),
    ]
    counted = conduct(outcomes)
    assert (counted.n, counted.errors, counted.ungrounded) == (3, 1, 0.5)
    assert counted.status == {"parsed": 1, "partial": 0, "unparsed": 1}
    assert counted.finish_reasons == {"stop": 1, "length": 1}
    assert (counted.prompt_tokens, counted.completion_tokens) == (20, 10)
    assert (counted.seconds, counted.seconds_median) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ({"items": (item("x"),)}, 1),
        ({"fields": {"who": (item("x"),)}}, 1),
        ({"items": (item("x"),), "text": "x"}, None),
        ({"mentions": ()}, None),
    ],
)
def test_all_that_was_taken_from_the_text_counts_but_no_evidence(
    answer: dict[str, object], share: float | None
) -> None:
    assert conduct([outcome({}, {}, answer)]).ungrounded == share


def test_nothing_at_all() -> None:
    assert (conduct([]).n, conduct([]).seconds_median) == (0, None)
