"""A run over many files: which are worth parsing, what each depends on, workers, the cache, suppressions."""
