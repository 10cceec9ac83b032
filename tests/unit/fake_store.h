/* What the fake S3 keeps. */
#ifndef TESTS_UNIT_FAKE_STORE_H
#define TESTS_UNIT_FAKE_STORE_H

#include "fake_s3.h"

struct fake_answer {
    int status;
    const char *code; /* of an error; NULL for none */
    struct wci_text head, body;
};

void store_reset(void);
/* Does what a request asks, as S3 does. */
void store_do(const struct fake_request *request, const char *id, const struct wci_body *body,
              const char *headers, struct fake_answer *answer);

#endif
