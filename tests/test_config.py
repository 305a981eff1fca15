"""Options are checked when they are given, and an unknown one is named."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mojibake_fix.config import Config
from mojibake_fix.errors import ConfigError, MojibakeFixError


def test_no_options_are_the_defaults() -> None:
    assert Config.of(None, {}) == Config()


def test_options_are_laid_over_a_configuration() -> None:
    config = Config.of(Config(min_confidence=0.5, glosses=False), {"unescape": "all"})
    assert config == Config(min_confidence=0.5, glosses=False, unescape="all")


@pytest.mark.parametrize("confidence", [0, 0.0, 0.5, 1, 1.0])
def test_any_probability_may_be_asked_for(confidence: float) -> None:
    assert Config(min_confidence=confidence).min_confidence == confidence


@pytest.mark.parametrize("confidence", [-0.1, 1.1, math.inf, math.nan, "0.9", None, [1]])
def test_what_is_no_probability_is_refused(confidence: Any) -> None:
    with pytest.raises(ConfigError, match="min_confidence"):
        Config(min_confidence=confidence)


def test_an_unknown_way_to_unescape_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="auto, all, none"):
        Config(unescape="some")  # type: ignore[arg-type]


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ConfigError, match=r"'min_confidense'.*min_confidence"):
        Config.of(None, {"min_confidense": 0.5})


def test_option_errors_are_errors_of_this_package_and_value_errors() -> None:
    assert issubclass(ConfigError, MojibakeFixError)
    assert issubclass(ConfigError, ValueError)


def test_a_configuration_can_be_a_key() -> None:
    assert len({Config(), Config(), Config(glosses=False)}) == 2
