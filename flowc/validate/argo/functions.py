"""What an expression of Argo Workflows may name: the functions of `expr`, the engine's own, and its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from flowc.validate.argo.expressions import Chain

FUNCTIONS = frozenset(
    "abs all any bitand bitnand bitnot bitor bitshl bitshr bitushr bitxor ceil concat count date duration filter find "
    "findIndex findLast findLastIndex first flatten float floor fromBase64 fromJSON fromPairs get groupBy hasPrefix "
    "hasSuffix indexOf int join keys last lastIndexOf len lower map max mean median min none now one reduce repeat "
    "replace reverse round sort sortBy split splitAfter string sum take timezone toBase64 toJSON toPairs trim "
    "trimPrefix trimSuffix type uniq upper values asInt asFloat jsonpath toJson".split()
)
# The first names of what a place may know; which of them it does is judged by its scope.
_ROOTS = frozenset(
    "workflow inputs outputs tasks steps item pod node retries lastRetry sprig cronworkflow "
    "status duration exitCode resourcesDuration response data".split()
)
_WORDS = frozenset(
    "true false nil let if else not and or in contains startsWith endsWith matches $env".split()
)


def unknown_name(chain: Chain) -> tuple[str, tuple[str, ...]] | None:
    """What is wrong with the first name of a chain, and what to do; None where it may be known."""
    name = chain.parts[0]
    if name in _WORDS or chain.may_be_missing:
        return None
    if chain.is_call and len(chain.parts) == 1:
        if name in FUNCTIONS:
            return None
        helps = did_you_mean(name, FUNCTIONS) or (
            "functions of sprig are called by `sprig.`, as in `sprig.trim(…)`",
        )
        return f"there is no function `{name}`", helps
    if name in _ROOTS:
        return None
    known = did_you_mean(name, _ROOTS)
    return f"nothing is called `{name}` here", known or (
        "an expression knows `inputs`, `tasks`, `steps`, `workflow`; a text stands in quotes",
    )
