"""All lints, by their codes: the one place where a new one is entered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nndsl.lints import (
    activations,
    data,
    names,
    normalisation,
    positions,
    regularisation,
    training,
    variance,
    weights,
    windows,
)
from nndsl.lints.context import Finding, LintContext, SpecContext

# These need no network: they are said beside its errors.
OF_THE_SPEC: Mapping[str, Callable[[SpecContext], Iterator[Finding]]] = {
    "NN441": regularisation.coupled_decay,
    "NN442": training.learning_rate,
    "NN443": training.large_batch,
    "NN444": training.endless_warmup,
    "NN445": training.dying_rate,
    "NN446": training.vain_patience,
    "NN447": training.tiny_bound,
    "NN448": training.oversoft_targets,
    "NN449": regularisation.overshooting_decay,
    "NN452": data.row_number,
    "NN453": data.copied_target,
    "NN456": data.many_left_out,
}
OF_THE_NETWORK: Mapping[str, Callable[[LintContext], Iterator[Finding]]] = {
    "NN403": names.unused_parameter,  # beside a wrong name the error says enough
    "NN411": weights.equal_weights,
    "NN412": weights.weak_weights,
    "NN413": variance.signal_scale,
    "NN414": variance.large_scores,
    "NN415": variance.gradient_scale,
    "NN416": variance.saturation,
    "NN421": activations.missing_activation,
    "NN422": activations.applied_twice,
    "NN423": activations.bounded_scores,
    "NN424": activations.bounded_prediction,
    "NN425": activations.error_of_classes,
    "NN431": normalisation.idle_offset,
    "NN432": normalisation.dropout_before_normalisation,
    "NN433": normalisation.dropout_of_output,
    "NN434": normalisation.high_drop_rate,
    "NN435": normalisation.single_example,
    "NN451": data.different_scales,
    "NN454": data.large_inputs,
    "NN455": regularisation.too_many_parameters,
    "NN461": windows.unseen_rest,
    "NN462": positions.visible_answer,
    "NN463": windows.oversized_window,
    "NN464": positions.closed_memory,
}
ELSEWHERE = ("NN401", "NN402")  # found while names get their meaning, and in allowances
CODES = frozenset({*OF_THE_SPEC, *OF_THE_NETWORK, *ELSEWHERE})
