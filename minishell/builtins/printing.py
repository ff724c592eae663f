"""echo (XCU 3)."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell


def echo(shell: Shell, argv: list[str]) -> int:
    """Write the arguments (XCU 3, echo); -n, -e and -E as in bash."""
    index, newline, escapes = 1, '\n', 'xpg_echo' in shell.shopts
    while index < len(argv):
        word = argv[index]
        if len(word) < 2 or word[0] != '-' or word.strip('neE') != '-':
            break
        for letter in word[1:]:
            if letter == 'n':
                newline = ''
            else:
                escapes = letter == 'e'
        index += 1
    text = ' '.join(argv[index:])
    if escapes and '\\' in text:
        from minishell.builtins.escapes import expand_escapes
        text, stopped, _ = expand_escapes(text, False)
        if stopped:
            newline = ''
    shell.out.write(text + newline)
    return 0
