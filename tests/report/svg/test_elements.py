from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from tunesmith.report.svg.elements import element, path, picture, tree, words
from tunesmith.usage import printable

NAMES = st.text(st.characters(blacklist_categories=("Cs",)))


@given(NAMES)
def test_text_is_never_markup(text):
    """What a name holds comes back from an XML parser, control characters made visible."""
    parsed = ElementTree.fromstring(picture(3, 4, text, words(text, x=1)))
    assert parsed.attrib["aria-label"] == printable(text)
    assert (parsed[0].text or "") == printable(text)


def test_attributes():
    """Underscores become hyphens, a class its own name; numbers are short."""
    assert (
        element("a", class_="b", stroke_width=2.0, x=1.25)
        == '<a class="b" stroke-width="2" x="1.2"/>'
    )


def test_path():
    """A line through two points."""
    assert path([(0.0, 1.0), (2.5, 3.0)]) == '<path d="M0,1 2.5,3"/>'


@given(NAMES)
def test_a_tree_holds_what_the_picture_held(text):
    """Name, attributes, text and children, and no more."""
    drawn = picture(3, 4, text, element("g", words(text, x=1.5)))
    assert tree(drawn) == [
        "svg",
        {"viewBox": "0 0 3 4", "role": "img", "aria-label": printable(text)},
        "",
        [["g", {}, "", [["text", {"x": "1.5"}, printable(text), []]]]],
    ]
