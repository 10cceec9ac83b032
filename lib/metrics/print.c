#include "metrics/print.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

char *wci_print_whole(char *to, uint64_t value)
{
    char digits[20], *from = digits + sizeof digits;
    while (value >= 100) {
        from -= 2;
        memcpy(from, pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        from -= 2;
        memcpy(from, pairs + value * 2, 2);
    } else {
        *--from = (char)('0' + value);
    }
    size_t length = (size_t)(digits + sizeof digits - from);
    memcpy(to, from, length);
    return to + length;
}

/* Behind the point, so many digits of a number, less the zeros at its end. */
static char *print_decimals(char *to, uint32_t value, int digits)
{
    if (value == 0)
        return to;
    *to++ = '.';
    for (int i = digits - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    to += digits;
    while (to[-1] == '0')
        to--;
    return to;
}

char *wci_print_real(char *to, double value)
{
    char text[WCI_NUMBER_TEXT];
    if (isnan(value))
        return (char *)memcpy(to, "NaN", 3) + 3;
    if (isinf(value))
        return (char *)memcpy(to, value > 0 ? "+Inf" : "-Inf", 4) + 4;
    double size = fabs(value);
    if (value < 0)
        *to++ = '-';
    if (size < 9007199254740992.0 && size == (double)(uint64_t)size)
        return wci_print_whole(to, (uint64_t)size);
    /* i / 10^6 is rounded correctly, so that what gives the value back has its digits. */
    if (size < 8e9) {
        uint64_t scaled = (uint64_t)(size * 1e6 + 0.5);
        if ((double)scaled / 1e6 == size)
            return print_decimals(wci_print_whole(to, scaled / 1000000),
                                  (uint32_t)(scaled % 1000000), 6);
    }
    size_t length = wci_number_format_real(size, text);
    memcpy(to, text, length);
    return to + length;
}

char *wci_print_sum(char *to, struct wci_sum sum)
{
    uint64_t whole = (uint64_t)sum.whole;
    uint32_t billionths = sum.billionths;
    if (sum.whole < 0) { /* its billionths count upwards */
        *to++ = '-';
        whole = 0 - whole - (billionths > 0);
        billionths = billionths ? 1000000000 - billionths : 0;
    }
    return print_decimals(wci_print_whole(to, whole), billionths, 9);
}
