"""
Switch off the usage reports of the underlying libraries, so that nothing about the user leaves the machine.

OpenVINO
    ``import openvino`` runs ``openvino.tools.ovc.__init__``, which sends the event "general_import" to a web
    analytics service through the package ``openvino_telemetry`` unless a consent file in the user's home
    says no or the machine looks like CI (``enable_opt_in_dialog=False`` there means that nobody is asked).
    No environment variable switches it off. Where that package cannot be imported, OpenVINO falls back to
    its own stub, which does nothing; so the import is made to fail. The C++ libraries send nothing
    themselves: their ``TelemetryExtension`` is a hook that only the Python converter fills.
Hugging Face
    ``HF_HUB_DISABLE_TELEMETRY`` is read when ``huggingface_hub`` is first imported.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def silence_telemetry() -> None:
    """
    Keep OpenVINO and the Hugging Face libraries from reporting usage in this process.

    Importing `rag.inference.weights` calls it, so that it runs before this program imports any of those libraries.
    """
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    if "openvino_telemetry" not in sys.modules:
        # None is the documented way to make `import openvino_telemetry` raise ImportError.
        blocked: dict[str, Any] = {"openvino_telemetry": None}
        sys.modules.update(blocked)
