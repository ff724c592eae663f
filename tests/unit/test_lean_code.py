"""The code in the start image: nothing is left in it that its modules do not import."""
from __future__ import annotations

import dis
from pathlib import Path
from types import CodeType

import pytest

from minishell import image

PACKAGE = Path(image.__file__).parent
MADE = ('MAKE_FUNCTION', 'SET_FUNCTION_ATTRIBUTE')      # and with annotations:
ANNOTATED = 4


def codes(code: CodeType) -> list[CodeType]:
    """A code and all those inside it."""
    return [code, *(inner for value in code.co_consts if isinstance(value, CodeType)
                    for inner in codes(value))]


@pytest.mark.parametrize('path', sorted(PACKAGE.rglob('*.py')), ids=lambda path: str(
    path.relative_to(PACKAGE)))
def test_no_annotation_is_left(path: Path) -> None:
    """Their names may be imported under TYPE_CHECKING only; without `from __future__ import
    annotations`, which is left out, too, they would be looked up."""
    for code in codes(image._lean(path.read_text(), str(path))):
        assert '__future__' not in code.co_names
        assert '__annotations__' not in code.co_names
        assert not [step for step in dis.get_instructions(code) if step.opname in MADE
                    and (step.arg or 0) & ANNOTATED]


def test_annotations_of_every_kind_are_dropped() -> None:
    names: dict[str, object] = {}
    exec(image._lean("""
from __future__ import annotations
class A:
    x: Nowhere = 1
    y: Nowhere
    async def f(self, a: Nowhere, *b: Nowhere, c: Nowhere = 2, **d: Nowhere) -> Nowhere: ...
    def g(self, a: Nowhere, /, b: Nowhere) -> Nowhere:
        async def h(x: Nowhere) -> Nowhere: ...
        return h
if True:
    async def f(x: Nowhere) -> Nowhere: ...
try:
    def h(x: Nowhere) -> Nowhere: ...
finally:
    z: Nowhere = 3
""", 'x.py'), names)
    kind = names['A']
    assert isinstance(kind, type)
    assert names['z'] == 3
    for function in (kind.f, kind.g, kind().g(1, 2), names['f'], names['h']):
        assert function.__annotations__ == {}
