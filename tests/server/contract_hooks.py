"""
What schemathesis has to know beside /api/openapi.json: how a JPEG looks, and what no schema can
say. It runs in a Python of its own (tests/peers.sh), as its SCHEMATHESIS_HOOKS.

Two of its checks are replaced by stricter readings of the same: a refusal of what the schemas allow
must give a reason that is listed here, and what is passed over as unknown need not be refused.
"""

import os
import re
from pathlib import Path

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.jsonschema import make_validator
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.transport.serialization import Binary

PICTURES = [path.read_bytes() for path in
            sorted(Path(os.environ["WILDCAM_TEST_PICTURES"]).glob("*.jpg"))]

# Bytes behind a picture's end are its own, so each can be new.
JPEGS = st.builds(lambda picture, rest: Binary(picture + rest), st.sampled_from(PICTURES),
                  st.one_of(st.just(b""), st.binary(max_size=8)))
schemathesis.openapi.format("binary", JPEGS)
schemathesis.openapi.media_type("image/jpeg", JPEGS)

# Why a request may be refused that the schemas allow: status and sentence.
BEYOND_SCHEMAS = [
    (400, r"is over \d+ bytes|or one that is too long$"),  # x-maxBytes: schemas count characters
    (413, r"is over \d+ bytes"),
    (400, r"is no time from 2000 to now"),
    # the 30th of February, and an offset that leads out of the years
    (400, r'"(....-..-(29|30|31).*|1970-01-01.*|2106-.*)" is no ISO 8601 time'),
    (400, r"^start_date .* is after end_date"),
    (400, r"^a deployment ends after it starts|^a failure ends after it begins"),
    (400, r"^the failure from .* is not within the deployment's span"),
    (400, r"^latitude and longitude come together|^a camera has a camera_height or a camera_depth"),
    (400, r"^a correction's times are whole seconds apart"),
    (400, r"^correction is two times that are both without an offset"),
    (400, r"^after: the cursor was made in the other order"),
    (400, r"^the span ends before it begins, or after 2106"),
    (400, r"^a report is of at most \d+ days"),
    (400, r'^the id is a whole number above 0, not "None"'),  # a link to what an answer has as null
    (404, r"^there is no camera"),
    (409, r"^it overlaps deployment |^there is a deployment "),
    (413, r"^extra is over"),
    (400, r"^page \d+ is past 100000 detections"),
    (400, r"^bbox has no part inside the picture"),
    (400, r"too big (negative )?integer|real number overflow"),  # JSON's numbers have no end
    (400, r"^device_id is required"),  # in one of three places
    (400, r"^device_id is 1 to 50"),  # also where other bodies do not need it
    (400, r"^a header has a control character in it"),  # HTTP's own rule, for all of them
    (400, r"^the selector "),  # a language of its own
    (415, r"^it has only 0 bytes"),  # its coverage phase sends no picture, in spite of minLength
    (416, r"^the picture has \d+ bytes"),
]


def reason(response):
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return ""


@schemathesis.check
def refusal_has_a_reason(ctx, response, case):
    """positive_data_acceptance, but for what no schema can say."""
    try:
        return positive_data_acceptance(ctx, response, case)
    except RejectedPositiveData:
        if any(response.status_code == status and re.search(words, reason(response))
               for status, words in BEYOND_SCHEMAS):
            return None
        raise


def without_files(value):
    """A form with a text for each file, as its schema has it."""
    if isinstance(value, dict):
        return {name: without_files(item) for name, item in value.items()}
    return "a file" if isinstance(value, (bytes, Binary)) else value


def as_sent(case):
    """A form has no part for an empty list."""
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        return {name: item for name, item in case.body.items() if item != []}
    return case.body


def is_right(case):
    """Whether a body that was to be wrong is as the schema wants it: one way of several was."""
    for body in case.operation.body:
        if body.media_type == case.media_type:
            validator = case.operation.schema.adapter.jsonschema_validator_cls
            return make_validator(body.validation_schema, validator).is_valid(
                without_files(as_sent(case)))
    return False


@schemathesis.check
def wrong_is_refused(ctx, response, case):
    """negative_data_rejection, but for what is not wrong here."""
    try:
        return negative_data_rejection(ctx, response, case)
    except AcceptedNegativeData:
        data = case.meta.phase.data
        if case.meta.is_negative_at(ParameterLocation.BODY) and is_right(case):
            return None
        if data.description == "Positive test case":  # it found nothing to make wrong
            return None
        mutations = getattr(data, "mutations", ())
        if mutations and all(set(each.keywords) == {"additionalProperties"} and
                             each.parameter_location != ParameterLocation.BODY
                             for each in mutations):  # what nobody has asked for is passed over
            return None
        raise
