"""What the tests of resuming share."""

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.runs.events import (
    RunFinished,
)
from ptbterm.runs.run import Run
from ptbterm.training import session
from tests.training.tiny_runs import (
    ignore,
    never,
)

DROPOUT = "model.keep_prob=0.5"


def finish(run: Run, corpus: EncodedCorpus) -> None:
    assert isinstance(session.resume(run, [], corpus, ignore, never), RunFinished)
