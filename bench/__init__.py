"""./dev bench: the benchmark table. Every speed is a ratio against a peer or a limit in interleaved slices of the same run."""
