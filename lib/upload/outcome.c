#include "upload/outcome.h"

#include <string.h>

#include <wildcam/time.h>

/* How far our clock may be from theirs before it, and not the secret, is taken for the reason. S3
 * itself allows 15 minutes; some say "access denied" for more. */
static const int64_t skew_of_bad_signature = INT64_C(4) * 60 * 1000000;
static const int64_t skew_of_refusal = INT64_C(15) * 60 * 1000000;

struct code {
    const char *word;
    enum wci_outcome outcome;
};

/* What S3's codes, and those of the servers that are like it, mean whatever the status beside them.
 */
static const struct code codes[] = {
    {"SlowDown", WCI_OUTCOME_THROTTLED},
    {"SlowDownRead", WCI_OUTCOME_THROTTLED},
    {"SlowDownWrite", WCI_OUTCOME_THROTTLED},
    {"Throttling", WCI_OUTCOME_THROTTLED},
    {"ThrottlingException", WCI_OUTCOME_THROTTLED},
    {"ThrottledException", WCI_OUTCOME_THROTTLED},
    {"RequestThrottled", WCI_OUTCOME_THROTTLED},
    {"RequestThrottledException", WCI_OUTCOME_THROTTLED},
    {"RequestLimitExceeded", WCI_OUTCOME_THROTTLED},
    {"TooManyRequests", WCI_OUTCOME_THROTTLED},
    {"TooManyRequestsException", WCI_OUTCOME_THROTTLED},
    {"BandwidthLimitExceeded", WCI_OUTCOME_THROTTLED},
    {"PriorRequestNotComplete", WCI_OUTCOME_THROTTLED},

    {"InternalError", WCI_OUTCOME_TRANSIENT},
    {"InternalFailure", WCI_OUTCOME_TRANSIENT},
    {"ServiceUnavailable", WCI_OUTCOME_TRANSIENT},
    {"RequestTimeout", WCI_OUTCOME_TRANSIENT},
    {"RequestTimeoutException", WCI_OUTCOME_TRANSIENT},
    /* the bytes were spoiled, or cut, on the way */
    {"BadDigest", WCI_OUTCOME_TRANSIENT},
    {"IncompleteBody", WCI_OUTCOME_TRANSIENT},
    {"XAmzContentSHA256Mismatch", WCI_OUTCOME_TRANSIENT},
    {"XAmzContentChecksumMismatch", WCI_OUTCOME_TRANSIENT},

    {"ConditionalRequestConflict", WCI_OUTCOME_CONFLICT},
    {"OperationAborted", WCI_OUTCOME_CONFLICT},
    {"PreconditionFailed", WCI_OUTCOME_EXISTS},

    {"RequestTimeTooSkewed", WCI_OUTCOME_SKEWED},
    {"RequestExpired", WCI_OUTCOME_SKEWED},
    {"RequestInTheFuture", WCI_OUTCOME_SKEWED},

    {"ExpiredToken", WCI_OUTCOME_EXPIRED},
    {"ExpiredTokenException", WCI_OUTCOME_EXPIRED},
    {"InvalidToken", WCI_OUTCOME_EXPIRED},
    {"TokenRefreshRequired", WCI_OUTCOME_EXPIRED},

    {"NoSuchUpload", WCI_OUTCOME_NO_PARTS},
    {"InvalidPart", WCI_OUTCOME_NO_PARTS},
    {"InvalidPartOrder", WCI_OUTCOME_NO_PARTS},

    {"NotImplemented", WCI_OUTCOME_UNSUPPORTED},

    {"EntityTooLarge", WCI_OUTCOME_IMPOSSIBLE},
    {"EntityTooSmall", WCI_OUTCOME_IMPOSSIBLE},
    {"KeyTooLongError", WCI_OUTCOME_IMPOSSIBLE},
    {"MetadataTooLarge", WCI_OUTCOME_IMPOSSIBLE},
    {"MaxMessageLengthExceeded", WCI_OUTCOME_IMPOSSIBLE},
    {"InvalidURI", WCI_OUTCOME_IMPOSSIBLE},

    /* a full region takes no other object either */
    {"XMinioStorageFull", WCI_OUTCOME_REFUSED},
    {"QuotaExceeded", WCI_OUTCOME_REFUSED},
};

static bool is_code(const struct wci_s3_answer *answer, const char *code)
{
    return strcmp(answer->code, code) == 0;
}

/* Whether an object comes into being by it. */
static bool makes_object(enum wci_s3_verb verb)
{
    return verb == WCI_S3_PUT || verb == WCI_S3_JOIN_PARTS;
}

static bool is_success(int status)
{
    return status >= 200 && status < 300;
}

bool wci_outcome_in_doubt(const struct wci_exchange *exchange, enum wci_s3_verb verb)
{
    if (!makes_object(verb) || !exchange->was_sent)
        return false;
    if (exchange->failure != WCI_LINK_OK)
        return exchange->status == 0 || is_success(exchange->status);
    return exchange->status == 502 || exchange->status == 504;
}

static enum wci_outcome outcome_of_failure(const struct wci_exchange *exchange,
                                           enum wci_s3_verb verb)
{
    switch (exchange->failure) {
    case WCI_LINK_RESOLVE:
    case WCI_LINK_UNREACHABLE:
        return WCI_OUTCOME_UNREACHABLE;
    case WCI_LINK_UNTRUSTED:
        return WCI_OUTCOME_UNTRUSTED;
    case WCI_LINK_LOCAL:
    case WCI_LINK_MEMORY:
        return WCI_OUTCOME_LOCAL;
    case WCI_LINK_CANCELLED:
        return WCI_OUTCOME_CANCELLED;
    case WCI_LINK_TLS:
    case WCI_LINK_BROKEN:
        /* A server closes what has been idle for long. That is news of the past. */
        if (exchange->was_reused && !exchange->was_answered)
            return WCI_OUTCOME_STALE;
        break;
    default:
        break;
    }
    return wci_outcome_in_doubt(exchange, verb) ? WCI_OUTCOME_AMBIGUOUS : WCI_OUTCOME_TRANSIENT;
}

static bool clocks_differ(const struct wci_s3_answer *answer, int64_t time, int64_t limit)
{
    if (answer->date == WILDCAM_TIME_NONE)
        return false;
    return answer->date > time ? answer->date - limit > time : time - limit > answer->date;
}

/* Codes that mean one thing or another. */
static enum wci_outcome outcome_of_code(const struct wci_s3_answer *answer, enum wci_s3_verb verb,
                                        int64_t time)
{
    if (is_code(answer, "SignatureDoesNotMatch"))
        return clocks_differ(answer, time, skew_of_bad_signature) ? WCI_OUTCOME_SKEWED
                                                                  : WCI_OUTCOME_REFUSED;
    if (is_code(answer, "AccessDenied"))
        return clocks_differ(answer, time, skew_of_refusal) ? WCI_OUTCOME_SKEWED
                                                            : WCI_OUTCOME_REFUSED;
    if (is_code(answer, "NoSuchKey") && (verb == WCI_S3_HEAD || verb == WCI_S3_DELETE))
        return WCI_OUTCOME_MISSING;
    /* Parts of odd sizes are the sender's affair, not the object's. */
    if (is_code(answer, "EntityTooSmall") && verb == WCI_S3_JOIN_PARTS)
        return WCI_OUTCOME_NO_PARTS;
    /* They were begun with checksums and go on without, or the other way round. */
    if (is_code(answer, "InvalidRequest") && (verb == WCI_S3_PUT_PART || verb == WCI_S3_JOIN_PARTS))
        return WCI_OUTCOME_NO_PARTS;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (is_code(answer, codes[i].word))
            return codes[i].outcome;
    return WCI_OUTCOME_COUNT;
}

/* The answer to a HEAD has no body, so its status is all there is. */
static enum wci_outcome outcome_of_bare_status(const struct wci_s3_answer *answer, int64_t time)
{
    switch (answer->status) {
    case 400: /* as S3 answers when a token has expired */
        return WCI_OUTCOME_EXPIRED;
    case 404:
        return WCI_OUTCOME_MISSING;
    case 403:
        return clocks_differ(answer, time, skew_of_refusal) ? WCI_OUTCOME_SKEWED
                                                            : WCI_OUTCOME_REFUSED;
    default:
        return WCI_OUTCOME_REFUSED;
    }
}

static enum wci_outcome outcome_of_status(const struct wci_s3_answer *answer, enum wci_s3_verb verb,
                                          int64_t time)
{
    int status = answer->status;
    bool is_of_s3 = answer->code[0] || answer->request_id[0];
    switch (status) {
    case 408:
    case 425:
        return WCI_OUTCOME_TRANSIENT;
    case 429:
    case 498: /* Swift's */
    case 509:
        return WCI_OUTCOME_THROTTLED;
    case 409:
        return WCI_OUTCOME_CONFLICT;
    case 412:
        return makes_object(verb) ? WCI_OUTCOME_EXISTS : WCI_OUTCOME_REFUSED;
    case 501:
        return WCI_OUTCOME_UNSUPPORTED;
    case 505:
    case 507:
        return WCI_OUTCOME_REFUSED;
    case 511: /* a portal wants a person to log in */
        return WCI_OUTCOME_UNTRUSTED;
    default:
        break;
    }
    if (status < 300 || status >= 500)
        return WCI_OUTCOME_TRANSIENT;
    if (verb == WCI_S3_HEAD && status >= 400)
        return outcome_of_bare_status(answer, time);
    if (verb == WCI_S3_DELETE && status == 404 && !answer->code[0])
        return WCI_OUTCOME_MISSING;
    return is_of_s3 ? WCI_OUTCOME_REFUSED : WCI_OUTCOME_UNTRUSTED;
}

static bool is_redirected(const struct wci_s3_answer *answer)
{
    if (!answer->region[0])
        return false;
    return (answer->status >= 300 && answer->status < 400) ||
           is_code(answer, "PermanentRedirect") || is_code(answer, "TemporaryRedirect") ||
           is_code(answer, "Redirect") || is_code(answer, "AuthorizationHeaderMalformed") ||
           is_code(answer, "IllegalLocationConstraintException");
}

/* A 2xx is worth what only S3 would say with it: a portal answers 200 to everything. */
static enum wci_outcome outcome_of_success(const struct wci_s3_answer *answer,
                                           enum wci_s3_verb verb)
{
    switch (verb) {
    case WCI_S3_PUT:
    case WCI_S3_PUT_PART:
    case WCI_S3_JOIN_PARTS:
        return answer->etag[0] ? WCI_OUTCOME_OK : WCI_OUTCOME_UNTRUSTED;
    case WCI_S3_BEGIN_PARTS:
        return answer->upload_id[0] ? WCI_OUTCOME_OK : WCI_OUTCOME_UNTRUSTED;
    default:
        return WCI_OUTCOME_OK;
    }
}

enum wci_outcome wci_outcome_of(const struct wci_exchange *exchange, enum wci_s3_verb verb,
                                const struct wci_s3_answer *answer, int64_t time)
{
    /* An answer that was cut says what its status says, unless that is yes. */
    if (exchange->failure != WCI_LINK_OK && (answer->status == 0 || is_success(answer->status)))
        return outcome_of_failure(exchange, verb);
    if (is_success(answer->status) && !answer->is_error)
        return outcome_of_success(answer, verb);
    if (is_redirected(answer))
        return WCI_OUTCOME_MOVED;
    enum wci_outcome outcome = outcome_of_code(answer, verb, time);
    if (outcome == WCI_OUTCOME_COUNT)
        outcome = outcome_of_status(answer, verb, time);
    if (outcome == WCI_OUTCOME_TRANSIENT && wci_outcome_in_doubt(exchange, verb))
        return WCI_OUTCOME_AMBIGUOUS;
    return outcome;
}

const char *wci_outcome_word(enum wci_outcome outcome)
{
    static const char *const words[] = {
#define WCI_OUTCOME_WORD(name, word) [WCI_OUTCOME_##name] = (word),
        WCI_OUTCOMES(WCI_OUTCOME_WORD)
#undef WCI_OUTCOME_WORD
    };
    return (unsigned)outcome < WCI_OUTCOME_COUNT ? words[outcome] : "unknown";
}
