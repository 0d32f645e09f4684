"""Speed, measured: one command a table. Each prints it, and writes it as JSON with `--json FILE`.

    python -m benchmarks.steps CORPUS          words a second beside the textbook program, share of the GEMM limit
    python -m benchmarks.minutes CORPUS        perplexity by minutes of training, beside the textbook's 13 epochs
    python -m benchmarks.answers CORPUS        evaluation, surprisal and chat
    python -m benchmarks.keys CORPUS           from a key to its ranking, over an hour of typing into the chat
    python -m benchmarks.startup               from command to --help, to torch, to the first window
    python -m benchmarks.dashboard             first paint, following a log, a slow line, cost to the training
    python -m benchmarks.growth                with the vocabulary and with the hidden size
    python -m benchmarks.saving CORPUS         what checkpoints cost, as a share of the training
    python -m benchmarks.busy CORPUS           steps and answers beside 0, 1, 2 and 6 busy processes; limits
    python -m benchmarks.versions CORPUS DIR   steps of every preset beside those of an earlier checkout
    python -m benchmarks.kinds [RUN]           whether the neighbors of a word vector are words of its kind

CORPUS is a folder that holds the Penn Treebank, or any corpus that `--corpus` takes. Times on shared machines are
noisy: what is compared is alternated, and the median of the ratios is what counts.
"""

import ptbterm  # noqa: F401 - before torch, which reads how threads wait as it is imported
