/* Numbers as text, whatever the locale. */
#ifndef WCI_BASE_NUMBER_H
#define WCI_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WCI_NUMBER_TEXT = 32 };

/* The whole of text must be the number: no white space, no plus sign, no leftover. */
bool wci_number_parse_int(const char *text, int64_t *value);
bool wci_number_parse_real(const char *text, double *value);

/* Its length. */
size_t wci_number_format_int(int64_t value, char buffer[WCI_NUMBER_TEXT]);

/* The lowest `count` digits of a number that is not negative, and nothing behind them. */
void wci_number_put_digits(char *to, int64_t value, int count);

/* The shortest decimal that reads back as the same double; finite values only. Its length. */
size_t wci_number_format_real(double value, char buffer[WCI_NUMBER_TEXT]);

#endif
