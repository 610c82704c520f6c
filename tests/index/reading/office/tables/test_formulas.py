from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files import INSTALLED

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

from lxml import etree

from index.reading.extraction.mathml import in_one_line
from index.reading.extraction.word.formulas import linear

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def of_mathml(inner: str) -> str:
    return in_one_line(etree.fromstring(f"<math>{inner}</math>"))


def of_office(inner: str) -> str:
    return linear(etree.fromstring(f'<m:oMath xmlns:m="{OFFICE}">{inner}</m:oMath>'))


def t(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


SIGMA = '<m:naryPr><m:chr m:val="∑"/></m:naryPr>'
BOTH = [
    (
        "<mfrac><mi>m</mi><mrow><mi>a</mi><mo>−</mo><mi>b</mi></mrow></mfrac>",
        f"<m:f><m:num>{t('m')}</m:num><m:den>{t('a−b')}</m:den></m:f>",
        "m/(a−b)",
    ),
    (
        "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>",
        f"<m:sSubSup><m:e>{t('x')}</m:e><m:sub>{t('1')}</m:sub><m:sup>{t('2')}</m:sup></m:sSubSup>",
        "x_1²",
    ),
    (
        "<mroot><mi>V</mi><mn>3</mn></mroot>",
        f"<m:rad><m:deg>{t('3')}</m:deg><m:e>{t('V')}</m:e></m:rad>",
        "³√V",
    ),
    (
        "<munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>k</mi>",
        f"<m:nary>{SIGMA}<m:sub>{t('k=1')}</m:sub><m:sup>{t('n')}</m:sup><m:e>{t('k')}</m:e></m:nary>",
        "∑_(k=1)^n k",
    ),
    (
        "<mfenced open='[' close=']' separators=';'><mn>0</mn><mn>1</mn></mfenced>",
        ('<m:d><m:dPr><m:begChr m:val="["/><m:sepChr m:val="; "/><m:endChr m:val="]"/></m:dPr>'
        f"<m:e>{t('0')}</m:e><m:e>{t('1')}</m:e></m:d>"),
        "[0; 1]",
    ),
    (
        "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd/></mtr></mtable>",
        f"<m:m><m:mr><m:e>{t('1')}</m:e><m:e>{t('2')}</m:e></m:mr><m:mr><m:e>{t('3')}</m:e><m:e/></m:mr></m:m>",
        "1, 2; 3",
    ),
    (
        "<mover><mi>x</mi><mo>¯</mo></mover>",
        f"<m:bar><m:e>{t('x')}</m:e></m:bar>",
        "x\u0304",
    ),
    ("<mi>a</mi><mphantom><mn>9</mn></mphantom>", f'{t("a")}<m:phant><m:phantPr><m:show m:val="0"/></m:phantPr><m:e>{t("9")}</m:e></m:phant>', "a"),
    (
        "<munder><mi>lim</mi><mi>n</mi></munder><mi>a</mi>",
        f"<m:limLow><m:e>{t('lim')}</m:e><m:lim>{t('n')}</m:lim></m:limLow>{t('a')}",
        "lim_n a",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mathml", "office", "text"), BOTH)
def test_both_kinds_of_formulas_are_written_alike(mathml: str, office: str, text: str) -> None:
    assert of_mathml(mathml) == text
    assert of_office(office) == text


@pytest.mark.parametrize(
    ("mathml", "text"),
    [
        ("<mi>sin</mi><mo>\u2061</mo><mi>x</mi>", "sin x"),
        ("<mn>2</mn><mo>\u2062</mo><mi>π</mi>", "2π"),
        ("<mn>2</mn><mo>\u2062</mo><mn>3</mn>", "2·3"),
        ("<semantics><mrow><mi>E</mi></mrow><mrow><mi>doppelt</mi></mrow></semantics>", "E"),
        ("<semantics><mi>E</mi><annotation>\\mathrm{E}</annotation></semantics>", "E"),
        ("<menclose notation='updiagonalstrike'><mn>7</mn></menclose><mn>8</mn>", "8"),
    ],
)
def test_signs_that_are_not_seen_and_second_versions_are_not_read(mathml: str, text: str) -> None:
    assert of_mathml(mathml) == text


def test_prefixes_and_namespaces_of_mathml_make_no_difference() -> None:
    spelled = (
        '<m:math xmlns:m="http://www.w3.org/1998/Math/MathML"><m:msup><m:mi>a</m:mi><m:mn>2</m:mn></m:msup></m:math>'
    )
    assert in_one_line(etree.fromstring(spelled)) == "a²"


TAGS = ["mfrac", "msup", "msub", "msubsup", "msqrt", "mroot", "mrow", "munder", "mover", "munderover", "mtable", "mtr"]
TREES = st.recursive(
    st.integers(0, 99).map(lambda number: f"<mn>{number}</mn>"),
    lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=4)).map(
        lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_no_figure_of_a_formula_is_lost(inner: str) -> None:
    plain = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
    figures = [one.text for one in etree.fromstring(f"<math>{inner}</math>").iter("mn")]
    assert sorted("".join(figures)) == sorted(sign for sign in of_mathml(inner).translate(plain) if sign.isdigit())
