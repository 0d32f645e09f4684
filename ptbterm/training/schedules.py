"""The learning rate of each epoch."""

from ptbterm.settings.schema import TrainingSettings


def learning_rate(settings: TrainingSettings, epoch: int) -> float:
    """Return the rate of an epoch, from 1: full for `full_rate_epochs`, then times `decay` in each further one.

    The notebook's `learning_rate * decay ** max(i - max_epoch, 0)` with i from 0 is this with
    full_rate_epochs = max_epoch + 1; TensorFlow's tutorial, `max(i + 1 - max_epoch, 0)`, is this as it stands.
    """
    decayed_epochs = max(epoch - settings.full_rate_epochs, 0)
    return settings.learning_rate * float(settings.decay**decayed_epochs)
