"""What an import hands about: problems, the refusal, and the plan of a file that is right."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.exchange.imports.county_file import CountyFile
from scheduler.exchange.imports.toml_lines import LineMap
from scheduler.kernel.errors import Refusal
from scheduler.kernel.sentences import Sentence


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One thing wrong with the file. `line` counts from 1; `field` reads e.g. "room[3].kind"."""

    line: int
    field: str
    sentence: Sentence

    @property
    def message(self) -> str:
        """The sentence in Chinese."""
        return str(self.sentence)


class ImportRefused(Refusal):
    """the file cannot be imported"""

    def __init__(self, problems: tuple[ImportProblem, ...]) -> None:
        super().__init__("; ".join(f"{p.line} {p.field}: {p.message}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """A file that is right in itself, ready for `load_county`."""

    file: CountyFile
    lines: LineMap


@dataclass(slots=True)
class KindCount:
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """How many rows of each kind (the file's table names) were created, updated, unchanged."""

    county_id: str
    county_name: str
    kinds: Mapping[str, KindCount]

    @property
    def created(self) -> int:
        return sum(kind.created for kind in self.kinds.values())

    @property
    def updated(self) -> int:
        return sum(kind.updated for kind in self.kinds.values())

    @property
    def unchanged(self) -> int:
        return sum(kind.unchanged for kind in self.kinds.values())

    def counts(self) -> dict[str, object]:
        """Return the sums over every kind."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
        }
