"""The mutants that make no difference anybody could see, each with its reason."""

EQUIVALENT: dict[str, str] = {}
