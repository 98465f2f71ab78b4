"""Functions that several words call. A script defines those that it calls, once."""

from nndsl.data.words import PATTERN

WORDS_OF = f'''
def words_of(text):
    """Return the words and the marks of a text, in small letters."""
    return re.findall(r"{PATTERN}", text.lower())
'''

SIGMOID = '''
def sigmoid(z):
    """Return 1 / (1 + exp(-z))."""
    with np.errstate(over="ignore"):   # exp(-z) may be infinite: then this is 0
        return 1 / (1 + np.exp(-z))
'''
SOFTMAX = '''
def softmax(x):
    """Return exp(x) / sum(exp(x)) along the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))   # at most 1
    return e / e.sum(axis=-1, keepdims=True)
'''
LOG_SOFTMAX = '''
def log_softmax(x):
    """Return the logarithm of softmax(x)."""
    shifted = x - x.max(axis=-1, keepdims=True)   # the same, and exp is at most 1
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
'''
