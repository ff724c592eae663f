"""Imports made before they are needed: where there will be no descriptors for them."""
from __future__ import annotations

from minishell.builtins.registry import BUILTINS
from minishell.run.utilities import load_builtin


def load_all() -> None:
    """Import what would be imported when needed: the rest of the compiler, the built-ins."""
    for name in BUILTINS:
        load_builtin(name)
    for module in (
            'compile.texts', 'state.history_rules', 'syntax.breaking', 'syntax.oneline',
            'builtins.limited', 'compile.arithmetic', 'compile.arithmetic_elements',
            'compile.array_parts', 'compile.braces', 'compile.compound', 'compile.conditional',
            'compile.array_assignments', 'compile.coprocess', 'compile.elements',
            'compile.file_text', 'compile.hot', 'compile.hot_words', 'compile.local_variables',
            'compile.loops', 'compile.numbers', 'compile.operators',
            'compile.parameter_changes', 'compile.parameters', 'compile.patterns',
            'compile.process_substitution', 'compile.read_ahead', 'compile.redirections',
            'compile.selecting', 'compile.substitution', 'compile.timing', 'expand.characters',
            'expand.collating', 'expand.globbing', 'expand.groups', 'expand.letters',
            'expand.pathname', 'expand.pattern', 'expand.regex', 'expand.tilde', 'parse_cache',
            'pointing', 'run.calls', 'run.declarations', 'run.directly', 'run.elements',
            'run.functions', 'run.loops', 'run.pipelines', 'run.prompt', 'run.redirections',
            'run.subshell', 'run.tracing', 'run.unfound', 'run.watching', 'state.arrays',
            'state.computed', 'state.coprocesses', 'state.dialect', 'state.elements',
            'state.jobcontrol', 'state.joblines', 'state.jobs', 'state.kept', 'state.search',
            'state.traced', 'state.traps',
            'syntax.arithmetic', 'syntax.arrays', 'syntax.bash_layout', 'syntax.braces',
            'syntax.compound', 'syntax.conditional', 'syntax.dollarquote',
            'syntax.here_documents', 'syntax.parameters', 'syntax.stored', 'syntax.unexpected',
            'syntax.unparse', 'system.events', 'system.guarding', 'system.lines',
            'system.terminal', 'system.wakeup'):
        __import__('minishell.' + module)
    __import__('select')
