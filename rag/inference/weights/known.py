"""
Known hashes of converted files, and what vouches for files that were made on this machine.

The catalogue has the hash of every file that is fetched. The output of a conversion depends on the converter, on the
libraries that it calls and possibly on the processor; so a file that is not listed here is not wrong. Only the record
beside it then vouches for it, by showing that nothing has changed since it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rag.inference.weights.cache import read_record

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

Voucher = Literal["catalogue", "program", "record", ""]

_E5_SOURCES = frozenset(
    {
        "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    }
)
# By the converter and the SHA-256 of its inputs: the hashes of each file that it is known to produce. The weights and
# settings are made by numpy and this program alone. The encoder (openvino_model) was made three times on x86-64 with
# openvino 2026.4.1, torch 2.13.0+cpu and transformers 5.23.0, the same each time; other versions add their hashes.
KNOWN: Mapping[tuple[str, frozenset[str]], Mapping[str, Collection[str]]] = {
    ("e5s1-3", _E5_SOURCES): {
        "model.safetensors": {"8520eedb7ea5147f2345d7535bda10480394cca9f4451e415bf76a00d7eb8071"},
        "config.json": {"1dbddbfeb5b733dc617486fe59b35ffb974b013486412e1d751c572c806fd8fa"},
        "tokenizer.json": {"0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39"},
        "tokenizer_config.json": {"b31673fadd82e010c6221b76e2e16a9a50ab29c8a83376780f88b5e49b78bd06"},
        "special_tokens_map.json": {"2f15d842f583e26d89c1ee37cbede201b73833952a05647535a9481c50550cfc"},
        "modules.json": {"21ddb3037a55ebf4549eb5c1dc44c3f28f10b56ec7f1335c92fd90e5b30d88ac"},
        "sentence_bert_config.json": {"bad26b5cfc3deac5e43a2125a251b05d72f7e04e0bbb33c8b7521cc108c73c4f"},
        "config_sentence_transformers.json": {"f38c4712d0f1d622942eb62421e85b3a67a399ce439f219af90c4ae405ad1e85"},
        "1_Pooling/config.json": {"d3df094e6ed9803b2b9aa3bbbc6816f79492a5bf2a4b058b03168084d48709a7"},
        "openvino_model.xml": {"149b342f7e57a43bfea09306aa8b4d7b988e3d6320b1766a35af04f0dd597fab"},
        "openvino_model.bin": {"39c040e63ca3303ad80b5342e50aab4aef5f75e0d3468df740e630b16c392ee5"},
    },
}


def voucher(folder: Path, sources: Mapping[str, str]) -> Voucher:
    """
    Return what vouches for files that were made on this machine and match their record.

    Parameters
    ----------
    folder
        A folder of the cache that holds converted files.
    sources
        SHA-256 of the files that they were made from, by name.

    Returns
    -------
    ``program`` if every file is one that the same conversion is known to produce, else ``record``.

    """
    record = read_record(folder)
    if record is None:
        return "record"
    known: Mapping[str, Collection[str]] = KNOWN.get((record.converter, frozenset(sources.values())), {})
    alike = record.files.keys() == known.keys() and all(
        file.sha256 in known[name] for name, file in record.files.items()
    )
    return "program" if alike else "record"
