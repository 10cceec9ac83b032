#include "model/credential.h"

#include <stdio.h>
#include <string.h>

#include "base/chance.h"
#include "base/memory.h"

static const struct {
    const char *prefix;
    size_t digits;
} kinds[] = {
#define KIND(name, prefix, digits) {prefix, digits},
    WCI_CREDENTIAL_KINDS(KIND)
#undef KIND
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

#define HEX "0123456789abcdef"
#define LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

wildcam_status wci_credential_refuse(void)
{
    return wci_fail(WILDCAM_ERR_AUTH, "the key or token is not valid");
}

wildcam_status wci_credential_new_id(enum wci_credential_kind kind, char id[WCI_CREDENTIAL_ID])
{
    return wci_chance_hex(id, kinds[kind].digits);
}

bool wci_credential_is_id(enum wci_credential_kind kind, const char *id)
{
    size_t digits = kinds[kind].digits;
    return strspn(id, HEX) == digits && id[digits] == '\0';
}

wildcam_status wci_credential_make(enum wci_credential_kind kind, const char *id,
                                   char text[WILDCAM_KEY_TEXT],
                                   unsigned char hash[WCI_DIGEST_BYTES])
{
    char secret[WCI_SECRET_CHARS + 1];
    wildcam_status status = wci_chance_text(secret, WCI_SECRET_CHARS);
    if (status == WILDCAM_OK) {
        snprintf(text, WILDCAM_KEY_TEXT, "%s_%s_%s", kinds[kind].prefix, id, secret);
        status = wci_digest_of(text, strlen(text), hash);
    }
    wci_wipe(secret, sizeof secret);
    if (status != WILDCAM_OK)
        wci_wipe(text, WILDCAM_KEY_TEXT);
    return status;
}

/* Reads the parts; what is behind the prefix and its underscore. */
static bool read_parts(const char *rest, size_t digits, char id[WCI_CREDENTIAL_ID])
{
    if (strspn(rest, HEX) != digits || rest[digits] != '_' ||
        strspn(rest + digits + 1, LETTERS) != WCI_SECRET_CHARS ||
        rest[digits + 1 + WCI_SECRET_CHARS] != '\0')
        return false;
    memcpy(id, rest, digits);
    id[digits] = '\0';
    return true;
}

wildcam_status wci_credential_read(const char *text, struct wci_credential *out)
{
    size_t length = strnlen(text, WILDCAM_KEY_TEXT);
    if (length == WILDCAM_KEY_TEXT)
        return wci_credential_refuse();
    for (int kind = 0; kind < KINDS; kind++) {
        size_t before = strlen(kinds[kind].prefix);
        if (strncmp(text, kinds[kind].prefix, before) != 0 || text[before] != '_' ||
            !read_parts(text + before + 1, kinds[kind].digits, out->id))
            continue;
        out->kind = (enum wci_credential_kind)kind;
        return wci_digest_of(text, length, out->hash);
    }
    return wci_credential_refuse();
}
