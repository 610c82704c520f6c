"""The models of the protocol: one for each collection of articles, and one for all of them."""

from fastapi import FastAPI

from index.collections.registry import ALL, ARTICLES
from ui.api.errors import RefusedError
from ui.api.openai.forms import Model, ModelList
from ui.api.service import MODELS, Service
from ui.api.table import REFUSALS, TAG_OPENAI


def check(service: Service, name: str, *others: str) -> str:
    """
    Return the collection that a name stands for, as in `rag.types.Filter`; `others` stand for the articles.

    Raises
    ------
    RefusedError
        There is no such name.

    """
    also = {f"{MODELS}/{collection}": collection for collection in (ARTICLES, ALL)}  # whatever their folder is called
    known = dict.fromkeys(others, ARTICLES) | also | service.models
    if name not in known:
        raise RefusedError(
            "There is no such model; `/v1/models` lists the models.",
            status=404,
            param="model",
            code="model_not_found",
        )
    return known[name]


def register(api: FastAPI, service: Service) -> None:
    """Add the routes."""

    def described(name: str) -> Model:
        return Model(id=name, created=service.started)

    def models() -> ModelList:
        """List the collections that can be asked."""
        return ModelList(data=[described(name) for name in service.models])

    def model(name: str) -> Model:
        """Return the collection with this name, if there is one."""
        check(service, name)
        return described(name)

    api.add_api_route("/v1/models", models, methods=["GET"], responses=REFUSALS, tags=[TAG_OPENAI])

    def named(name: str) -> Model:
        """Return the named collection with this name, if there is one."""
        return model(f"{MODELS}/{name}")

    api.add_api_route(f"/v1/models/{MODELS}/{{name}}", named, methods=["GET"], responses=REFUSALS, tags=[TAG_OPENAI])
    api.add_api_route("/v1/models/{name}", model, methods=["GET"], responses=REFUSALS, tags=[TAG_OPENAI])
