"""The operators of arithmetic: one table for closures and for hot code (XCU 2.6.4).

Numbers are 64 bits with a sign and wrap around as on the machine; Python's integers are
brought back into that range only where a result may have left it.
"""
from __future__ import annotations

import _operator

from minishell.syntax.names import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _divide(left: int, right: int) -> int:
    """Divide towards zero, as C does and Python does not."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: int, right: int) -> int:
    """What `_divide` leaves; it has the sign of `left`."""
    remainder = abs(left) % abs(right)
    return remainder if left >= 0 else -remainder


def _power(left: int, right: int) -> int:
    if right < 0:
        raise ArithmeticError
    return pow(left, right, 1 << 64)


def _shift_left(left: int, right: int) -> int:
    return left << (right & 63)         # C leaves this open; so does x86-64, and bash


def _shift_right(left: int, right: int) -> int:
    return left >> (right & 63)


# What the results are.
TRUTH = 'truth'         # whether something holds: 1 or 0
RING = 'ring'           # right modulo 2**64 if the operands are, whatever their range
WITHIN = 'within'       # within 64 bits if the operands are
BEYOND = 'beyond'       # from operands within 64 bits, perhaps beyond them


class Operator:
    """An operator on the values of its two operands."""

    __slots__ = ('call', 'python', 'result', 'failure')

    def __init__(self, call: Callable[[int, int], int], python: str, result: str,
                 failure: str = '') -> None:
        self.call = call
        self.python = python            # the same for hot code; '' is left to the closure
        self.result = result            # TRUTH, RING, WITHIN or BEYOND
        self.failure = failure          # why `call` raises ArithmeticError, if it ever does


BINARY = {
    '<': Operator(_operator.lt, '{} < {}', TRUTH),
    '<=': Operator(_operator.le, '{} <= {}', TRUTH),
    '>': Operator(_operator.gt, '{} > {}', TRUTH),
    '>=': Operator(_operator.ge, '{} >= {}', TRUTH),
    '==': Operator(_operator.eq, '{} == {}', TRUTH),
    '!=': Operator(_operator.ne, '{} != {}', TRUTH),
    '+': Operator(_operator.add, '({} + {})', RING),
    '-': Operator(_operator.sub, '({} - {})', RING),
    '*': Operator(_operator.mul, '({} * {})', RING),
    '&': Operator(_operator.and_, '({} & {})', RING),
    '|': Operator(_operator.or_, '({} | {})', RING),
    '^': Operator(_operator.xor, '({} ^ {})', RING),
    '<<': Operator(_shift_left, '({} << ({} & 63))', RING),
    '>>': Operator(_shift_right, '({} >> ({} & 63))', WITHIN),
    '/': Operator(_divide, 'divide({}, {})', BEYOND, 'division by 0'),
    '%': Operator(_remainder, 'remainder({}, {})', WITHIN, 'division by 0'),
    '**': Operator(_power, '', BEYOND, 'exponent less than 0'),
}
NAMES = {'divide': _divide, 'remainder': _remainder, 'wrap': wrap}  # what `python` refers to
UNARY: dict[str, tuple[Callable[[int], int], str]] = {              # and Python for hot code
    '+': (_operator.pos, '(+{})'),
    '-': (_operator.neg, '(-{})'),
    '~': (_operator.invert, '(~{})'),
    '!': (_operator.not_, ''),
}
# The comparisons of `test` and `[[ … ]]`, as they are written in arithmetic.
OF_TEST = {'-eq': '==', '-ne': '!=', '-gt': '>', '-ge': '>=', '-lt': '<', '-le': '<='}
