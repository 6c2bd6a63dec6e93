"""Values that code can ask for and no proof shows: the gas that is left, who asks, other blocks.

They lie on the stack like numbers, and can be moved about there, since code fetches some of them without the answer
hanging on them: every call hands on the gas that is left, a proxy looks whether its administrator calls. As soon as
anything follows from one, there is a ProofError UNDETERMINED. So no instruction has to look out for them.

Not in here: which instruction gives which value (`machine`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NoReturn

from scanner.proofs.flaws import Flaw, ProofError

_ADDRESS_MASK: Final = (1 << 160) - 1
_WHOLE: Final = (_ADDRESS_MASK, (1 << 256) - 1)
"""Masks that leave an address as it is."""


def undetermined(what: str) -> ProofError:
    """The error of an answer that hangs on something that no proof shows."""
    return ProofError(Flaw.UNDETERMINED, f"the contract's answer hangs on {what}, which no proof shows")


def _refuse(value: Undetermined, *_: object) -> NoReturn:
    raise undetermined(value.what)


_REFUSED: Any = _refuse


class Undetermined:
    """One of these values; `what` names it. Whatever is done with it but moving it raises ProofError UNDETERMINED."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def refuse(self) -> NoReturn:
        """Raises the error."""
        _refuse(self)

    __bool__ = __index__ = __int__ = __invert__ = __neg__ = __abs__ = _REFUSED
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __hash__ = _REFUSED
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _REFUSED
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _REFUSED
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _REFUSED
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _REFUSED
    to_bytes = _REFUSED


class Caller(Undetermined):
    """The account that asks: any whose address the contract does not know, and so none that it compares it with.

    Whether it is one of `usual`, as which others than us might ask, is not to be answered: a contract that looks for
    these distinguishes its callers.
    """

    __slots__ = ("_usual",)

    def __init__(self, usual: Collection[int]) -> None:
        super().__init__("who asks")
        self._usual = frozenset(usual)

    def __eq__(self, other: object) -> bool:
        return not self._differs_from(other)

    def __and__(self, mask: object) -> Caller:
        return self if mask in _WHOLE else self.refuse()

    def __xor__(self, other: object) -> _Difference:
        return _Difference(self.what) if self._differs_from(other) else self.refuse()

    def _differs_from(self, other: object) -> bool:
        """True, of a number that is no usual caller's address, with whatever a mask takes off above its 160 bits."""
        if not isinstance(other, int) or other & _ADDRESS_MASK in self._usual:
            self.refuse()
        return True

    __hash__ = _REFUSED
    __rand__ = __and__
    __rxor__ = __sub__ = __rsub__ = __xor__


class _Difference(Undetermined):
    """What is left of the caller's address where another is taken from it: some number, but not zero."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return False if other == 0 else self.refuse()

    def __and__(self, mask: object) -> _Difference:
        return self if mask in _WHOLE else self.refuse()

    __hash__ = _REFUSED
    __rand__ = __and__
