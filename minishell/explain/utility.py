"""The built-in utility `explain`."""
from __future__ import annotations

from minishell.builtins.options import parse_options
from minishell.errors import BuiltinError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def explain(shell: Shell, argv: list[str]) -> int:
    """Say what a command would do, or what a term means; nothing is run."""
    options, operands = parse_options(argv, 'v', 's')
    if 's' in options:
        from minishell.explain.terms import signal
        sentence = signal(options['s'])
        if sentence is None:
            raise BuiltinError(f'{options["s"]}: no signal')
        shell.out.write(sentence + '\n')
        return 0
    if not operands:
        raise UsageError('usage: explain [-v] command, explain -s signal, explain term')
    from minishell.explain.terms import explained
    sentence = explained(operands)
    if sentence is not None:
        shell.out.write(sentence + '\n')
        return 0
    from minishell.explain.commands import explain as explain_text
    text = operands[0] if len(operands) == 1 else _joined(operands)
    lines, right = explain_text(shell, text, 'v' in options)
    shell.out.write('\n'.join(lines) + '\n')
    return 0 if right else 2


def _joined(words: list[str]) -> str:
    """The command that these words are, quoted where they must be."""
    from minishell.run.tracing import quoted
    return ' '.join(map(quoted, words))
