"""Differences that no edit distance excuses. All texts are folded."""

import pytest

from techgpt_ui.grounding.guards import tell_the_same


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("头孢250毫克", "头孢350毫克"),
        ("合同第三条", "合同第四条"),
        ("a dose of 250 mg", "a dose of 250 kg"),
        ("grew by 3.5%", "grew by 3.5"),
        ("从3到5", "从5到3"),
        ("type ii diabetes", "type i diabetes"),
        ("hepatitis b virus", "hepatitis c virus"),
        ("tnf-α", "tnf-β"),
    ],
)
def test_numbers_units_and_labels_may_not_differ(left: str, right: str) -> None:
    assert not tell_the_same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("可以手术", "不可以手术"),
        ("没有发热", "有发热"),
        ("无发热", "有发热"),
        ("非小细胞肺癌", "小细胞肺癌"),
        ("未成年人", "成年人"),
        ("is not closed", "is closed"),
        ("is not closed", "is now closed"),
        ("never seen", "ever seen"),
        ("isn't stable", "is stable"),
        ("non-invasive", "invasive"),
        ("an unstable state", "a stable state"),
        ("without fever", "with fever"),
    ],
)
def test_negations_may_not_differ(left: str, right: str) -> None:
    assert not tell_the_same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("核酸阳性", "核酸阴性"),
        ("甲方代表", "乙方代表"),
        ("左肺上叶", "右肺上叶"),
        ("hypertension", "hypotension"),
        ("a male patient", "a female patient"),
        ("in the right lung", "in the left lung"),
    ],
)
def test_opposites_may_not_differ(left: str, right: str) -> None:
    assert not tell_the_same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("gene mutation", "gene mutations"),
        ("organization", "organisation"),
        ("the color of 3 cells", "the colour of 3 cells"),
        ("10,000 people", "10000 people"),
        ("250mg tablets", "250 mg tablet"),
        ("患者可以进行手术", "患者可以进行的手术"),
    ],
)
def test_inflection_spelling_and_particles_may_differ(left: str, right: str) -> None:
    assert tell_the_same(left, right)
