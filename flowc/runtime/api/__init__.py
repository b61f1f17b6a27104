"""What flows import from `flowc` or `metaflow` beyond the marks of `dsl`, and how such an import is answered."""
