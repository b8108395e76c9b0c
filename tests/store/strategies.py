"""Text and JSON without limits: what a model might write."""

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=15,
)
WEIRD = (
    "emoji 👩‍🔬, a half \ud800, its other half \udc00, NUL \0, bell \a, backslash \\u0000 \\\\, lines \r\n\u2028\x85"
)
