"""Saves a model that has adapted to a text as a new run."""

import msgspec

from ptbterm.checkpoints import Checkpoint, save_checkpoint
from ptbterm.inference.dynamic_evaluation import DynamicEvaluation
from ptbterm.inference.totals import Totals
from ptbterm.inference.trained_model import TrainedModel
from ptbterm.model.tensor_names import WEIGHTS
from ptbterm.runs.catalog import create_run
from ptbterm.runs.events import RunAdapted
from ptbterm.runs.journal import Journal
from ptbterm.runs.record import utc_now
from ptbterm.runs.run import Run


def save_adapted(trained: TrainedModel, learner: DynamicEvaluation, name: str, totals: Totals) -> Run:
    """Save `learner`'s model as a run, beside the run of `trained`; `totals` are those of the text.

    Raises `PtbtermError` if the name is taken or invalid.
    """
    source = trained.run
    facts = msgspec.structs.replace(trained.record.run, created=utc_now(), adapted_from=source.name)
    record = msgspec.structs.replace(trained.record, run=facts)
    counts = trained.word_counts().values() if source.word_counts_file.exists() else ()
    run = create_run(source.path.parent, name, record, trained.vocabulary.as_text(), counts)
    weights = {f"{WEIGHTS}{key}": tensor for key, tensor in learner.model.named_weights().items()}
    save_checkpoint(Checkpoint(weights, trained.position), run.last_checkpoint)
    Journal(run.events_file, lambda _: None).append(
        RunAdapted(
            run=run.name,
            adapted_from=source.name,
            words=totals.words,
            perplexity=totals.perplexity,
            learning_rate=learner.learning_rate,
            checkpoint=run.last_checkpoint.name,
        )
    )
    return run
