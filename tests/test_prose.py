"""The check of the project's prose finds what it must, and nothing in plain sentences."""

import pytest

from prose import EXCEPTIONS, hits_in


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ('def f():\n    """What the chair does."""', "docstring opens with a clause"),
        ('"""A window. What was weighed is kept."""', "clause as a subject"),
        ("x = 1  # the disk was spoilt", "archaic word"),
        ('x = "the broker is told first"', "'told' for published, logged or reported"),
        ('x = "Has the chair forget its day"', "'has something done'"),
        ("# the rows that there are", "pronoun without a noun"),
    ],
)
def test_a_sentence_that_is_hard_to_read_is_found(source: str, rule: str) -> None:
    assert [hit.rule for hit in hits_in("a.py", source)] == [rule]


def test_a_line_of_markdown_is_read_too() -> None:
    [hit] = hits_in("a.md", "# Chair\n\nThe service begins anew.")

    assert str(hit) == "a.md:3: archaic word: The service begins anew."


def test_plain_sentences_pass() -> None:
    source = '"""Restart: the bout goes on."""\n# What is missing?\nx = "told"\n'

    assert list(hits_in("a.py", source)) == []


def test_the_list_of_exceptions_is_small_and_each_has_a_reason() -> None:
    assert len(EXCEPTIONS) <= 10
    assert all(EXCEPTIONS.values())
