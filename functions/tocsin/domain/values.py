"""What the standard library's dataclasses do, for less: a class is made, and a value changed, in fewer steps."""

from typing import TYPE_CHECKING, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    # The type checker knows by these names which fields a class has, and that nothing else is given.
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported
    from dataclasses import replace as replace  # noqa: PLC0414 - exported
else:
    import dataclasses
    from operator import attrgetter

    def dataclass(*, frozen: bool) -> object:
        """Make a dataclass that shares what is alike for all: how values are compared, hashed and shown.

        The library compiles each of these for each class anew. There are a hundred, and a process that starts to page
        somebody waits for that. Only for fields that are all compared and shown.
        """

        def made(kind: type) -> type:
            for name, method in _SHARED.items():
                if name not in vars(kind):
                    setattr(kind, name, method)
            kind = dataclasses.dataclass(frozen=frozen, eq=False, repr=False)(kind)
            kind.__fields__ = staticmethod(attrgetter(*kind.__dataclass_fields__))
            return kind

        return made

    def replace(value: T, /, **changes: object) -> T:
        """Copy a frozen dataclass in one step: an incident has forty fields, and a rule changes it several times.

        Only for classes that check and derive nothing when they are made (no `__post_init__`, no slots).
        """
        changed = object.__new__(type(value))
        vars(changed).update(vars(value), **changes)
        return changed

    # Not by what an object holds itself: a default that was not given may be held by its class alone.

    def _equal(self: object, other: object) -> bool:
        return self.__fields__(self) == other.__fields__(other) if type(self) is type(other) else NotImplemented

    def _hashed(self: object) -> int:
        return hash(self.__fields__(self))

    def _shown(self: object) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
        return f"{type(self).__qualname__}({fields})"

    _SHARED = {"__eq__": _equal, "__hash__": _hashed, "__repr__": _shown}
