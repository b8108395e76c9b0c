"""What a member must not be shown, because he is still to judge it without the model's answer."""

from techgpt_ui.store import Place, ReviewStore
from tests.store.review_examples import Desk, a_colleague, a_draft


def a_blind_project(reviews: ReviewStore, **place: bool) -> Desk:
    places = (Place(item=0, blind=True, **place), Place(item=1))
    return Desk(reviews, reviews.create(a_draft(2).model_copy(update={"places": places}), "Ann"))


def hidden(desk: Desk, document: int = 0, task: str = "ner") -> bool:
    return desk.reviews.hides(desk.owner, desk.project, document, task)


def test_a_blind_item_is_hidden_until_it_is_judged(reviews: ReviewStore) -> None:
    ann = a_blind_project(reviews)
    assert (hidden(ann), hidden(ann, 1), hidden(ann, task="triples")) == (True, False, False)
    ann.say(0, "edit", payload={"type": "人物"})
    assert not hidden(ann)


def test_for_who_has_judged_it_the_second_reviewer_s_share_hides_nothing(reviews: ReviewStore) -> None:
    ann = a_blind_project(reviews, double=True)
    bob = a_colleague(reviews, ann)
    ann.say(0, "edit", payload={"type": "人物"})
    assert (hidden(ann), hidden(bob)) == (False, True)
