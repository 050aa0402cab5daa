"""Fine-tune a model on an exported training file: a tiny new one, offline on a laptop, to show that the pieces fit.

    pip install torch transformers
    pie train export sft --split pie_mini_train --format hf --tags
    python examples/tiny_model.py sft tiny
    lm_eval --model hf --model_args pretrained=tiny --tasks pie_best8_perf_tag --limit 2 --gen_kwargs max_gen_toks=256

Without --base the model is new: a transformer of a million parameters with a tokenizer made from the file. It learns what
programs look like, and no more; expect no correct program of it. With --base NAME a real model is fine-tuned the same way.
"""

from __future__ import annotations

import argparse
from typing import Any

import datasets
import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

END = "<|end|>"
CONTEXT = 1024


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="what 'pie train export --format hf' wrote")
    parser.add_argument("output", help="folder of the trained model")
    parser.add_argument("--base", help="a transformers model to start from [a new, tiny one]")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-3)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    table = datasets.load_dataset(arguments.folder, split="train")
    tokenizer, model = load(arguments.base) if arguments.base else make_tiny(table)
    rows = [encode(tokenizer, row["prompt"], row["completion"]) for row in table]
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.rate)
    model.train()
    for step in range(arguments.steps):
        some = [rows[(step * arguments.batch + i) % len(rows)] for i in range(arguments.batch)]
        loss = model(**pad(some, tokenizer.pad_token_id)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 10 == 0 or step == arguments.steps - 1:
            print(f"step {step}: loss {loss.item():.3f}", flush=True)
    model.save_pretrained(arguments.output)
    tokenizer.save_pretrained(arguments.output)


def make_tiny(table: Any) -> tuple[Any, Any]:
    """A new model and a tokenizer made from the training file."""
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator([row["prompt"] + row["completion"] for row in table], 2000, special_tokens=[END])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=trained._tokenizer, eos_token=END, pad_token=END)
    tokenizer.model_max_length = CONTEXT
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        pad_token_id=tokenizer.pad_token_id,
    )
    return tokenizer, LlamaForCausalLM(config)


def load(name: str) -> tuple[Any, Any]:
    """A model that exists."""
    tokenizer = AutoTokenizer.from_pretrained(name)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer, AutoModelForCausalLM.from_pretrained(name)


def encode(tokenizer: Any, prompt: str, completion: str) -> tuple[list[int], list[int]]:
    """Tokens, and labels that only ask for the completion."""
    asked = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    answer = [*tokenizer(completion, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
    return [*asked, *answer][:CONTEXT], [*[-100] * len(asked), *answer][:CONTEXT]


def pad(rows: list[tuple[list[int], list[int]]], filler: int) -> dict[str, torch.Tensor]:
    """A batch of equal length."""
    longest = max(len(tokens) for tokens, _ in rows)
    return {
        "input_ids": torch.tensor([[*tokens, *[filler] * (longest - len(tokens))] for tokens, _ in rows]),
        "labels": torch.tensor([[*labels, *[-100] * (longest - len(labels))] for _, labels in rows]),
        "attention_mask": torch.tensor([[*[1] * len(tokens), *[0] * (longest - len(tokens))] for tokens, _ in rows]),
    }


if __name__ == "__main__":
    main()
