"""
The page's extension point: a panel beside the answer that may change how a question is answered.

A panel is one subclass of `Panel`, named in `ui.app.PANELS`. Its scripts and styles are files in `ui/client` and
`ui/style`, which are all loaded, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from ui.server.owners import Owners

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import gradio as gr
    from gradio.components import Component

    from ui.conversation.engine import Engine


Function = Callable[[Any, "gr.Request"], Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A question on its way to the engine.

    Parameters
    ----------
    engine
        Answers it; a panel may replace it, for instance for a collection of its own.
    options
        Arguments of `Engine.stream` besides the question and its history, such as ``filter``.
    single
        Only one document is asked, which is a narrower choice than a collection.

    """

    engine: Engine
    options: Mapping[str, Any] = field(default_factory=dict)
    single: bool = False


class Panel:
    """
    A panel beside the answer, shown when its button in the masthead is pressed.

    Parameters
    ----------
    engine
        The engine that the page was opened with; it answers the questions.

    Attributes
    ----------
    owners
        Identify who asks; `ui.create_app` replaces them with its own.

    """

    name: ClassVar[str]
    """Short and unique: the panel's element is ``q-panel-NAME``."""
    title: ClassVar[str]
    """The field of `ui.render.texts.Texts` that holds the words on its button."""
    wide: ClassVar[bool] = False
    """Whether the panel takes more than half of a wide window."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.owners = Owners()

    @classmethod
    def suits(cls, engine: Engine) -> bool:
        """Tell whether the panel can work with an engine; if not, the page leaves the panel out."""
        del engine
        return True

    def build(self) -> Sequence[Component]:
        """
        Make the panel's components, inside its column.

        Returns
        -------
        Sequence[Component]
            Those whose values are sent with each question, to `narrow`.

        """
        return ()

    def narrow(self, asked: Asked, *values: Any, request: gr.Request) -> Asked:
        """
        Change how a question is answered.

        Parameters
        ----------
        asked
            As the panels before this one left it.
        *values
            Values of the components that `build` returned, in their order.
        request
            The request of the browser that asks.

        """
        del values, request
        return asked

    def functions(self) -> Sequence[Function]:
        """
        Return the functions that the page's scripts may call: ``quellentreu.call(name, argument)``.

        Each takes that argument, which comes from a browser and is not to be trusted, and the browser's request.
        What it returns must be JSON. All panels share one namespace.
        """
        return ()
