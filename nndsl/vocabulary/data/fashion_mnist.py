"""Fashion-MNIST."""

from nndsl.data import Signal
from nndsl.data.archive import Archive
from nndsl.vocabulary.image_archive import ImageArchive


class FashionMnist(ImageArchive):
    """70,000 pictures of clothes in 10 classes, 28 x 28 pixels in [0, 1]. Xiao et al. 2017.

    60,000 are learnt from (less the validation part), 10,000 are the test part. The files come
    from the folder NNDSL_DATA/fashion-mnist, or are downloaded once into the user's cache.
    """

    archive = Archive(
        "fashion-mnist",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        {  # bytes and sha256 of the files whose md5 the authors publish
            "training_images": (
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            "training_labels": (
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            "test_images": (
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            "test_labels": (
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        },
        signal=Signal(0.2860, 0.3530**2),
    )
