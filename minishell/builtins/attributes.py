"""`declare` and `typeset` of bash: variables with attributes, and functions, as text; what
export, readonly and local do with operands that are more than `name=value`."""
from __future__ import annotations

from minishell.errors import AssignmentError, BuiltinError, ExpansionError, SynopsisError
from minishell.run.declarations import (
    LETTERS,
    Operand,
    all_assignment_lines,
    assignment_line,
    declaration,
    forget_elements,
    kind_of_computed,
    operand_of,
)
from minishell.run.tracing import listed, quoted
from minishell.run.utilities import flush_quietly
from minishell.state.arrays import Reference
from minishell.state.attributes import (
    ARRAYS,
    ASSOCIATIVE,
    CAPITAL,
    EXPORT,
    INDEXED,
    LOWER,
    READONLY,
    REFERENCE,
    UPPER,
)
from minishell.state.elements import (
    assign_element,
    assign_elements,
    assign_other,
    own_array,
    plain_name,
    refer,
    split_reference,
)
from minishell.state.options import keep_options
from minishell.syntax.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from minishell.state.shell import Shell

ARGUMENTS = 'aAcfFgiIlnprtux'
CASES = LOWER | UPPER | CAPITAL


def declare(shell: Shell, argv: list[str]) -> int:
    """Declare variables, local ones in a function, or print them."""
    on, off, operands = _options(argv)
    forget_elements(argv)
    if 'f' in on or 'F' in on:
        _check_functions(shell, argv[0], on, operands)
        from minishell.run.functions import ATTRIBUTES, mark_all, print_functions
        wanted, unwanted = (sum(ATTRIBUTES.get(letter, 0) for letter in set(letters))
                            for letters in (on, off))
        if operands and (wanted or unwanted):
            return mark_all(shell, argv[0], operands, wanted, unwanted)
        return print_functions(shell, operands, 'F' in on, wanted, 'p' in on)
    if argv[0] == 'local' and not operands:
        names = shell.variables.locals()
        return _print(shell, argv[0], '', names, True) if names else 0
    if 'p' in on or not operands:
        return _print(shell, argv[0], on, operands, 'p' in on)
    wanted, unwanted = _flags(on), _flags(off)
    local = shell.function_depth > 0 and 'g' not in on
    status = 0
    for text in operands:
        if text == '-' and argv[0] == 'local':
            keep_options(shell)
        elif not declare_one(shell, argv[0], operand_of(text), wanted, unwanted, local,
                             'g' in on, 'I' in on):
            status = 1
    return status


def declare_texts(shell: Shell, command: str, letters: str, names: Sequence[str],
                  texts: Sequence[str | None]) -> int:
    """Local variables of these names with attributes, of which some get a text: what `declare
    -i x=text` does in a function."""
    flags, status = _flags(letters), 0
    for name, text in zip(names, texts, strict=True):
        operand = Operand(name, name, None, False, text, None)
        if not declare_one(shell, command, operand, flags, 0, True, False):
            status = 1
    return status


def _flags(letters: str) -> int:
    """The attributes that letters ask for; two letter cases at once are none."""
    if len(letters) < 2:
        return LETTERS.get(letters, 0)
    flags = 0
    for letter in letters:
        flags |= LETTERS.get(letter, 0)
    cases = flags & CASES
    return flags & ~CASES if cases & (cases - 1) else flags


def declare_one(shell: Shell, command: str, operand: Operand, on: int, off: int, local: bool,
                everywhere: bool, inherit: bool = False) -> bool:
    """Give one variable attributes and a value; `everywhere`: the one that local ones hide.
    What is wrong with it is told: then the result is false."""
    variables = shell.variables
    if not is_name(operand.name):
        shell.warn(f"{command}: `{operand}': not a valid identifier")
        return False
    try:
        if everywhere:
            variables.with_global(operand.name, lambda: declare_now(shell, operand, on, off))
            return True
        if local:
            variables.make_local(operand.name, inherit or 'localvar_inherit' in shell.shopts)
        declare_now(shell, operand, on, off)
    except AssignmentError as error:
        shell.warn(f'{command}: {error.message}')
        return False
    except ExpansionError as error:     # of an integer
        if operand.subscript is None:
            error.message = f'{command}: {error.message}'
        raise
    return True


def declare_now(shell: Shell, operand: Operand, on: int, off: int = 0) -> None:
    """Give the variable of a name attributes and a value.  Raises AssignmentError."""
    variables, name = shell.variables, operand.name
    if not on and not off and not variables.flags.get(name) \
            and operand.subscript is None and operand.elements is None:
        _give_text(shell, operand)
        return
    if on & REFERENCE:
        _refer(shell, operand, on)
        return
    if off & REFERENCE:
        _refer_no_more(shell, name)
    name = plain_name(variables, name) or name
    flags = variables.flags.get(name, 0)
    _convert(shell, operand, on, off)
    if off & READONLY and flags & READONLY:
        variables.check_writable(name)
    if on & CASES:
        variables.remove_flags(name, CASES & flags)
    if off:
        variables.remove_flags(name, off & ~ARRAYS)
    variables.add_flags(name, on & ~READONLY & ~ARRAYS)
    if operand.elements is not None:
        assign_elements(variables, name, operand.elements, operand.append)
    elif operand.value is None:
        pass
    elif operand.value[:1] == '(' and operand.value[-1:] == ')' and (
            on & ARRAYS if operand.subscript is not None
            else variables.flags.get(name, 0) & ARRAYS):
        _assign_text(shell, name, operand)
    elif operand.subscript is not None:
        assign_element(variables, name, operand.subscript, operand.value, operand.append)
    elif operand.append:
        variables.append(name, operand.value)
    elif variables.flags.get(name, 0) & ~(EXPORT | READONLY):
        assign_other(variables, name, operand.value, False)
    else:
        variables.assign(name, operand.value)
    if on & READONLY:
        variables.add_flags(name, READONLY)


def _give_text(shell: Shell, operand: Operand) -> None:
    """What `declare` does with most variables: they have no attributes, and get none."""
    variables, name = shell.variables, operand.name
    if operand.value is None:
        variables.add_flags(name, 0)
    elif operand.append:
        variables.append(name, operand.value)
    else:
        variables.assign(name, operand.value)


def _convert(shell: Shell, operand: Operand, on: int, off: int) -> None:
    """Make a variable an array if it is to be one.  Raises AssignmentError."""
    variables, name = shell.variables, plain_name(shell.variables, operand.name)
    flags = variables.flags.get(name, 0)
    if off & flags & ARRAYS:
        raise AssignmentError(f'{name}: cannot destroy array variables in this way')
    if on & INDEXED and on & ASSOCIATIVE or on & INDEXED and flags & ASSOCIATIVE:
        raise AssignmentError(f'{name}: cannot convert associative to indexed array')
    if on & ASSOCIATIVE and flags & INDEXED:
        raise AssignmentError(f'{name}: cannot convert indexed to associative array')
    if not on & ARRAYS or flags & ARRAYS:
        return
    if variables.values.get(name) is None:
        variables.add_flags(name, on & ARRAYS)
    else:
        variables.check_writable(name)
        own_array(variables, name, on & ASSOCIATIVE != 0)


def _assign_text(shell: Shell, name: str, operand: Operand) -> None:
    """`declare -a "name=(…)"`: the text is read as the script would have it, but is no command
    of its own for who watches."""
    kind = 'A' if shell.variables.flags.get(name, 0) & ASSOCIATIVE else 'a'
    plus = '+=' if operand.append else '='
    command = '' if shell.function_depth else f'declare -g{kind} '
    watched, shell.watched = shell.watched, False
    try:
        shell.run_text(f'{command}{name}{plus}{operand.value}', 'declare')
    finally:
        shell.watched = watched


def _refer(shell: Shell, operand: Operand, on: int) -> None:
    """`declare -n name=target`.  Raises AssignmentError."""
    variables, name, target = shell.variables, operand.name, operand.value
    if operand.subscript is not None or operand.elements is not None \
            or variables.flags.get(name, 0) & ARRAYS:
        raise AssignmentError(f'{name}: reference variable cannot be an array')
    if target is None:
        target = variables.values.get(name)
    if target is None:
        variables.add_flags(name, on)
        return
    if split_reference(target) is None:
        raise AssignmentError(f"`{target}': invalid variable name for name reference")
    if target == name:
        if not shell.function_depth:
            raise AssignmentError(f'{name}: nameref variable self references not allowed')
        for where in ('local: ', ''):
            shell.warn(f'{where}warning: {name}: circular name reference')
    variables.check_writable(name)
    refer(variables, name, target)
    variables.add_flags(name, on)


def _refer_no_more(shell: Shell, name: str) -> None:
    """`declare +n name`: what it stood for becomes its value."""
    variables = shell.variables
    other = variables.others.get(name)
    if variables.flags.get(name, 0) & REFERENCE:
        variables.remove_flags(name, REFERENCE)
        if isinstance(other, Reference):
            del variables.others[name]
            variables.values[name] = other.target


def _options(argv: list[str]) -> tuple[str, str, list[str]]:
    """The letters given with -, those with +, and the operands."""
    on = off = ''
    index = 1
    while index < len(argv) and len(argv[index]) > 1 and argv[index][0] in '-+':
        word = argv[index]
        index += 1
        if word == '--':
            break
        for letter in word[1:]:
            if letter not in ARGUMENTS:
                raise SynopsisError(f'{word[0]}{letter}: invalid option')
        if word[0] == '-':
            on += word[1:]
        else:
            off += word[1:]
    return on, off, argv[index:]


def _check_functions(shell: Shell, command: str, on: str, operands: list[str]) -> None:
    """Raises BuiltinError for what cannot be declared of functions."""
    wrong = [letter for letter in on if letter in 'aAi' and 'f' in on]
    if wrong:
        raise BuiltinError(f'-{wrong[0]}: invalid option')
    if any('=' in operand and operand not in shell.functions for operand in operands):
        raise BuiltinError("cannot use `-f' to make functions")


def _print(shell: Shell, command: str, on: str, names: list[str], attributes: bool) -> int:
    """Variables that have one of the attributes asked for, or those named."""
    variables = shell.variables
    wanted = [LETTERS[letter] for letter in on if letter in LETTERS and letter not in 'aA']
    kinds = [LETTERS[letter] for letter in on if letter in 'aA']
    as_bash = shell.as_bash('set')
    if as_bash and not names and not wanted + kinds and not attributes:
        shell.out.write(all_assignment_lines(shell, listed))
        return 0
    status = 0
    for name in names or variables.names():
        flags = variables.flags.get(name, 0) | kind_of_computed(variables, name)
        if names and not variables.is_set(name) and not variables.declared(name):
            flush_quietly(shell)
            shell.warn(f'{command}: {name}: not found')
            status = 1
        elif not names and any(asked and not any(flags & flag for flag in asked)
                               for asked in (wanted, kinds)):
            continue
        elif attributes or wanted or kinds:
            shell.out.write(declaration(variables, name) + '\n')
        else:
            shell.out.write(assignment_line(variables, name, listed if as_bash else quoted))
    return status


def print_declared(shell: Shell, letter: str) -> int:
    """`export -p` and `readonly -p` of bash: the lines of `declare -p`."""
    return _print(shell, '', letter, [], True)
