/*
 * What an exchange came to: one line of the table that all retrying goes by. Pure.
 *
 * S3's error codes are listened to before HTTP's statuses. What is not known is never taken for the
 * object's fault, nor for success.
 */
#ifndef WCI_UPLOAD_OUTCOME_H
#define WCI_UPLOAD_OUTCOME_H

#include "upload/s3.h"

/* X(NAME, word for logs and metrics) */
#define WCI_OUTCOMES(X)                                                                            \
    X(OK, "ok")                                                                                    \
    X(STALE, "stale")             /* a pooled connection was dead already */                       \
    X(TRANSIENT, "transient")     /* may go better in a moment */                                  \
    X(AMBIGUOUS, "ambiguous")     /* all was sent and no answer came: it may be there */           \
    X(UNREACHABLE, "unreachable") /* no name, no route, no answer: the uplink may be down */       \
    X(THROTTLED, "throttled")     /* asks for fewer requests */                                    \
    X(CONFLICT, "conflict")       /* somebody else is writing this key */                          \
    X(EXISTS, "exists")           /* the key is there already: HEAD tells whether it is ours */    \
    X(MISSING, "missing")         /* a HEAD or DELETE found no such key */                         \
    X(SKEWED, "skewed")           /* our clock and theirs differ too much */                       \
    X(EXPIRED, "expired")         /* the credentials have */                                       \
    X(MOVED, "moved")             /* the bucket is in another region, which is told */             \
    X(REFUSED, "refused")         /* the settings are wrong, or the bucket's policy says no */     \
    X(UNTRUSTED, "untrusted")     /* it is not S3 who answers: a certificate that does not stand,  \
                                     a portal's page; or our clock is wrong */                     \
    X(NO_PARTS, "no_parts")       /* the multipart upload is no use any more: begin anew */        \
    X(UNSUPPORTED, "unsupported") /* the server cannot do a header that may be left out */         \
    X(IMPOSSIBLE, "impossible")   /* this object will never be taken */                            \
    X(LOCAL, "local")             /* the file could not be read */                                 \
    X(CANCELLED, "cancelled")

enum wci_outcome {
#define WCI_OUTCOME_VALUE(name, word) WCI_OUTCOME_##name,
    WCI_OUTCOMES(WCI_OUTCOME_VALUE)
#undef WCI_OUTCOME_VALUE
        WCI_OUTCOME_COUNT
};

const char *wci_outcome_word(enum wci_outcome outcome);

/* `time` is what the request was signed with: our clock and its region's offset. */
enum wci_outcome wci_outcome_of(const struct wci_exchange *exchange, enum wci_s3_verb verb,
                                const struct wci_s3_answer *answer, int64_t time);
/* Whether the server may have done what it was asked, though it did not say so: all was sent, and
 * what came back is no answer, or a gateway's that had none. */
bool wci_outcome_in_doubt(const struct wci_exchange *exchange, enum wci_s3_verb verb);

#endif
