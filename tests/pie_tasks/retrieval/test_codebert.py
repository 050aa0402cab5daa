"""The embedding retriever, with a tiny model of the same kind made here; and what it says where it can't work."""

import importlib.util
import string

import pytest

from pie_tasks.dataset import load_split
from pie_tasks.prompts import build_prompt
from pie_tasks.retrieval import nearest_pairs
from sandbox.types import SandboxError

MISSING = [name for name in ("faiss", "torch", "transformers") if importlib.util.find_spec(name) is None]
needs_extra = pytest.mark.skipif(bool(MISSING), reason=f"pip install 'pie-tasks[retrieval]' (missing: {MISSING})")


@pytest.fixture
def split(tmp_path, raw_row, write_lines):
    train = [
        raw_row("p1", src_code="zzzz zzzz zzzz zzzz"),
        raw_row("p2", src_code="aaaa bbbb cccc dddd"),
        raw_row("p3", src_code="aaaa bbbb zzzz zzzz"),
        raw_row("p0", src_code="aaaa bbbb cccc ddde"),
    ]
    write_lines(
        tmp_path / "val.jsonl", [raw_row("p0", src_code="aaaa bbbb cccc dddd\n\naaaa bbbb cccc dddd", tests=None)]
    )
    write_lines(tmp_path / "train.jsonl", train)
    return load_split("pie_val", tmp_path)


@pytest.fixture
def tiny_model(tmp_path, monkeypatch):
    """A random RoBERTa with one layer and a vocabulary of single characters."""
    import torch
    import transformers

    folder = tmp_path / "model"
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    vocabulary = {token: i for i, token in enumerate([*special, *string.printable, "Ġ", "Ċ"])}
    transformers.RobertaTokenizer(vocab=vocabulary, merges=[]).save_pretrained(folder)
    torch.manual_seed(1)
    config = transformers.RobertaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=600,
        pad_token_id=1,
    )
    transformers.RobertaModel(config).save_pretrained(folder)
    monkeypatch.setenv("PIE_CODEBERT", str(folder))
    return folder


@needs_extra
def test_nearest_by_embedding_without_the_own_problem(split, tiny_model):
    pairs = nearest_pairs(split.rows[0], split.train, 3, "codebert")
    assert [pair.problem_id for pair in pairs] == ["p2", "p3", "p1"]


@needs_extra
def test_a_prompt_uses_it_by_name(split, tiny_model):
    prompt = build_prompt("retrieval_k2_codebert", split.rows[0], split)
    assert prompt.index("aaaa bbbb zzzz") < prompt.index("aaaa bbbb cccc dddd\n\n// optimized")


@needs_extra
def test_a_program_longer_than_the_model_reads_is_cut(split, tiny_model, raw_row, write_lines, tmp_path):
    rows = [raw_row("p1", src_code="a" * 3000), raw_row("p2", src_code="a" * 2999 + "b"), raw_row("p3", src_code="z")]
    write_lines(tmp_path / "train.jsonl", rows)
    other = load_split("pie_val", tmp_path)
    # Equal up to the cut, so equally near: the order of the file decides.
    found = [pair.problem_id for pair in nearest_pairs(other.rows[0], load_split("pie_train", tmp_path), 3, "codebert")]
    assert found.index("p1") + 1 == found.index("p2")


@needs_extra
def test_a_model_that_is_not_there_is_one_line(split, monkeypatch, tmp_path):
    monkeypatch.setenv("PIE_CODEBERT", str(tmp_path / "nowhere"))
    with pytest.raises(SandboxError, match=r"can't load model .*nowhere.*set PIE_CODEBERT") as error:
        nearest_pairs(split.rows[0], split.train, 1, "codebert")
    assert "\n" not in str(error.value)


@pytest.mark.skipif(not MISSING, reason="the extra is installed here")
def test_without_the_extra_its_name_is_said(split):
    with pytest.raises(SandboxError, match=r"retriever 'codebert' needs the package \w+; pip install 'pie-tasks\[retr"):
        build_prompt("retrieval_k1_codebert", split.rows[0], split)
