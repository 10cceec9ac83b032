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

/* ---- the shortest decimal of a double ---- */

__extension__ typedef unsigned __int128 wide;

static const uint64_t powers[] = {1u,
                                  10u,
                                  100u,
                                  1000u,
                                  10000u,
                                  100000u,
                                  1000000u,
                                  10000000u,
                                  100000000u,
                                  1000000000u,
                                  10000000000u,
                                  100000000000u,
                                  1000000000000u,
                                  10000000000000u,
                                  100000000000000u,
                                  1000000000000000u,
                                  10000000000000000u,
                                  100000000000000000u,
                                  1000000000000000000u,
                                  10000000000000000000u};

/* Between these, exact arithmetic in 128 bits is enough. */
#define EXACT_LEAST 0x1p-16
#define EXACT_END 0x1p53

/* Takes as many digits off a number between two bounds as can be. */
static uint64_t shorten(uint64_t low, uint64_t value, uint64_t high)
{
    int digits = 0;
    while (digits < 18 && high / powers[digits + 1] * powers[digits + 1] >= low)
        digits++;
    uint64_t unit = powers[digits], nearest = (value + unit / 2) / unit * unit;
    if (nearest > high)
        nearest -= unit;
    return nearest < low ? nearest + unit : nearest;
}

/*
 * A double is a mantissa times a power of two, and every decimal nearer to it than to its
 * neighbours reads back as it. Times 10^decimals, which makes 17 or 18 digits before the point, the
 * half ways to the neighbours are exact in quarters of a mantissa's unit; of what is between them
 * the one that ends in the most zeros is the shortest. The half ways of numbers that are not whole
 * have more digits themselves, so that none of them is met. A power of two has a neighbour below
 * that is nearer; here such a number has so few digits that nothing shorter is that near.
 */
static uint64_t find_shortest(double value, int *decimals)
{
    const uint64_t hidden = UINT64_C(1) << 52;
    uint64_t bits = wci_double_bits(value), mantissa = (bits & (hidden - 1)) | hidden;
    int exponent = (int)(bits >> 52) - 1023; /* of the first binary digit */
    int tens = exponent < 0 ? -((-exponent * 30103 + 99999) / 100000) : exponent * 30103 / 100000;
    int shift = 54 - exponent;
    *decimals = 16 - tens;
    wide scale = powers[*decimals > 19 ? 19 : *decimals];
    if (*decimals > 19)
        scale *= powers[*decimals - 19];
    wide quarters = (wide)mantissa * 4;
    wide low = (quarters - 2) * scale, high = (quarters + 2) * scale;
    return shorten((uint64_t)(low >> shift) + 1, (uint64_t)((quarters * scale) >> shift),
                   (uint64_t)(high >> shift));
}

/* Digits with a point among, or zeros before them. */
static char *print_with_point(char *to, uint64_t digits, int decimals)
{
    char text[20];
    while (digits % 10 == 0) {
        digits /= 10;
        decimals--;
    }
    int length = (int)(wci_print_whole(text, digits) - text), whole = length - decimals;
    if (whole > 0) {
        memcpy(to, text, (size_t)whole);
        to += whole;
    } else {
        *to++ = '0';
    }
    *to++ = '.';
    for (; whole < 0; whole++)
        *to++ = '0';
    memcpy(to, text + whole, (size_t)(length - whole));
    return to + (length - whole);
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
    if (size >= EXACT_LEAST && size < EXACT_END) {
        int decimals;
        uint64_t digits = find_shortest(size, &decimals);
        return print_with_point(to, digits, decimals);
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
