"""Tables for a terminal."""

from dataclasses import dataclass, field


@dataclass
class Table:
    """The first column is text, the rest are figures."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    note: str = ""

    def add(self, *cells: str) -> None:
        """Raises ValueError for a row that does not fit the header."""
        if len(cells) != len(self.header):
            raise ValueError(f"{self.title}: got {len(cells)} cells; the header has {len(self.header)}")
        self.rows.append(cells)

    def text(self) -> str:
        rows = [self.header, *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.header))]
        lines = [
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([self.title, "-" * len(lines[0]), *lines, *([self.note] if self.note else []), ""])
