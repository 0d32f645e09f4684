"""Saves a model that has adapted to a text as a new run."""

import msgspec

from ptbterm.checkpoints import Checkpoint, save_checkpoint
from ptbterm.files import is_file
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
    counts = trained.word_counts().values() if is_file(source.word_counts_file) else ()
    weights = {f"{WEIGHTS}{key}": tensor for key, tensor in learner.model.named_weights().items()}

    def fill(new: Run) -> None:
        save_checkpoint(Checkpoint(weights, trained.position), new.last_checkpoint)
        adapted = RunAdapted(
            run=name,
            adapted_from=source.name,
            words=totals.words,
            perplexity=totals.perplexity,
            learning_rate=learner.learning_rate,
            checkpoint=new.last_checkpoint.name,
        )
        journal = Journal(new.events_file, lambda _: None)
        journal.append(adapted)
        journal.flush()

    return create_run(source.path.parent, name, record, trained.vocabulary.as_text(), counts, fill)
