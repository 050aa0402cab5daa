"""Test inputs for new programs: from existing ones by their shape, or from a generator that a model wrote."""

from pie_tasks.selfplay.inputs.choose import ChosenTests, choose_tests
from pie_tasks.selfplay.inputs.grammar import InputGrammar
from pie_tasks.selfplay.inputs.proposed import generator_prompt, run_generator

__all__ = ["ChosenTests", "InputGrammar", "choose_tests", "generator_prompt", "run_generator"]
