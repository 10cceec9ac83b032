/*
 * Keys and tokens as texts: PREFIX_ID_SECRET. The id finds what is stored, which is the SHA-256 of
 * the whole text.
 */
#ifndef WCI_MODEL_CREDENTIAL_H
#define WCI_MODEL_CREDENTIAL_H

#include <wildcam/access.h>

#include "base/digest.h"

/* The one list of their kinds: X(NAME, prefix, digits of the id). A session's id is itself beyond
 * guessing: who knows it has had one of the session's tokens. */
#define WCI_CREDENTIAL_KINDS(X)                                                                    \
    X(KEY, "wk", 8)                                                                                \
    X(ACCESS, "wa", 32)                                                                            \
    X(REFRESH, "wr", 32)

enum wci_credential_kind {
#define WCI_KIND(name, prefix, digits) WCI_CREDENTIAL_##name,
    WCI_CREDENTIAL_KINDS(WCI_KIND)
#undef WCI_KIND
};

/* 43 characters of 62 are 256 bits. */
enum { WCI_CREDENTIAL_ID = 33, WCI_SECRET_CHARS = 43 };

struct wci_credential {
    enum wci_credential_kind kind;
    char id[WCI_CREDENTIAL_ID];
    unsigned char hash[WCI_DIGEST_BYTES];
};

/* Makes up a secret for an id. */
wildcam_status wci_credential_make(enum wci_credential_kind kind, const char *id,
                                   char text[WILDCAM_KEY_TEXT],
                                   unsigned char hash[WCI_DIGEST_BYTES]);
/* Makes up an id. */
wildcam_status wci_credential_new_id(enum wci_credential_kind kind, char id[WCI_CREDENTIAL_ID]);
/* WILDCAM_ERR_AUTH for what is of no kind. */
wildcam_status wci_credential_read(const char *text, struct wci_credential *out);
/* Whether a text is an id of this kind. */
bool wci_credential_is_id(enum wci_credential_kind kind, const char *id);
/* The one sentence for whatever is wrong with one. */
wildcam_status wci_credential_refuse(void);

#endif
