"""`metaflow.cards`: the components of a card, accepted and kept, never rendered.

A step with `@card` runs the same: `current.card.append(Markdown("…"))` puts the component into a
list that ends with the task. Nothing is loaded for it and nothing is stored.
"""

from __future__ import annotations

from flowc.dsl import MetaflowException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, NoReturn

__all__ = [
    "Artifact", "BlankCard", "DefaultCard", "Error", "ErrorCard", "EventsTimeline", "Image", "JSONViewer", "Markdown",
    "MetaflowCard", "MetaflowCardComponent", "PageComponent", "ProgressBar", "PythonCode", "Table", "UserComponent",
    "ValueBox", "VegaChart", "YAMLViewer", "get_cards",
]  # fmt: skip


class MetaflowCardComponent:
    """What a card shows: the arguments it was made with, later ones of `update` over them."""

    component_id: str | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        self.args = args
        self.options = options

    def update(self, *args: Any, **options: Any) -> None:
        """Show something else."""
        self.args = args or self.args
        self.options = {**self.options, **options}

    def render(self) -> str:
        """The text of it, as far as it is text."""
        return " ".join(str(value) for value in (*self.args, *self.options.values()) if value is not None)


class UserComponent(MetaflowCardComponent):
    """A component that may change while the task runs."""


class Artifact(UserComponent):
    """Any value."""


class Error(UserComponent):
    """An exception."""


class Markdown(UserComponent):
    """Text in Markdown."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text)


class ProgressBar(UserComponent):
    """How far something is: `max`, `label`, `value`, `unit`."""


class ValueBox(UserComponent):
    """One number with a title."""


class PythonCode(UserComponent):
    """Source text, or the function whose source it is."""


class JSONViewer(UserComponent):
    """A value as JSON."""


class YAMLViewer(UserComponent):
    """A value as YAML."""


class Table(UserComponent):
    """Rows of values or components: `data`, `headers`."""

    @classmethod
    def from_dataframe(cls, dataframe: Any, truncate: bool = True) -> Table:  # noqa: ARG003 - Metaflow's signature
        """The table of a pandas data frame; not converted, since nothing shows it."""
        return cls(dataframe)


class Image(UserComponent):
    """A picture, not converted, since nothing shows it."""

    @classmethod
    def from_pil_image(cls, pilimage: Any, label: str | None = None, **options: Any) -> Image:
        """The picture of a PIL image."""
        return cls(pilimage, label=label, **options)

    @classmethod
    def from_matplotlib(cls, plot: Any, label: str | None = None, **options: Any) -> Image:
        """The picture of a matplotlib figure."""
        return cls(plot, label=label, **options)


class VegaChart(UserComponent):
    """A chart described by a Vega specification."""

    @classmethod
    def from_altair_chart(cls, altair_chart: Any) -> VegaChart:
        """The chart of an Altair chart."""
        return cls(altair_chart)


class EventsTimeline(UserComponent):
    """Events by time."""

    def get_stats(self) -> dict[str, Any]:
        """Nothing is counted."""
        return {}


class PageComponent(MetaflowCardComponent):
    """A page of components."""


class MetaflowCard:
    """The base of a user's own kinds of cards."""

    type: str | None = None
    scope = "task"
    ALLOW_USER_COMPONENTS = False
    IS_EDITABLE = False
    RUNTIME_UPDATABLE = False
    RELOAD_POLICY_NEVER, RELOAD_POLICY_ALWAYS, RELOAD_POLICY_ONCHANGE = "never", "always", "onchange"
    RELOAD_POLICY = RELOAD_POLICY_NEVER

    def __init__(
        self, options: dict[str, Any] | None = None, components: Any = (), graph: Any = None
    ) -> None:
        self.options = options or {}
        self.components = components
        self.graph = graph

    def render(self, task: Any) -> str:  # noqa: ARG002 - what a subclass gets
        """The page of a task."""
        return ""


class DefaultCard(MetaflowCard):
    """Metaflow's own card."""

    type = "default"


class BlankCard(MetaflowCard):
    """A card that shows only what the step appends."""

    type = "blank"


class ErrorCard(MetaflowCard):
    """The card of a card that failed."""

    type = "error"


def get_cards(task: Any, **_options: Any) -> NoReturn:
    """Cards are not stored: raises MetaflowException."""
    raise MetaflowException(f"there are no cards of {task}: flowc runs steps with @card and renders none")


class Card:
    """The components of one card, in order; those with an id also by it."""

    def __init__(self) -> None:
        self._components: list[Any] = []
        self._named: dict[str, Any] = {}

    def append(self, component: Any, id: str | None = None) -> None:  # noqa: A002 - Metaflow's name for it
        """Add a component, which `card.components[id]` finds."""
        self._components.append(component)
        if id is not None:
            self._named[id] = component

    def extend(self, components: Iterable[Any]) -> None:
        """Add components."""
        self._components.extend(components)

    def clear(self) -> None:
        """Drop all components."""
        self._components.clear()
        self._named.clear()

    def refresh(self, *_data: Any, **_options: Any) -> None:
        """Nothing is shown, so that nothing is drawn anew."""

    @property
    def components(self) -> Components:
        """All components, by place or id."""
        return Components(self._components, self._named)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)


class Components:
    """A card's components as a list and as a mapping."""

    def __init__(self, components: list[Any], named: dict[str, Any]) -> None:
        self._components = components
        self._named = named

    def __getitem__(self, key: int | str) -> Any:
        if isinstance(key, int):
            return self._components[key]
        # As in Metaflow, what is not there can be updated without effect.
        return self._named.get(key) or UserComponent()

    def __setitem__(self, key: str, component: Any) -> None:
        before = self._named.get(key)
        if before is None:
            self._components.append(component)
        else:
            self._components[self._components.index(before)] = component
        self._named[key] = component

    def __contains__(self, key: str) -> bool:
        return key in self._named

    def __iter__(self) -> Iterator[Any]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)

    def keys(self) -> list[str]:
        """The ids."""
        return list(self._named)

    def values(self) -> list[Any]:
        """All components."""
        return list(self._components)


class Cards(Card):
    """`current.card`: the step's card, and each of several by the `id` of its `@card`."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[str, Card] = {}

    def __getitem__(self, card: str) -> Card:
        # A card that the step has not takes everything, too, as in Metaflow.
        return self._cards.setdefault(card, Card())

    def __setitem__(self, card: str, components: Iterable[Any]) -> None:
        chosen = self[card]
        chosen.clear()
        chosen.extend(components)

    def get(self, type: str | None = None) -> list[Any]:  # noqa: A002, ARG002 - Metaflow's name for it
        """No card is rendered."""
        return []
