"""The models of the protocol: one for each collection of articles."""

from fastapi import FastAPI

from ui.api.errors import RefusedError
from ui.api.openai.forms import Model, ModelList
from ui.api.service import Service
from ui.api.table import REFUSALS, TAG_OPENAI


def check(service: Service, name: str, *others: str) -> None:
    """Raise `RefusedError` where there is no collection, and nothing else that may be named, of this name."""
    if name not in {service.collection, *others}:
        raise RefusedError(
            "There is no such model; `/v1/models` names those there are.",
            status=404,
            param="model",
            code="model_not_found",
        )


def register(api: FastAPI, service: Service) -> None:
    """Add the routes."""

    def described() -> Model:
        return Model(id=service.collection, created=service.started)

    def models() -> ModelList:
        """List the collections that can be asked."""
        return ModelList(data=[described()])

    def model(name: str) -> Model:
        """Say whether there is a collection of a name."""
        check(service, name)
        return described()

    api.add_api_route("/v1/models", models, methods=["GET"], responses=REFUSALS, tags=[TAG_OPENAI])
    api.add_api_route("/v1/models/{name}", model, methods=["GET"], responses=REFUSALS, tags=[TAG_OPENAI])
