#include "base/chance.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"

enum { AT_ONCE = 64 };

wildcam_status wci_chance_fill(void *bytes, size_t size)
{
    unsigned char *to = bytes;
    while (size > 0) {
        ssize_t got = getrandom(to, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return wci_fail_os(errno, "the system gives no random bytes");
        to += got;
        size -= (size_t)got;
    }
    return WILDCAM_OK;
}

/* A byte past the last whole multiple of the letters would make the first ones likelier. */
static wildcam_status fill_from(const char *letters, char *text, size_t length)
{
    unsigned char chance[AT_ONCE];
    size_t count = strlen(letters), at = 0;
    unsigned limit = 256 - 256 % (unsigned)count;
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && at < length) {
        status = wci_chance_fill(chance, sizeof chance);
        for (size_t i = 0; status == WILDCAM_OK && i < sizeof chance && at < length; i++)
            if (chance[i] < limit)
                text[at++] = letters[chance[i] % count];
    }
    wci_wipe(chance, sizeof chance);
    text[status == WILDCAM_OK ? length : 0] = '\0';
    return status;
}

wildcam_status wci_chance_text(char *text, size_t length)
{
    return fill_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", text,
                     length);
}

wildcam_status wci_chance_hex(char *text, size_t length)
{
    return fill_from("0123456789abcdef", text, length);
}

uint64_t wci_chance(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

int64_t wci_backoff(int64_t first, int64_t longest, int failures, uint64_t chance)
{
    int64_t bound = first;
    for (int i = 1; i < failures && bound < longest; i++)
        bound *= 2;
    if (bound > longest)
        bound = longest;
    return (int64_t)(chance % (uint64_t)(bound + 1));
}
