"""The length of a training, the learning rate of each window, and which windows use the sampled softmax."""

import math

from ptbterm.settings.schema import TrainingSettings


def total_windows(settings: TrainingSettings, windows_per_epoch: int) -> int:
    """Return the total number of windows: `windows`, or that of `epochs` whole epochs."""
    return settings.windows or settings.epochs * windows_per_epoch


def total_epochs(settings: TrainingSettings, windows_per_epoch: int) -> int:
    """Return the number of epochs, the last of which may be cut short by `windows`."""
    return math.ceil(total_windows(settings, windows_per_epoch) / windows_per_epoch)


def learning_rate(settings: TrainingSettings, done: int, windows_per_epoch: int) -> float:
    """Return the learning rate of the window that follows `done` windows.

    `decay`: full for `full_rate_epochs`, then times `decay` in each further one. The notebook's `learning_rate *
    decay ** max(i - max_epoch, 0)` with i from 0 is this with full_rate_epochs = max_epoch + 1; TensorFlow's
    tutorial, `max(i + 1 - max_epoch, 0)`, is this as it stands. Where `windows` says how long the training is, the
    epochs of the schedule are `settings.epochs` equal parts of it. `cosine`: up for `warmup_windows`, then down to
    `final_rate` of the full rate (Loshchilov and Hutter 2017).
    """
    total = total_windows(settings, windows_per_epoch)
    # tour shows: decay
    if settings.schedule == "decay":
        epochs_done = done * settings.epochs // total
        decayed_epochs = max(epochs_done + 1 - settings.full_rate_epochs, 0)
        return settings.learning_rate * float(settings.decay**decayed_epochs)

    # tour shows: cosine
    share = done / total
    falling = settings.final_rate + (1 - settings.final_rate) * (1 + math.cos(math.pi * share)) / 2
    return settings.learning_rate * falling * min(1.0, (done + 1) / (settings.warmup_windows + 1))


def sampled_windows(settings: TrainingSettings, windows_per_epoch: int) -> int:
    """Return how many windows, from the first, use the sampled softmax if it is enabled."""
    return round(total_windows(settings, windows_per_epoch) * (1 - settings.full_softmax))
