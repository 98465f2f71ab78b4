"""MNIST."""

from nndsl.data import Signal
from nndsl.data.archive import Archive
from nndsl.vocabulary.image_archive import ImageArchive


class Mnist(ImageArchive):
    """70,000 handwritten digits of 28 x 28 pixels in [0, 1]. LeCun, Cortes and Burges 1998.

    60,000 are learnt from (less the validation part), 10,000 are the test part. The files come
    from the folder NNDSL_DATA/mnist, or are downloaded once into the user's cache.
    """

    archive = Archive(
        "mnist",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {  # bytes and sha256, as many who keep the files publish them
            "training_images": (
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            "training_labels": (
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            "test_images": (
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            "test_labels": (
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        },
        signal=Signal(0.1307, 0.3081**2),
    )
