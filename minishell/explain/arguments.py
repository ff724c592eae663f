"""What the arguments of built-in utilities mean: options by what `help` says of them; signals,
jobs, names of options, conversions of printf, operators of test."""
from __future__ import annotations

import re

from minishell.builtins.jobcontrol import find_job
from minishell.builtins.limits import parse_mode
from minishell.builtins.manual import OPTIONS, options_of
from minishell.errors import BuiltinError
from minishell.explain.switches import CONVERSIONS, SHOPTS, SWITCHES
from minishell.explain.terms import signal
from minishell.state.options import LETTERS, named
from minishell.syntax.names import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from minishell.builtins.manual import Option
    from minishell.state.shell import Shell

    Words = Sequence[str | None]                # None: not known before it is expanded
    Said = Iterator[tuple[int, str, str]]       # number of the word, what of it, the sentence
    Reader = Callable[['Shell', str, Words], Said]

NUMBER = re.compile(r'[-+]\d+')
CONVERSION = re.compile(r'%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d*))?[hlLjzt]*'
                        r'(\([^)]*\)T|[A-Za-z%])')
WITH_OPERATION = frozenset(('mq', 'sem', 'shm', 'ipc'))     # which stands before the options
WITH_PLUS = frozenset(('compopt', 'declare', 'local', 'typeset'))
WITH_JOBS = frozenset(('bg', 'disown', 'fds', 'fg', 'glass', 'jobs', 'pcb', 'signals', 'wait',
                       'waitpid', 'why'))
CONDITIONS = {'EXIT': 'the end of the shell', '0': 'the end of the shell',
              'ERR': 'a command that fails', 'DEBUG': 'before each command',
              'RETURN': 'behind each function and dot script'}
ACTIONS = {'': 'ignored, by what is run, too', '-': 'as it was by default'}


def said_of(shell: Shell, name: str, words: Words) -> Said:
    """What is said of the words behind the name of a built-in utility: for each that means
    something of its own the number of the word, what of it, and a sentence."""
    return READERS.get(name, _plain)(shell, name, words)


def _plain(shell: Shell, name: str, words: Words) -> Said:
    """Options; operands that are jobs."""
    start = 1 if name in WITH_OPERATION and words and not (words[0] or '-').startswith('-') \
        else 0
    number = start
    options = options_of(name)
    while number < len(words):
        taken = 0
        for shown, sentence, more in _options_in(words, number, name, options):
            yield number, shown, sentence
            taken = more + 1
        if not taken:
            break
        number += taken
    if name in WITH_JOBS:
        yield from _jobs(shell, words, number)
    if name == 'flock' and words[number + 1:number + 2] in (['-c'], ['--command']):
        yield number + 1, words[number + 1] or '', options['-c'].sentence


def _options_in(words: Words, number: int, name: str, options: dict[str, Option],
                ) -> Iterator[tuple[str, str, int]]:
    """The options of one word: each with its sentence, and how many words it takes more; none
    if the word is none, or the end of options."""
    word = words[number] or ''
    sign = word[:1]
    if len(word) < 2 or word == '--' or sign != '-' and not (sign == '+' and name in WITH_PLUS):
        return
    behind = words[number + 1] if number + 1 < len(words) else None
    if word[:2] == '--' or word in options:
        long, equals, value = word.partition('=')
        option = options.get(long)
        separate = option is not None and option.argument and not option.optional and not equals
        yield _shown(long, option, value if equals else behind if separate else None), \
            _sentence(option, name), int(bool(separate))
        return
    for place in range(1, len(word)):
        option = options.get('-' + word[place])
        rest = word[place + 1:]
        takes = option is not None and bool(option.argument)
        sentence = _sentence(option, name)
        if sign == '+' and option is not None:
            sentence = f'not, or no longer: {sentence}'
        yield _shown(sign + word[place], option, (rest or behind) if takes else None), \
            sentence, int(takes and not rest)
        if takes:
            return


def _shown(text: str, option: Option | None, value: str | None) -> str:
    """An option with its argument, or the name of that."""
    if option is None or not option.argument or option.optional and value is None:
        return text
    joint = '=' if option.optional else ' '
    return f'{text}{joint}{option.argument if value is None else value}'


def _sentence(option: Option | None, name: str) -> str:
    return option.sentence if option is not None else f'no option of {name}'


def _jobs(shell: Shell, words: Words, start: int) -> Said:
    """Operands that name jobs."""
    for number, word in enumerate(words[start:], start):
        if word and word[:1] == '%':
            yield number, word, _job(shell, word)


def _job(shell: Shell, word: str) -> str:
    try:
        job = find_job(shell.jobs.known(), word)
    except BuiltinError:
        return 'a job; there is none of this name now, or more than one'
    return f'job {job.number}, {job.text}: processes {", ".join(map(str, job.pids))}'


def _signal(text: str) -> str:
    """A signal by its name or number, perhaps with SIG."""
    if text == '0':
        return 'no signal: the status tells whether it could be sent one'
    return signal(text) or signal(text.upper().removeprefix('SIG')) or 'no signal'


# -- those that have forms of their own -----------------------------------------------------


def _kill(shell: Shell, name: str, words: Words) -> Said:
    """kill: a signal, then processes, groups, jobs."""
    options, number = options_of(name), 0
    first = (words[0] or '') if words else ''
    if first in ('-l', '-L'):
        yield 0, first, options[first].sentence
        for place, word in enumerate(words[1:], 1):
            if word and (said := signal(word.removeprefix('SIG'))):
                yield place, word, said
        return
    if first in ('-s', '-n') and len(words) > 1:
        which = words[1]
        yield 0, f'{first} {which or options[first].argument}', \
            _signal(which) if which else options[first].sentence
        number = 2
    elif first != '--' and len(first) > 1 and first[0] == '-':
        attached = first[1:2] in 'sn' and signal(first[1:].removeprefix('SIG')) is None
        yield 0, first, _signal(first[2:] if attached else first[1:])
        number = 1
    for place, word in enumerate(words[number:], number):
        if word and word[:1] == '%':
            yield place, word, _job(shell, word)
        elif word == '0':
            yield place, word, "all processes of the shell's own process group"
        elif word == '-1':
            yield place, word, 'all processes that one may send signals to'
        elif word and word[:1] == '-' and is_decimal(word[1:]):
            yield place, word, f'all processes of the process group {word[1:]}'


def _trap(shell: Shell, name: str, words: Words) -> Said:
    """trap: an action, then conditions."""
    number, sets = 0, True
    options = options_of(name)
    while number < len(words) and len(word := words[number] or '') > 1 and word[0] == '-':
        for shown, sentence, _ in _options_in(words, number, name, options):
            yield number, shown, sentence
            sets = False
        number += 1
    rest = words[number:]
    if sets and len(rest) > 1 and not (rest[0] and is_decimal(rest[0])):
        yield number, "''" if rest[0] == '' else rest[0] or 'action', ACTIONS.get(
            rest[0] if rest[0] is not None else '?',
            'commands that are run when one of these comes')
        number += 1
    for place, which in enumerate(words[number:], number):
        if which:
            yield place, which, CONDITIONS.get(which.upper()) or _signal(which)


def _set(shell: Shell, name: str, words: Words) -> Said:
    """set: options by letters and names, then the positional parameters."""
    options, number = options_of(name), 0
    while number < len(words):
        word = words[number] or ''
        if word in ('--', '-'):
            yield number, word, options['--'].sentence if word == '--' else \
                'the same as --, if parameters follow; -v and -x off'
            return
        if len(word) < 2 or word[0] not in '-+':
            return
        more = 0
        for letter in word[1:]:
            behind = words[number + 1 + more] if number + 1 + more < len(words) else None
            shown, sentence = word[0] + letter, _sentence(options.get('-' + letter), name)
            if letter == 'o' and behind:
                shown, sentence = f'{shown} {behind}', _switch(behind)
                more += 1
            yield number, shown, 'off: ' * (word[0] == '+') + sentence
        number += 1 + more


def _switch(name: str) -> str:
    """An option of `set -o` by its name."""
    for letter, long in LETTERS.items():
        if long == named(name) and f'-{letter}' in options_of('set'):
            return options_of('set')[f'-{letter}'].sentence
    return SWITCHES.get(name, 'no option of set')


def _shopt(shell: Shell, name: str, words: Words) -> Said:
    yield from _plain(shell, name, words)
    of_set = any(word and word[:1] == '-' and 'o' in word for word in words)
    for place, word in enumerate(words):
        if word and word[:1] != '-':
            yield place, word, _switch(word) if of_set else \
                SHOPTS.get(word, 'no option of shopt')


def _echo(shell: Shell, name: str, words: Words) -> Said:
    """echo: words are options as long as all of their letters are."""
    options = options_of(name)
    for number, word in enumerate(words):
        if not word or len(word) < 2 or word[0] != '-' or set(word[1:]) - set('neE'):
            return
        for letter in word[1:]:
            yield number, '-' + letter, options['-' + letter].sentence


def _printf(shell: Shell, name: str, words: Words) -> Said:
    yield from _plain(shell, name, words)
    first = next((at for at, word in enumerate(words) if not word or word[:1] != '-'), None)
    if words[:1] == ['-v']:
        first = 2
    if first is None or first >= len(words):
        return
    for match in CONVERSION.finditer(words[first] or ''):
        letter = 'T' if match[1][:1] == '(' else match[1]
        yield first, match[0], CONVERSIONS.get(letter, 'no conversion')


def _stack(shell: Shell, name: str, words: Words) -> Said:
    """dirs, pushd, popd: entries by their places, too."""
    options = options_of(name)
    for number, word in enumerate(words):
        if word and NUMBER.fullmatch(word):
            yield number, word, options[word[0] + 'N'].sentence
            return
        for shown, sentence, _ in _options_in(words, number, name, options):
            yield number, shown, sentence


def _ulimit(shell: Shell, name: str, words: Words) -> Said:
    """ulimit: limits, each perhaps with a new value."""
    options = options_of(name)
    for number, word in enumerate(words):
        said = [*_options_in(words, number, name, options)]
        for shown, sentence, _ in said:
            yield number, shown, sentence
        if word and not said and word != '--':
            which = {'hard': 'as high as the hard limit', 'soft': 'as the soft limit is',
                     'unlimited': 'none'}.get(word, 'the new limit')
            yield number, word, which + ': soft and hard, unless -S or -H is given'


def _umask(shell: Shell, name: str, words: Words) -> Said:
    yield from _plain(shell, name, words)
    for number, word in enumerate(words):
        if word and is_decimal(word) and (mask := parse_mode(word, 0)) is not None:
            yield number, word, f'new files have at most the mode {0o666 & ~mask:03o}, ' \
                f'directories {0o777 & ~mask:03o}'


def _cd(shell: Shell, name: str, words: Words) -> Said:
    yield from _plain(shell, name, words)
    if words and words[-1] == '-':
        yield len(words) - 1, '-', 'to the directory before this one (OLDPWD), and print it'


def _fc(shell: Shell, name: str, words: Words) -> Said:
    yield from _plain(shell, name, [
        None if word and NUMBER.fullmatch(word) else word for word in words])
    for number, word in enumerate(words):
        if word and NUMBER.fullmatch(word) and word[0] == '-':
            yield number, word, f'the command that is {word[1:]} before this one'


def _test(shell: Shell, name: str, words: Words) -> Said:
    """test and [: operators before and between operands."""
    unary, binary = _operators()
    number, wanted = 0, True            # an operand is wanted, or what stands behind one
    while number < len(words):
        word, behind = words[number] or '', words[number + 1:number + 2]
        if wanted and word == '!' and behind:
            yield number, word, 'turns round what comes behind it'
        elif word in ('(', ')') and len(words) > 1:
            yield number, word, unary['(']
            wanted = word == '('
        elif wanted and word in unary and behind and (behind[0] or '') not in binary:
            yield number, f'{word} {behind[0] or "…"}', unary[word]
            number, wanted = number + 1, False
        elif not wanted and word in binary and behind:
            yield number, word, binary[word]
            wanted = True
            if word not in ('-a', '-o'):
                number, wanted = number + 1, False
        else:
            wanted = False
        number += 1


def _operators() -> tuple[dict[str, str], dict[str, str]]:
    """The operators of test before one operand, and those between two."""
    unary: dict[str, str] = {}
    binary: dict[str, str] = {}
    for line in OPTIONS['test'].splitlines():
        head, _, sentence = line.partition('  ')
        for each in head.split(', '):
            words = each.split()
            if len(words) == 3 and words[0] != '(':
                binary[words[1]] = sentence
            elif words:
                unary[words[0]] = sentence
    return unary, binary


READERS: dict[str, Reader] = {
    '[': _test, 'cd': _cd, 'dirs': _stack, 'echo': _echo, 'fc': _fc, 'kill': _kill,
    'popd': _stack, 'printf': _printf, 'pushd': _stack, 'set': _set, 'shopt': _shopt,
    'test': _test, 'trap': _trap, 'ulimit': _ulimit, 'umask': _umask,
}
