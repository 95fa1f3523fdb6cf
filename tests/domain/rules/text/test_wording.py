"""What people read of an error is made from its parts; its text never shows."""

from __future__ import annotations

import pytest

from syncd.domain import errors
from syncd.domain.rules.text import wording

TEXT = "_Dropped: ServerDisconnectedError at https://x.test in lane write; reserve rests 121 s"


def leaves(kind: type[errors.SyncdError] = errors.SyncdError) -> list[type[errors.SyncdError]]:
    below = [leaf for child in kind.__subclasses__() for leaf in leaves(child)]
    ours = [leaf for leaf in below if leaf.__module__ == errors.__name__]
    return [kind, *ours]


def made(kind: type[errors.SyncdError]) -> errors.SyncdError:
    match kind.__name__:
        case "ConfigError":
            return errors.ConfigError((TEXT,))
        case "Throttled":
            return errors.Throttled(TEXT, retry_after_s=1, limit="minute", system="xero")
        case "Unauthorised":
            return errors.Unauthorised(TEXT, cause="insufficient_scope", system="xero")
    return kind(TEXT)


@pytest.mark.parametrize("kind", leaves(), ids=lambda kind: kind.__name__)
def test_words_never_repeat_the_text_of_an_error(kind: type[errors.SyncdError]) -> None:
    words = wording.in_words(made(kind))

    assert not any(part in words for part in ("_Dropped", "Error", "http", "lane", "reserve"))
    assert words.endswith(".")
    assert words[0].isupper()


def test_words_of_an_unforeseen_error_point_at_the_log() -> None:
    assert wording.in_words(KeyError("reference")) == (
        "Something went wrong in syncd itself. It is tried again by itself. The log says more."
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            errors.NotSent(TEXT, system="pipeline"),
            "Pipeline could not be reached. It is tried again by itself.",
        ),
        (
            errors.NotRenewed(TEXT, system="xero"),
            "The connection to Xero could not be renewed. It is tried again by itself.",
        ),
        (
            errors.OutcomeUnknown(TEXT, system="xero"),
            "Xero did not answer, or its answer was lost. Whether it took the write is looked for.",
        ),
        (
            errors.ServerTrouble(
                TEXT, system="xero", status=503, detail="Organisation is offline."
            ),
            (
                "Xero answered with an error (503: Organisation is offline). It is tried again by "
                "itself."
            ),
        ),
        (
            errors.Refused(TEXT, status=400, system="xero", detail="Account code 200 is archived"),
            "Xero refused it: Account code 200 is archived.",
        ),
        (
            errors.Throttled(TEXT, retry_after_s=9, limit=errors.BREAKER, system="xero"),
            "Xero fails at the moment. It goes on by itself when Xero answers again.",
        ),
        (
            errors.Unauthorised(TEXT, cause="key_refused", system="pipeline"),
            "Pipeline refused the tenant's key. Check pipeline_key.",
        ),
    ],
)
def test_words_say_what_happened_and_what_to_do(error: errors.SyncdError, words: str) -> None:
    assert wording.in_words(error) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.6, "60 s"), (300, "5 min"), (7199, "120 min"), (10_800, "3 h")],
)
def test_duration_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert wording.lasting(seconds) == words
