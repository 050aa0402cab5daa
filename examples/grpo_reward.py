"""Reinforcement learning with TRL's GRPO trainer: the reward is what the sandbox says of each sampled program.

    pip install trl
    pie train export rl --split pie_train --data-dir ~/pie --format hf --tags
    python examples/grpo_reward.py rl --model Qwen/Qwen2.5-Coder-0.5B-Instruct --data-dir ~/pie

Every rollout is compiled, contained, checked against its problem's tests and timed; equal programs are measured once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import datasets
from trl import GRPOConfig, GRPOTrainer

from pie_tasks.dataset import load_split
from pie_tasks.training.trainer_reward import TrainerReward
from scorers.evaluate import Settings
from scorers.reward import RewardOptions


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="what 'pie train export --format hf' wrote")
    parser.add_argument("--model", required=True)
    parser.add_argument("--split", default="pie_train")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--engine", default="cachegrind")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--output", default="grpo")
    arguments = parser.parse_args()
    split = load_split(arguments.split, arguments.data_dir)
    options = RewardOptions(correct=0.5, shape="log2", partial=0.2, broken=-0.2)
    with TrainerReward(split, Settings(engine=arguments.engine), options) as pie_reward:
        GRPOTrainer(
            model=arguments.model,
            reward_funcs=pie_reward,
            train_dataset=datasets.load_dataset(arguments.folder, split="train").remove_columns("completion"),
            args=GRPOConfig(output_dir=arguments.output, max_steps=arguments.steps),
        ).train()


if __name__ == "__main__":
    main()
