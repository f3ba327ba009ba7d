"""Good open models by size: what they need and under which licence they come. docs/models.md is made from this."""

from dataclasses import dataclass

BYTES = 2
"""Of a number in bfloat16."""

GPUS = (8, 12, 16, 24, 48, 80, 141)
"""Memory of graphics cards as they are sold, in GB."""

LOADING = 1.15
"""Free memory that a worker wants before it loads weights, as a multiple of them (worker/engine/local/loading.py)."""

CACHE_SHARE = 0.85
"""Of what is free then, keys and values get so much (worker/engine/local/budget.py)."""

OWN_GB = 1
"""What CUDA takes for itself."""

ENOUGH_TOKENS = 8 * 4096
"""Eight requests at a time, of a few pages each."""

APACHE = "Apache 2.0"
LLAMA = "English, German, French, Italian, Portuguese, Hindi, Spanish, Thai"
GRANITE = "12, among them English, German, Spanish, French, Japanese, Chinese"


@dataclass(frozen=True)
class OpenModel:
    """One model of the Hugging Face hub, with the shape of its attention as in its config.json.

    family: its `model_type`. key_heads: heads that keys and values have. context: tokens that it can use here.
    asks: its owner wants to be asked before the hub hands it out. good_at: what its makers name.
    """

    name: str
    family: str
    parameters: int
    layers: int
    key_heads: int
    head_width: int
    context: int
    licence: str
    languages: str
    good_at: str
    asks: bool = False

    @property
    def weight_bytes(self) -> int:
        return self.parameters * BYTES

    @property
    def weight_gb(self) -> float:
        return self.weight_bytes / 1e9

    @property
    def token_bytes(self) -> int:
        """Keys and values of one token, in every layer."""
        return self.layers * self.key_heads * self.head_width * 2 * BYTES

    @property
    def gpu_gb(self) -> int | None:
        """The smallest graphics card that loads it and has room for `ENOUGH_TOKENS`; None when there is none."""
        return next((gb for gb in GPUS if self.loads_on(gb) and self.tokens_on(gb) >= ENOUGH_TOKENS), None)

    def loads_on(self, gb: int) -> bool:
        return self.weight_bytes * LOADING <= (gb - OWN_GB) * 10**9

    def tokens_on(self, gb: int) -> int:
        """Tokens that the cache of a card of so many GB holds beside the weights."""
        return int(((gb - OWN_GB) * 10**9 - self.weight_bytes) * CACHE_SHARE) // self.token_bytes


OPEN_MODELS = [
    OpenModel(
        "HuggingFaceTB/SmolLM2-360M-Instruct", "llama", 361_821_120, 32, 5, 64, 8192, APACHE,
        "English", "rewriting, summarising",
    ),
    OpenModel(
        "Qwen/Qwen2.5-0.5B-Instruct", "qwen2", 494_032_768, 24, 2, 64, 32768, APACHE,
        "more than 29", "following instructions, JSON",
    ),
    OpenModel(
        "Qwen/Qwen3-0.6B", "qwen3", 596_049_920, 28, 8, 128, 40960, APACHE,
        "more than 100", "following instructions, translating",
    ),
    OpenModel(
        "google/gemma-3-1b-it", "gemma3_text", 999_885_952, 26, 1, 256, 32768, "Gemma Terms of Use",
        "English", "questions, summarising, reasoning", asks=True,
    ),
    OpenModel(
        "meta-llama/Llama-3.2-1B-Instruct", "llama", 1_235_814_400, 16, 8, 64, 131072, "Llama 3.2 Community",
        LLAMA, "dialogue in several languages, summarising", asks=True,
    ),
    OpenModel(
        "Qwen/Qwen3-1.7B", "qwen3", 1_720_574_976, 28, 8, 128, 40960, APACHE,
        "more than 100", "following instructions, translating",
    ),
    OpenModel(
        "ibm-granite/granite-3.3-2b-instruct", "granite", 2_533_539_840, 40, 8, 64, 131072, APACHE,
        GRANITE, "summarising, questions on documents, code",
    ),
    OpenModel(
        "HuggingFaceTB/SmolLM3-3B", "smollm3", 3_075_098_624, 36, 4, 128, 65536, APACHE,
        "English, French, Spanish, German, Italian, Portuguese", "reasoning, long texts; how it was made is open too",
    ),
    OpenModel(
        "meta-llama/Llama-3.2-3B-Instruct", "llama", 3_212_749_824, 28, 8, 128, 131072, "Llama 3.2 Community",
        LLAMA, "dialogue in several languages, summarising", asks=True,
    ),
    OpenModel(
        "microsoft/Phi-4-mini-instruct", "phi3", 3_836_021_760, 32, 8, 128, 4096, "MIT",
        "24", "mathematics and logic",
    ),
    OpenModel(
        "Qwen/Qwen3-4B-Instruct-2507", "qwen3", 4_022_468_096, 36, 8, 128, 262144, APACHE,
        "more than 100", "following instructions, code, long texts",
    ),
    OpenModel(
        "google/gemma-3-4b-it", "gemma3", 4_300_079_472, 34, 4, 256, 131072, "Gemma Terms of Use",
        "more than 140", "questions, summarising, reasoning", asks=True,
    ),
    OpenModel(
        "Qwen/Qwen2.5-7B-Instruct", "qwen2", 7_615_616_512, 28, 4, 128, 32768, APACHE,
        "more than 29", "code, mathematics, JSON",
    ),
    OpenModel(
        "meta-llama/Llama-3.1-8B-Instruct", "llama", 8_030_261_248, 32, 8, 128, 131072, "Llama 3.1 Community",
        LLAMA, "dialogue in several languages, summarising", asks=True,
    ),
    OpenModel(
        "ibm-granite/granite-3.3-8b-instruct", "granite", 8_170_864_640, 40, 8, 128, 131072, APACHE,
        GRANITE, "summarising, questions on documents, code",
    ),
    OpenModel(
        "Qwen/Qwen3-8B", "qwen3", 8_190_735_360, 36, 8, 128, 40960, APACHE,
        "more than 100", "following instructions, code, translating",
    ),
    OpenModel(
        "google/gemma-3-12b-it", "gemma3", 12_187_325_040, 48, 8, 256, 131072, "Gemma Terms of Use",
        "more than 140", "questions, summarising, reasoning", asks=True,
    ),
    OpenModel(
        "mistralai/Mistral-Nemo-Instruct-2407", "mistral", 12_247_782_400, 40, 8, 128, 131072, APACHE,
        "11, among them English, French, German, Spanish, Chinese", "many languages, code",
    ),
    OpenModel(
        "microsoft/phi-4", "phi3", 14_659_507_200, 40, 10, 128, 16384, "MIT",
        "English above all", "reasoning and logic",
    ),
    OpenModel(
        "Qwen/Qwen3-14B", "qwen3", 14_768_307_200, 40, 8, 128, 40960, APACHE,
        "more than 100", "following instructions, code, translating",
    ),
    OpenModel(
        "mistralai/Mistral-Small-24B-Instruct-2501", "mistral", 23_572_403_200, 40, 8, 128, 32768, APACHE,
        "dozens, among them English, French, German, Spanish, Chinese", "conversation, knowledge",
    ),
    OpenModel(
        "google/gemma-3-27b-it", "gemma3", 27_432_406_640, 62, 16, 128, 131072, "Gemma Terms of Use",
        "more than 140", "questions, summarising, reasoning", asks=True,
    ),
    OpenModel(
        "Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3_moe", 30_532_122_624, 48, 4, 128, 262144, APACHE,
        "more than 100", "following instructions, code, long texts",
    ),
    OpenModel(
        "Qwen/Qwen3-32B", "qwen3", 32_762_123_264, 64, 8, 128, 40960, APACHE,
        "more than 100", "following instructions, code, translating",
    ),
    OpenModel(
        "meta-llama/Llama-3.3-70B-Instruct", "llama", 70_553_706_496, 80, 8, 128, 131072, "Llama 3.3 Community",
        LLAMA, "dialogue in several languages", asks=True,
    ),
]  # fmt: skip
