"""Small random POSIX shell scripts: deterministic by seed, harmless, and bound to end.

What is written goes to files in the current folder; a loop counts in variables that nothing
else touches; a function calls only those defined before it.
"""
from __future__ import annotations

import random
from collections.abc import Sequence

from fuzz_rarer import STATEMENTS, mutate

FILES = ('a', 'ab', 'abc', 'b.c', '.h', 'd/x', 'd/y', '[a]')    # for pathname expansion
PRELUDE = """\
p() { printf '%d:' "$#"; [ "$#" -eq 0 ] || printf '<%s>' "$@"; echo; }
HOME=/h i=3 j=-2 a='x y' b= c='a:b::c ' e='*a?'
unset u
set -- one 'two words' '' '3'"""
DUMP = """\
r=$?; set +euf; unset IFS
p "$r" "${a-U}" "${b-U}" "${c-U}" "${e-U}" "${u-U}" "${i-U}" "${j-U}" "$@\""""

IFS_VALUES = ("' '", ':', "' :'", "''", 'a', "'-x'", "' \t'", "','", r"'\'", "'*'", '0', '":"',
              'xy')
PLAIN = ('abc', 'x', 'a', 'ab', '0', '7', '-1', 'a:b', 'x,y', '--', '-n', '=', 'q-r', '%', '+',
         'a.b', '/',
         ':', '::', '{', '}', '!', ']', 'in', 'a=b', '#', '12', '08')
QUOTED = ('', 'a b', ' x ', '*', '?', '[a]', 'a*', '\\', '\\n', '$a', '`', 'a:b', ': :', '"',
          ';', '&|',
          '#', '~', '-', '\\*', 'a\nb', '\t', '!', '}', '{', ')')
GLOBS = ('*', '?', 'a*', '[ab]*', 'd/*', '*/x', '[!a]*', '.*h', '*c', 'no*ne', '[a]', '\\[a]',
         '[[]*', '*.?',
         '[a-b]?', '"*"', "a'*'", '\\*', '[]a]', '[[:alpha:]]', 'd/', '*/', '[!]]', "'['a]")
VARIABLES = ('a', 'b', 'c', 'e', 'u', 'i', 'j', '1', '2', '3', '4', '@', '*', '#', '?')
NAMED = ('a', 'b', 'c', 'e', 'u')
FUNCTIONS = ('f1', 'f2', 'f3')


class Writer:
    """Writes one script; every choice comes from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.loops = 0              # how many counters are in use
        self.loop_depth = 0
        self.functions = 0          # how many may be called
        self.in_function = False

    def pick(self, choices: Sequence[str]) -> str:
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def script(self) -> str:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 5)):
            lines += self.statement(3)
        while self.chance(25):
            lines = mutate(self, lines)
        return '\n'.join([PRELUDE, *lines, DUMP]) + '\n'

    # -- words

    def word(self, depth: int = 2) -> str:
        return ''.join(self.part(depth) for _ in range(self.random.choice((1, 1, 1, 2, 2, 3))))

    def words(self, least: int = 0, most: int = 3, depth: int = 2) -> str:
        return ' '.join(self.word(depth) for _ in range(self.random.randint(least, most)))

    def part(self, depth: int) -> str:
        kind = self.random.randrange(100)
        if kind < 22 or depth <= 0:
            return self.pick((
                'abc', 'x', '0', 'a:b', '-', 'q,', '7', ':', '\\ ', '\\*', "''", '""'))
        if kind < 28:
            return self.pick(PLAIN)
        if kind < 36:
            return "'" + self.pick(QUOTED).replace("'", '') + "'"
        if kind < 54:
            return '"' + self.inside_quotes(depth) + '"'
        if kind < 60:
            return self.pick(GLOBS)
        if kind < 63:
            return self.pick(('\\a', '\\$', '\\\\', "\\'", '\\"', '\\`', '\\\n', '\\~', '~',
                              '~/x'))
        return self.expansion(depth, quoted=False)

    def inside_quotes(self, depth: int) -> str:
        parts = []
        for _ in range(self.random.randint(0, 3)):
            if self.chance(60):
                parts.append(self.expansion(depth, quoted=True))
            else:
                parts.append(self.pick((
                    'a', ' ', 'a b', '*', '\\\\', '\\$', '\\a', "'", ':', '\\"', '\\`', '~',
                                        '?')))
        return ''.join(parts)

    def expansion(self, depth: int, *, quoted: bool) -> str:
        kind = self.random.randrange(100)
        if kind < 40:
            name = self.pick(VARIABLES)
            return self.pick(('$' + name, '${' + name + '}'))
        if kind < 78:
            return self.parameter(depth - 1, quoted)
        if kind < 88:
            return '$((' + self.arithmetic(2) + '))'
        if kind < 97:
            return '$(' + self.output(depth - 1) + ')'
        return '`' + self.pick(('echo a b', 'echo "$a"', 'p $c', 'printf "\\\\%s" x',
                                'echo \\$a', "echo '\\\\'")) + '`'

    def parameter(self, depth: int, quoted: bool) -> str:
        name = self.pick(VARIABLES)
        kind = self.random.randrange(10)
        if kind == 0:
            return '${#' + self.pick(('a', 'b', 'c', 'e', 'u', '1', '2', 'i')) + '}'
        inner = self.inside_quotes(depth) if quoted and self.chance(70) else self.word(depth)
        if kind < 7:
            operator = self.pick(('-', ':-', '+', ':+', '=', ':=', '-', ':+', '?', ':?'))
            if operator in ('=', ':='):
                name = self.pick(NAMED)
            elif name == '#' and not inner:         # ${#-}: of $# or of $-?
                inner = 'x'
            return '${' + name + operator + inner + '}'
        name = self.pick(('a', 'b', 'c', 'e', 'u', '1', '2', 'i'))
        return '${' + name + self.pick(('#', '##', '%', '%%')) + self.pattern(depth) + '}'

    def pattern(self, depth: int) -> str:
        parts = [self.pick((
            '*', '?', 'a', 'x', ':', '[a-c]', '[!a]', '\\*', '"*"', "'?'", '*:', ':*', '[:]',
                            '\\ ', '"$e"', '$e', '$1', '[[:alpha:]]', '[]a]', '\\\\', '[*]',
                            'y', '"x y"',
                            '""', '[a', '[\\!a]', '["!"a]', '[x$a]', '-', '[a-]', '[[:space:]]',
                            '[!]]'))
                 for _ in range(self.random.randint(1, 3))]
        return ''.join(parts)

    def arithmetic(self, depth: int) -> str:
        if depth <= 0 or self.chance(25):
            return self.pick((
                '0', '1', '2', '7', '010', '0x1F', 'i', 'j', '$i', '$j', '${#a}', '3', '-1',
                              '$#', '~i', '!i',
                              '${u:-4}', '$(echo 5)', '- 2', '+i', 'b'))
        kind = self.random.randrange(10)
        if kind < 6:
            op = self.pick((
                '+', '-', '*', '/', '%', '<<', '>>', '<', '>', '<=', '==', '!=', '&', '^', '|',
                            '&&', '||'))
            right = self.arithmetic(depth - 1)
            if op in ('<<', '>>'):
                right = self.pick(('0', '1', '3'))
            blank = self.pick((' ', ' ', ''))
            return self.arithmetic(depth - 1) + blank + op + ' ' + right
        if kind < 7:
            return '(' + self.arithmetic(depth - 1) + ')'
        if kind < 8:
            return ' ? '.join((self.arithmetic(depth - 1), self.arithmetic(depth - 1) + ' : '
                               + self.arithmetic(depth - 1)))
        op = self.pick(('=', '+=', '-=', '*=', '|=', '^=', '<<='))
        return f'{self.pick(("i", "j"))} {op} {self.pick(("1", "2", "i", "3 - 1"))}'

    def output(self, depth: int) -> str:
        """A command to be substituted."""
        return self.pick((
            'echo ' + self.pick(PLAIN[:6]), "printf 'a\\n\\n'", 'p ' + self.words(0, 2, depth),
                          'exit 3', 'false',
            "printf ' x  y '", "echo 'a:b: c'", 'p "$@"', 'echo "$a"; false', ':',
                          "printf '%s\\n' " + self.word(depth),
            'case x in (x) echo c;; esac', 'cat <g', 'i=9; echo $i',
        ))

    # -- commands on one line

    def simple(self, depth: int = 2) -> str:
        kind = self.random.randrange(100)
        if kind < 34:
            return 'p ' + self.words(0, 4, depth)
        if kind < 46:
            return ' '.join(self.pick(NAMED) + '=' + self.word(depth)
                            for _ in range(self.random.choice((1, 1, 2))))
        if kind < 52:
            return 'set -- ' + self.words(0, 4, depth)
        if kind < 57:
            return 'IFS=' + self.pick(IFS_VALUES)
        if kind < 61:
            return self.test(depth)
        if kind < 65:
            return self.printf(depth)
        if kind < 68 and self.functions:
            return FUNCTIONS[self.random.randrange(self.functions)] + ' ' + self.words(0, 2,
                                        depth)
        return self.special(depth)

    def special(self, depth: int) -> str:
        choices = [
            'true', 'false', ':', 'unset ' + self.pick((*NAMED, 'IFS')), 'shift', 'shift 2',
                   'set -f', 'set +f',
            'set -u', 'set -e', 'set +e', f'eval {self.word(depth)}', "eval 'p $a \"$1\"'",
                   f'a=9 p "$a" {self.word(1)}',
            'IFS=: eval "p \\$c"', f': {self.word(depth)}', 'command p a', 'command false',
                   'export a', 'no_such_utility',
            'b=$(false)', 'a=1 b=$a p "$a$b"', 'cd d', '[ -e g ] || cd ..', 'u=$(exit 4)',
                   "trap 'echo bye' EXIT", 'readonly e',
            'echo "$-" >f2', 'command -v p', 'wait', 'eval', '(exit 5)', 'i=$((i + 1))',
                   f'export b={self.word(depth)}',
            'echo $?', 'trap - EXIT', 'command shift 9', 'command unset IFS',
                   'command eval "false"', '<no_such_file',
            f'v={self.word(depth)} command eval \'p "$v"\'', '>f1',
                   f'command set -- {self.word(depth)}', 'umask 022',
            'getopts ab: o -a -b x; p "$o" "${OPTARG-U}" "$OPTIND"', 'test', '[ ]', '. ./g',
                   'exec 3<g', 'read a b <&3',
            'read a', 'command . ./no_such_file', 'type p >f2', 'b=${u?}', 'set -eu',
                   'exec 3<&-', 'p ${u-"a b"} "${u-"a b"}"',
        ]
        if self.loop_depth:
            choices += ['break', 'continue', 'break 2', 'continue 2',
                        'test "$i" -gt 3 && break'] * 3
        if self.in_function:
            choices += ['return', 'return 3', 'false || return'] * 4
        if self.chance(3):
            return self.pick(('exit', 'exit 3', 'false; exit', 'exec true', 'exec p x'))
        return self.pick(choices)

    def test(self, depth: int) -> str:
        unary, binary = self.pick(('-n', '-z', '-e', '-d', '-f', '-s')), self.pick(('=', '!=',
                                        '-eq', '-lt', '-ge'))
        form = self.pick((
            f'{unary} {self.word(1)}', f'{self.word(1)} {binary} {self.word(1)}',
                          self.word(depth),
                          f'! {self.word(1)}', f'"$1" {binary} {self.word(1)}',
                          f'-n "{self.inside_quotes(1)}"',
                          f'! {unary} {self.word(1)}', f'"$i" {binary} 3',
                          f'{unary} {self.pick(("a", "d", "no"))}'))
        return f'[ {form} ]; echo "t$?"'

    def printf(self, depth: int) -> str:
        form = self.pick((
            '%s', '%d', '%5s|', '%-4s|', '%.2s', '%x', '%o', '%b', '%c', '%%', '%s-%s', '%03d',
                          '%+d', '\\101\\n',
                          '%u', '%b|%s', '%.3d', '%*d', '%i', '%#x', '%5.1s|', '%X', '% d',
                          '\\tq\\\\', '%s\\n'))
        values = ' '.join(self.pick((
            '1', '-5', '0x1f', '010', "'a b'", "\"'A\"", "''", "'a\\tb'", "'\\\\'", 'abc',
                                     '"$@"', '$c',
                                     "'x\\cy'", "'\\0101'", '+3',
                                     '9')) for _ in range(self.random.randint(0, 3)))
        return f"printf '{form}' {values}; echo \" p$?\""

    def redirected(self, command: str) -> str:
        to = self.pick(('>f1', '>>f1', '<g', '4>&1', '>f1 4>&1', '<no_such_file', '3>f2 >&3',
                        '>&-', '>|f1', '<>f2',
                        '>"f"1', '2>f2', '</dev/null', '4<g <&4', '>&9',
                        '3>&1 >f1 >&3 3>&-'))
        return f'{command} {to}'

    def listed(self, depth: int) -> str:
        """An and-or list, a pipeline, or what these are made of."""
        kind = self.random.randrange(12)
        command = self.simple(depth)
        if kind < 6:
            return command
        if kind == 6:
            return f'{command} && {self.simple(depth)} || {self.simple(depth)}'
        if kind == 7:
            return f'! {command}'
        if kind == 8:
            return self.redirected(command) + self.pick(('', '; cat f1', '; echo "s$?"'))
        if kind == 9:
            reader = self.pick(('cat', '{ read a; p $a; }',
                                'while read -r a b; do p $a $b; done', 'false'))
            return f'{command} | {reader}'
        if kind == 10:
            return f'({command}; {self.simple(depth)}); echo "s$?"'
        return '{ ' + command + '; ' + self.simple(depth) + '; }'

    # -- commands of several lines

    def body(self, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 2)):
            lines += self.statement(depth - 1)
        return lines

    def statement(self, depth: int) -> list[str]:
        if depth <= 0 or self.chance(55):
            return [self.listed(2)]
        if self.chance(40):
            return self.random.choice(STATEMENTS)(self, depth)
        writers = (self.conditional, self.case, self.loop, self.loop, self.function,
                   self.here_document, self.group,
                   self.read, self.options)
        return self.random.choice(writers)(depth)

    def conditional(self, depth: int) -> list[str]:
        lines = ['if ' + self.listed(1), 'then', *self.body(depth)]
        if self.chance(30):
            lines += ['elif ' + self.listed(1), 'then', *self.body(depth)]
        if self.chance(50):
            lines += ['else', *self.body(depth)]
        return [*lines, 'fi']

    def case(self, depth: int) -> list[str]:
        lines = [f'case {self.word()} in']
        for _ in range(self.random.randint(1, 3)):
            patterns = '|'.join(self.pattern(1) for _ in range(self.random.choice((1, 1, 2))))
            lines += [self.pick(('', '(')) + patterns + ')', *self.body(depth - 1), ';;']
        return [*lines, '*) echo none ;;', 'esac; echo "c$?"']

    def loop(self, depth: int) -> list[str]:
        self.loops += 1
        counter = f'n{self.loops}'
        head = self.pick((f'for a in {self.words(0, 3)}', 'for b', 'for c in "$@"',
                          f'{counter}=0; while [ "$(({counter} += 1))" -le 3 ]',
                          f'{counter}=0; until [ "$(({counter} += 1))" -gt 2 ]'))
        self.loop_depth += 1
        lines = [head, 'do', *self.body(depth), 'done' + self.pick((
            '', '', ' >f1', ' | cat', ' <g', '; echo "l$?"'))]
        self.loop_depth -= 1
        return lines

    def function(self, depth: int) -> list[str]:
        if self.functions == len(FUNCTIONS) or self.in_function:
            return [self.listed(2)]
        outer, self.loop_depth, self.in_function = self.loop_depth, 0, True
        callable_now, name = self.functions, FUNCTIONS[self.functions]
        body = self.body(depth)
        self.loop_depth, self.in_function, self.functions = outer, False, callable_now + 1
        opener, closer = self.random.choice((('{', '}'), ('(', ')'), ('{', '} >&2'), ('{',
                                        '}')))
        return [f'{name}() {opener}', *body, closer, f'{name} {self.words(0, 3)}; echo "f$?"']

    def here_document(self, depth: int) -> list[str]:
        end = self.pick(('E', "'E'", '\\E'))
        command = self.pick(('cat', 'while read -r a b; do p "$a" "$b"; done',
                             '{ read c; p "$c"; cat; }', 'cat | cat'))
        text = [self.inside_quotes(2).replace('\\"', '"') for _ in range(self.random.randint(0,
                                        3))]
        if self.chance(30):
            return [f'{command} <<-{end}', *('\t' + line for line in text), '\tE']
        return [f'{command} <<{end}', *text, 'E']

    def group(self, depth: int) -> list[str]:
        opener, closer = self.random.choice((('(', ')'), ('{', '}')))
        return [opener, *self.body(depth), closer + self.pick((
            '', ' >f1', ' 4>&1', ' | cat', ' && echo y', ' || echo n'))]

    def read(self, depth: int) -> list[str]:
        line = self.pick((' a  b c ', 'a:b:c', ':a::b:', 'x\\ y z', '', '\\', 'a\\', ' : ',
                          'a, b ,c', '*', '"a b" c', 'a:b:',
                          'a b ', '::', 'x\\:y:z', ' a', '\\a\\b'))
        ifs = self.pick(('', '', 'IFS= ', 'IFS=: ', "IFS=' :' ", "IFS=', ' ", "IFS='\\' "))
        names = self.pick(('a', 'a b', 'a b c'))
        return [f'{ifs}read {self.pick(("", "-r "))}{names} <<\\E', line, 'more', 'E',
                'p "$?" "$a" "$b" "$c"']

    def options(self, depth: int) -> list[str]:
        arguments = self.pick((
            '-a -b x y', '-ab x', '-bx -- -a', '-c', '-b', 'x -a', '-a- -b', '-- x',
                               '-abx -a y', '"$@"', '-b "" -a'))
        known = self.pick(('ab:', ':ab:', 'a', ':b:a'))
        return [f'set -- {arguments}', 'OPTIND=1', f'while getopts {known} o', 'do',
                'p "$o" "${OPTARG-U}"', 'done',
                'p "$?" "$o" "$OPTIND"']
