"""One frozen dataclass per page: the whole context of its template."""
