"""Random scripts in the language of bash, which only bash itself can be asked about.

Arrays of both kinds, attributes, references, `[[ ]]`, `(( ))`, brace expansion, extglob and
the expansions that bash adds; what they stand in is what `fuzz_scripts.py` writes.
"""
from __future__ import annotations

from fuzz_scripts import DUMP, PLAIN, PRELUDE, VARIABLES, Writer

BASH_PRELUDE = PRELUDE + """
shopt -s extglob
q=(one 'two words' '' 4 'a*'); declare -A m=([k]=v ['a b']='c  d' [4]=x); declare -i n=5
t='Hello World'; s='  lead a.b.c '; declare -n r=a
"""
BASH_DUMP = DUMP + """
p "${q[@]}" "${!q[@]}" "${m[k]-U}" "${m[a b]-U}" "${#m[@]}" "${n-U}" "${t-U}" "${s-U}"
"""
SCALARS = ('a', 'b', 'c', 'e', 'u', 't', 's', '1', '2', 'n', 'r')
ELEMENTS = ('q[0]', 'q[1]', 'q[2]', 'q[9]', 'q[-1]', 'q[i-3]', 'q[$i-2]', 'm[k]', 'm[a b]',
            'm[4]', 'm[no]', 'm[$a]', 't[0]', 'u[1]', 'q', 'm')
SEVERAL = ('q[@]', 'q[*]', 'm[@]', '@', '*', 'u[@]', 'q[@]')
PATTERNS = ('*', '?', 'o', 'l*', '[a-l]', '[!a-l]', ' ', '"*"', '\\*', '@(o|l)', '+([a-z])',
            '*(l)', '!(o)', '$a', '"$a"', '[[:upper:]]', '[[:space:]]', 'a.b', '+( )',
            'Wor', 'x', '', '@(a|b*)', '[.]', '*.', "'l'", '#', '%', '/', '\\/')
LETTERS = ('^', '^^', ',', ',,', '~', '~~')
TRANSFORMATIONS = ('Q', 'U', 'u', 'L', 'E', 'A', 'a', 'K', 'k')
NUMBERS = ('0', '1', '2', '3', ' -1', ' -2', '(-3)', 'i', 'n-4', '$i', '${#a}', '9', '1?2:3',
           'i-2', '-1')
LENGTHS = ('0', '1', '2', '-1', 'i', '9', 'n-3', '')
KEYS = ('0', '1', '2', '5', '-1', 'i', 'n', 'i+1', '$i', '9')
TEXT_KEYS = ('k', 'a b', '4', '$a', '"x y"', 'k$i', "'q'", 'new')
BRACES = ('{a,b}', '{1..3}', '{3..1}', '{a..c}', 'x{1,2}y', '{a,b}{1,2}', '{,x}', '{01..03}',
          '{1..9..4}', '{a,"b c"}', '{$a,$i}', 'a{b', '{a}', '{}', '{a,{b,c}}', '{1..$i}',
          "{'a,b',c}", '{e..a..2}', '{-1..1}', '{a\\,b,c}')
BASES = ('2#101', '16#fF', '0x1F', '017', '36#z', '10#09', '64#@')
REGEXES = ('a', '^H', 'o+', '(l+)(o)', '[a-z]+$', '^$', '.', '(x)?', 'W.*d', '"."', '\\.',
           '$e', '"$e"', 'a|b', '[[:digit:]]', '([0-9]+)', '^(.)(.)', 'l{2}', '[.]', ' ')


class BashWriter(Writer):
    """Writes one script in the language of bash."""

    def script(self) -> str:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 4)):
            lines += self.statement(3)
        return '\n'.join([BASH_PRELUDE, *lines, BASH_DUMP]) + '\n'

    def statement(self, depth: int) -> list[str]:
        """Without what is rarer: dash and bash are asked about that."""
        if depth <= 0 or self.chance(60):
            return [self.listed(2)]
        return self.random.choice((
            self.conditional, self.case, self.loop, self.loop, self.function,
            self.here_document, self.group, self.read, self.options))(depth)

    # -- words

    def plain(self) -> str:
        """A word without braces: in `[key]=word` they are expanded in a way of their own."""
        word = self.word(1)
        return word if '{' not in word else '"$a"'

    def part(self, depth: int) -> str:
        if self.chance(8):
            return self.pick(BRACES)
        if self.chance(4):
            return "$'" + self.pick(('a\\tb', '\\x41', "\\'", '\\n', '\\101', '\\u00e9', 'x',
                                     '\\e', '\\\\')) + "'"
        return super().part(depth)

    def inside_quotes(self, depth: int) -> str:
        """Without single-quotes, which in `"${x-'}"` are characters in POSIX mode only."""
        text = super().inside_quotes(depth)
        return text if "'" not in text else '$a'

    def parameter(self, depth: int, quoted: bool) -> str:
        if self.chance(25):
            return super().parameter(depth, quoted)
        name = self.parameter_name()
        kind = self.random.randrange(14)
        if kind == 0:
            return '${' + name + '}'
        if kind == 1:
            return '${#' + self.pick(ELEMENTS + SEVERAL + SCALARS) + '}'
        if kind == 2:
            return '${!' + self.pick(('q[@]', 'm[@]', 'q[*]', 'r', 'w', 'x@', 'q[1]')) + '}'
        if kind in (3, 4):
            length = self.pick(LENGTHS)
            if name[-3:] in ('[@]', '[*]') or name in '@*':
                length = self.pick(('1', '2', ''))
            return '${' + name + ':' + self.pick(NUMBERS) + (length and ':' + length) + '}'
        if kind in (5, 6, 7):
            return '${' + name + self.replacing(depth) + '}'
        if kind == 8:
            return '${' + name + self.pick(LETTERS) + self.pick(('', '', '', *PATTERNS)) + '}'
        if kind == 9:
            return '${' + name + '@' + self.pick(TRANSFORMATIONS) + '}'
        if kind in (10, 11):
            return '${' + name + self.pick(('#', '##', '%', '%%')) + self.pick(PATTERNS) + '}'
        inner = self.inside_quotes(depth) if quoted else self.word(depth)
        if "'" in inner or "$'" in inner:          # quoted otherwise in POSIX mode
            inner = 'x'
        return '${' + name + self.pick(('-', ':-', '+', ':+', ':-')) + inner + '}'

    def parameter_name(self) -> str:
        return self.pick(self.random.choice((SCALARS, SCALARS, ELEMENTS, SEVERAL)))

    def replacing(self, depth: int) -> str:
        pattern = self.pick(PATTERNS).replace('/', '\\/').replace('\\\\/', '\\/')
        string = self.pick(('X', '', '&', '[&]', '\\&', '"&"', '$a', '"$a"', '-', "'q'", '/',
                            '${#t}', '\\/', ' ', '&&'))
        return self.pick(('/', '//', '/#', '/%')) + pattern + self.pick(('/', '/', '/', '')) \
            + string

    def pattern(self, depth: int) -> str:
        if self.chance(50):
            return self.pick(('@(a|b)', '+(a)', '*(x)', '!(a)', '?(ab)', '@(*)', '+([a-z])',
                              '!(*a)', 'a@(b|)', '*(a|b)c', '@(a\\|b)', '!(x|a*)'))
        return super().pattern(depth)

    def arithmetic(self, depth: int) -> str:
        if depth > 0 and self.chance(25):
            return self.pick((
                'q[3]', 'q[i]', 'm[4]', 'n++', '--n', 'n', 'n ** 2', 'i**2', *BASES, 'q[3]++',
                '(i, n)', 'm[k2]', 'q[1+2]', 'n %= 3', '~i', '!n', '${#q[@]}', '${q[3]}',
                'm[4]', 'q[-2]', 'u[2] = 7', 'q[5] += i', 'i == n ? 1 : 0', '"n"', '-n',
                '$((n))', 'n = i = 2', 'unset_one', 'i && n', 'n || q', '07 + 1'))
        text = super().arithmetic(depth)
        # What is assigned before an expression turns out to be wrong: bash has done it by then.
        return text if '= ' not in text or text[0] == '(' else f'({text})'

    # -- commands

    def listed(self, depth: int) -> str:
        if self.chance(45):
            return super().listed(depth)
        return self.random.choice((
            self.conditional_command, self.arithmetic_command, self.array, self.array,
            self.associative, self.declaring, self.reading, self.printing, self.matching,
            self.regex, self.words_of_bash, self.reference, self.odd))(depth)

    def conditional_command(self, depth: int) -> str:
        return f'[[ {self.condition(2)} ]]; p "c$?"'

    def condition(self, depth: int) -> str:
        kind = self.random.randrange(12)
        left = self.word(1)
        if depth > 0 and kind < 3:
            return self.condition(depth - 1) + self.pick((' && ', ' || ')) \
                + self.condition(depth - 1)
        if depth > 0 and kind < 4:
            return f'( {self.condition(depth - 1)} )'
        if depth > 0 and kind < 5:
            return '! ' + self.condition(depth - 1)
        if kind < 7:
            return f'{left} {self.pick(("==", "!=", "="))} {self.pattern(1)}'
        if kind < 8:
            number = self.pick(('i', 'n', '$i', '3', '"n - 2"', 'q[3]', '0x3', 'i+n', '-2'))
            operator = self.pick(('-eq', '-ne', '-lt', '-le', '-gt', '-ge'))
            return f'{number} {operator} {self.pick(("3", "n", "${#a}", "i*1", "010"))}'
        if kind < 9:
            return f'{left} {self.pick(("<", ">"))} {self.word(1)}'
        if kind < 10:
            return '-v ' + self.pick(('a', 'u', 'q', 'q[1]', 'q[9]', 'm[k]', 'm[z]', 'm', 'n',
                                      'r', 'q[@]', '1', '9'))
        if kind < 11:
            return self.pick(('-n', '-z', '-e', '-f', '-d')) + ' ' + left
        return self.pick(('"$a"', '${b}', 'x', '""', '$u'))

    def arithmetic_command(self, depth: int) -> str:
        expression = self.arithmetic(2)
        return self.pick((
            f'(( {expression} )); p "$?" "$i" "$n"',
            f'p "$(( {expression} ))" "$i" "$n"', f'let "{expression}"; p "$?" "$i"',
            f'p $[ {expression.replace("]", "] ")} ]',
            f'q[{self.pick(KEYS)}]=$(({expression}))',
            f'for ((j = 0; j < 3; j++)); do (( n += j )); p "$j" "$(({expression}))"; done',
            f'if (( {expression} )); then p yes; else p no; fi',
            f'n={self.pick(("n+1", "i*2", "2#11", "q[3]", "010", "1,2"))}; p "$n"'))

    def array(self, depth: int) -> str:
        key, word = self.pick(KEYS), self.word(1)
        return self.pick((
            f'q=({self.words(0, 4, 1)}); p "${{#q[@]}}" "${{q[@]}}"',
            f'q+=({self.words(0, 2)})',
            f'q[{key}]={word}; p "${{!q[@]}}"', f'q[{key}]+={word}', f"unset 'q[{key}]'",
            f'q=([{self.pick(KEYS[:4])}]={self.plain()} {word} [7]=z); declare -p q',
            f'p "${{q[@]:{self.pick(NUMBERS)}:2}}"', 'q=("${q[@]}" end)', 'q=("${q[@]:1}")',
            'for a in "${q[@]}"; do p "$a"; done', 'for i in "${!q[@]}"; do p "$i"; done',
            'declare -p q', f'x=({word}); p "$x" "${{x[0]}}" "${{#x[@]}}"',
            'unset q; p "${q[@]}"',
            f'local_array() {{ local q=({word}); q+=(l); p "${{q[@]}}"; }}; local_array',
            'p ${q[*]} "${q[*]}" x"${q[@]}"y', 'IFS=,; p "${q[*]}" ${q[*]}', 'b=("${!q[@]}")',
            f'read -ra q <<<{word}; p "${{q[@]}}"', 'q=(); p "${#q[@]}" "${q[@]-none}"'))

    def associative(self, depth: int) -> str:
        key, word = self.pick(TEXT_KEYS), self.word(1)
        return self.pick((
            f'm[{key}]={word}; p "${{m[{key}]}}" "${{#m[@]}}"', f'm[{key}]+={word}',
            f'unset "m[{key}]"' if '"' not in key else "unset 'm[k]'",
            f'm=([{key}]={self.plain()} [z]=1); p "${{#m[@]}}" "${{m[z]}}"',
            f'm+=([{key}]={self.plain()})',
            f'[[ -v m[{key}] ]]; p "$?"' if ' ' not in key else 'p "${m[@]}"',
            'for a in "${!m[@]}"; do p "$a" "${m[$a]}"; done', 'declare -p m',
            f'p "${{m[{key}]-none}}" "${{m[{key}]:+some}}"', '((m[x]++)); p "${m[x]}"',
            f'declare -A x=({word} 1); p "${{#x[@]}}"' if word.strip('abcx07:') == ''
            else 'p "${!m[@]}"', 'm=(); p "${#m[@]}" "${m[@]-none}"',
            f'a={word}; m[$a]=1; p "${{m[$a]}}"' if word else ':'))

    def declaring(self, depth: int) -> str:
        letter, word = self.pick('iulcxrat'), self.word(1)
        return self.pick((
            f'declare -{letter} z{letter}={word}; declare -p z{letter}', 'declare -p a n q m t',
            f'declare -{self.pick("iulx")} b={word}; p "$b"; b=aBc; p "$b"',
            'declare +i n; n=1+1',
            f'f9() {{ local a={word} b; local -i n=2+2; p "$a" "${{b-U}}" "$n"; }}; f9',
            f'f9() {{ declare a={word}; declare -g b=glob; p "$a"; }}; f9; p "$a" "$b"',
            f'export a={word}; declare -p a', f'readonly z={word}; declare -p z; z=2; p on',
            f'declare a+={word}; p "$a"', f'n+={self.pick(("1", "i", "2*3"))}; p "$n"',
            'declare -i u; u=i+1; p "$u"', 'declare -u t; t+=x; p "$t"',
            'typeset -l e=ABC; p "$e"',
            'f9() { local -n o=$1; o=changed; o+=x; }; f9 b; p "$b"', 'p "${a@A}" "${q[@]@A}"',
            f'a=1; f9() {{ local a; p "${{a-U}}"; a={word}; f8; }}; f8() {{ p "$a"; }}; f9',
            'declare -a b; p "${b[@]}"; declare -p b', 'unset a b; p "${a-U}"'))

    def reading(self, depth: int) -> str:
        word = self.word(1)
        return self.pick((
            f'read a b <<<{word}; p "$?" "$a" "$b"', f'read -r a <<<{word}; p "$a"',
            f'IFS=: read -ra q <<<{word}; p "${{q[@]}}"', f'read -n 3 a <<<{word}; p "$a"',
            f'read -d x a <<<{word}; p "$?" "$a"', f'read -N 2 a <<<{word}; p "$a"',
            'mapfile -t q < <(printf "a b\\n\\nc"); p "${q[@]}"', f'cat <<<{word}',
            f'mapfile q <<<{word}; p "${{q[@]}}"', f'read <<<{word}; p "$REPLY"',
            f'mapfile -t -s 1 -n 2 -O 1 q < <(p {self.words(1, 3, 1)}); p "${{q[@]}}"',
            f'while read -r a b; do p "$a" "$b"; done < <(p {self.words(0, 3, 1)})',
            f'cat <(p {word}) <(p x)', f'readarray -t -d : q <<<{word}; p "${{q[@]}}"',
            f'select a in {self.words(1, 3, 1)}; do p "$a" "$REPLY"; break; done <<<2 2>&1',
            'read -r "q[1]" a <<<"x y"; p "${q[@]}" "$a"', f'read -a m <<<{word}; p "$?"'))

    def printing(self, depth: int) -> str:
        word = self.word(1)
        return self.pick((
            f'printf -v a "%s-%d" {word} 4; p "$a"',
            f'printf -v "q[1]" %s {word}; p "${{q[@]}}"',
            f'printf "%q " {self.words(1, 3, 1)}; p', f'printf "%b|" {self.words(1, 2, 1)}; p',
            f'echo -e {word}', f'echo -n {word}; p', f'echo -E {word}', "printf '%(%Y)T ' 0; p",
            f'printf "%-8s|%5.2s|" {word} {word}; p', f'p "${{t@Q}}" {word}',
            f'printf "%s\\n" "${{q[@]/#/-}}" {word}', "printf '%x %o %#x %+d ' n 8 255 3; p",
            f'a={word}; p "${{a@Q}}" "${{a@E}}"; printf "%q\\n" "$a"'))

    def matching(self, depth: int) -> str:
        return self.pick((
            f'case {self.word(1)} in {self.pattern(1)}) p one ;;& *) p 2 ;& x) p three ;; esac',
            f'case $t in {self.pick(PATTERNS[:-4]) or "x"}) p y ;; *) p n ;; esac',
            f'[[ $t == {self.pick(PATTERNS[:16])}* ]]; p "$?"', f'p {self.pattern(1)}',
            f'shopt -s nullglob; p {self.pattern(1)} no*; shopt -u nullglob',
            f'shopt -s nocasematch; [[ $t == {self.pick(("h*", "*WORLD", "hello?world"))} ]]; '
            'p "$?"; shopt -u nocasematch', 'shopt -s globstar; p ** **/x; shopt -u globstar',
            'shopt -s dotglob; p *; shopt -u dotglob', 'GLOBIGNORE=a*; p *; unset GLOBIGNORE'))

    def regex(self, depth: int) -> str:
        subject = self.pick(('$t', '"$s"', self.word(1), '12ab', 'Hello', '"$a"', 'a.b'))
        return f'[[ {subject} =~ {self.pick(REGEXES[:-1])} ]]; p "$?" "${{BASH_REMATCH[@]}}"'

    def words_of_bash(self, depth: int) -> str:
        braces = ' '.join(self.pick(BRACES) for _ in range(self.random.randint(1, 3)))
        return self.pick((
            f'p {braces} {self.word(1)}', f'for a in {braces}; do p "$a"; done',
            f'q=({braces}); p "${{q[@]}}"', f'set -- {braces}; p "$#" "$@"',
            f'a={self.pick(BRACES)}',
            f'p {self.word(1)}{self.pick(BRACES)}', f'p "{self.pick(BRACES)}"',
            f'set +B; p {braces}; set -B', f'echo {braces} >f1; cat f1'))

    def reference(self, depth: int) -> str:
        word = self.word(1)
        return self.pick((
            f'r={word}; p "$r" "$a"', 'p "${!r}" "${r}" "${#r}"', f'r+={word}; p "$a"',
            'declare -n w=q; w+=(x); p "${w[@]}" "${!w[@]}"',
            'declare -n w="q[1]"; w=el; p "$w"',
            'w=a; p "${!w}" "${!w-U}"; w=q[1]; p "${!w}"; w=q[@]; p "${!w}"',
            'unset r; p "${a-U}"',
            'declare -n w=m; p "${w[k]}" "${#w[@]}"', 'unset -n r; r=own; p "$a" "$r"',
            'w=nosuch; p "${!w-none}"', 'declare -n w; for w in a b; do w=loop; done; p "$a$b"',
            f'w=b; printf -v "$w" %s {word}; p "$b"', 'declare -p r; [[ -R r ]]; p "$?"'))

    def odd(self, depth: int) -> str:
        return self.pick((
            'f9() { p "$FUNCNAME" "${#FUNCNAME[@]}"; }; f9',
            'true | false; p "${PIPESTATUS[@]}"',
            '! false; p "$?"', 'p "$LINENO"', 'type -t p q [[ if echo',
            'shopt -q extglob; p "$?"',
            'set -o pipefail; false | true; p "$?"; set +o pipefail',
            '{ p a; p b >&2; } &>f1; cat f1',
            'p a &>>f1; cat f1', 'p a |& cat', 'function f9 { p "$@"; }; f9 x "$t"',
            'p "${@: -1}"',
            'exec {fd}>f1; p x >&$fd; exec {fd}>&-; cat f1', 'x=$(<g); p "$x"', 'p "${@:2}"',
            'set -- "${@:2}"; p "$@"', 'p ${#@} ${*:1:1}',
            'time -p true 2>/dev/null', 'declare -F p', 'shift 1; p "$@"',
            'let i+=1 n-=1; p "$i" "$n"',
            'local x 2>/dev/null; p "$?"', 'builtin echo a; command echo b', 'p "${-//[^f]}"',
            'a=(1 2); p "$a" "${a[1]}"; unset a', 'p "${t:${#a}:2}" "${t:i}"',
            'p "${t// /_}" "${s// }"',
            'for ((;;)); do break; done; p "$?"',
            f'trap "p exit" EXIT; p {self.pick(VARIABLES[:4])}',
            f'p {self.pick(PLAIN)} ~+ "${{PWD##*/}}"', 'coproc_no=1', 'p "${BASH_VERSINFO[0]}"',
            'eval "q=(\\"\\${q[@]}\\" ev)"; p "${q[@]}"', 'p "${EPOCHSECONDS:+t}${RANDOM:+r}"'))
